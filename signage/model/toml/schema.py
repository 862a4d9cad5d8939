"""Check tables against a schema of keys."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from signage.model.toml.field_types import FieldError, FieldListError, FieldType, format_toml_value
from signage.model.toml.findings import MAX_FAULTS, Finding, make_error, suggest_error
from signage.model.toml.recovering_parser import ParsedToml
from signage.model.toml.statements import KeyPath


@dataclass(frozen=True, slots=True)
class KeySchema:
    """Type of a key, and whether it is required."""

    field_type: FieldType
    required: bool = False


TableSchema = Mapping[str, KeySchema]


@dataclass(slots=True)
class TableReader:
    """Reads tables into values and collects findings."""

    parsed: ParsedToml
    findings: list[Finding] = field(default_factory=list)

    def read_table(
        self, path: KeyPath, value: object, keys: TableSchema, *, inner: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        """Return the valid values of a table; *inner* are keys that the caller reads itself."""
        if not isinstance(value, dict):
            self.add_error(path, "not-table", value=format_toml_value(value))
            return {}
        for name in value:
            if len(self.findings) > MAX_FAULTS:
                break
            if name not in keys and name not in inner and not self.is_set_aside((*path, name)):
                self.findings.append(
                    suggest_error("key-unknown", (*path, name), name, (*keys, *inner), keys=", ".join((*keys, *inner)))
                )
        read: dict[str, Any] = {}
        for name, key in keys.items():
            at = (*path, name)
            if self.is_set_aside(at):
                continue
            if name in value:
                self._read_value(at, name, key, value[name], read)
            elif key.required:
                self.add_error(at, "key-missing", name=name)
        return read

    def _read_value(self, at: KeyPath, name: str, key: KeySchema, value: object, read: dict[str, Any]) -> None:
        try:
            read[name] = key.field_type(value)
        except FieldError as e:
            for element_error in e.errors if isinstance(e, FieldListError) else (e,):
                self.add_error(
                    at if element_error.index is None else (*at, element_error.index),
                    element_error.code,
                    **{"name": name, **element_error.facts},
                )

    def read_tables(self, name: str, value: object, keys: TableSchema) -> list[dict[str, Any]]:
        """Read an array of tables; an element that is no table gives an empty one."""
        if self.is_set_aside((name,)):
            return []
        if not isinstance(value, list):
            self.add_error((name,), "not-tables", name=name)
            return []
        return [self.read_table((name, n), v, keys) for n, v in enumerate(value)]

    def is_set_aside(self, path: KeyPath) -> bool:
        """Return whether the value at *path* could not be parsed and was reported already."""
        return path in self.parsed.unreadable_paths

    def add_error(self, path: KeyPath, code: str, **facts: object) -> None:
        self.findings.append(make_error(code, path, **facts))
