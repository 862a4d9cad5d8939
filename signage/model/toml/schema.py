"""Tables against the keys that they may have."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from signage.model.toml.field_types import Kind, UnfitError, UnfitListError, shown
from signage.model.toml.findings import MOST_FAULTS, Found, Path, error, near
from signage.model.toml.tolerant_parser import Parsed


@dataclass(frozen=True, slots=True)
class Key:
    """What a key may hold, and whether it has to be there."""

    kind: Kind
    required: bool = False


Keys = Mapping[str, Key]


@dataclass(slots=True)
class Reading:
    """A file on its way to values: what was read, what is wrong."""

    parsed: Parsed
    found: list[Found] = field(default_factory=list)

    def table(self, path: Path, value: object, keys: Keys, *, inner: tuple[str, ...] = ()) -> dict[str, Any]:
        """The values of a table that are as they should be; *inner* are keys that somebody else reads."""
        if not isinstance(value, dict):
            self.wrong(path, "not-table", value=shown(value))
            return {}
        for name in value:
            if len(self.found) > MOST_FAULTS:
                break
            if name not in keys and name not in inner and not self.aside((*path, name)):
                self.found.append(
                    near("key-unknown", (*path, name), name, (*keys, *inner), keys=", ".join((*keys, *inner)))
                )
        read: dict[str, Any] = {}
        for name, key in keys.items():
            at = (*path, name)
            if self.aside(at):
                continue
            if name in value:
                self._value(at, name, key, value[name], read)
            elif key.required:
                self.wrong(at, "key-missing", name=name)
        return read

    def _value(self, at: Path, name: str, key: Key, value: object, read: dict[str, Any]) -> None:
        try:
            read[name] = key.kind(value)
        except UnfitError as e:
            for one in e.each if isinstance(e, UnfitListError) else (e,):
                self.wrong(at if one.at is None else (*at, one.at), one.code, **{"name": name, **one.facts})

    def tables(self, name: str, value: object, keys: Keys) -> list[dict[str, Any]]:
        """An array of tables; an element that is none is an empty one."""
        if self.aside((name,)):
            return []
        if not isinstance(value, list):
            self.wrong((name,), "not-tables", name=name)
            return []
        return [self.table((name, n), v, keys) for n, v in enumerate(value)]

    def aside(self, path: Path) -> bool:
        """Whether what stands there could not be read, which is said already."""
        return path in self.parsed.aside

    def wrong(self, path: Path, code: str, **facts: object) -> None:
        self.found.append(error(code, path, **facts))
