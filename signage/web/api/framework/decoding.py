"""Decodes query parameters and request bodies into the operation's types; every invalid field is reported by name."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

import msgspec

from signage.faults import Fault, FaultLocation, Refused, refuse
from signage.web.http.json_body import JsonError, decode_any_json

PARAMETER_RANGES = {"limit": (1, 1000)}
MAX_SAFE_INTEGER = 2**53 - 1
_ERROR_PATH = re.compile(r" - at `\$\.?(.*?)`\Z")


def decode_json(data: bytes, kind: type) -> Any:
    """Decode a JSON object into a *kind* (a Struct). Raises Refused with every fault; ``json-unreadable`` is a 400."""
    return _decode_fields(decode_object(data) if data.strip() else {}, kind, strict=True)


def decode_object(data: bytes) -> dict[str, Any]:
    """Decode a JSON object. Raises Refused."""
    try:
        fields = decode_any_json(data)
    except JsonError as error:
        raise refuse("json-unreadable", "body", why=str(error)[:200]) from error
    if not isinstance(fields, dict):
        raise refuse("json-no-object", "body")
    return fields


def decode_query(parameters: Mapping[str, str], kind: type) -> Any:
    """Decode query parameters into a *kind*. Raises Refused with every fault."""
    query = _decode_fields(parameters, kind, strict=False)
    faults = [
        Fault("error", "field-range", FaultLocation(key=name), {"least": minimum, "most": maximum})
        for name, (minimum, maximum) in PARAMETER_RANGES.items()
        if not minimum <= getattr(query, name, minimum) <= maximum
    ]
    if faults:
        raise Refused(faults)
    return query


def _decode_fields(said: Mapping[str, Any], kind: type, *, strict: bool) -> Any:
    fields_by_name = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    faults: list[Fault] = []
    values: dict[str, Any] = {}
    for name in said:
        if name not in fields_by_name:
            suggestions = get_close_matches(str(name), fields_by_name, 1)
            facts = {
                "name": str(name)[:60],
                "known": suggestions[0] if suggestions else ", ".join(fields_by_name) or "—",
            }
            faults.append(Fault("error", "field-unknown", FaultLocation(key=str(name)[:60]), facts))
    for name, field in fields_by_name.items():
        if name not in said:
            if field.required:
                faults.append(Fault("error", "form-needed", FaultLocation(key=name)))
            continue
        if _has_unsafe_integer(said[name]):
            faults.append(_build_field_fault(name, f"Expected `int` <= {MAX_SAFE_INTEGER}"))
            continue
        try:
            values[field.name] = msgspec.convert(said[name], field.type, strict=strict)
        except (msgspec.ValidationError, OverflowError) as error:
            faults.append(_build_field_fault(name, str(error)))
    if faults:
        raise Refused(faults)
    return kind(**values)


def _has_unsafe_integer(value: Any) -> bool:
    """Whether *value* contains an integer that databases and JSON readers do not represent exactly."""
    pending = [value]
    while pending:
        current = pending.pop()
        if isinstance(current, int) and abs(current) > MAX_SAFE_INTEGER:
            return True
        if isinstance(current, list | dict):
            pending += current.values() if isinstance(current, dict) else current
    return False


def _build_field_fault(name: str, why: str) -> Fault:
    at = _ERROR_PATH.search(why)
    key = f"{name}{'' if not at or at[1].startswith('[') else '.'}{at[1]}" if at else name
    return Fault("error", "field-wrong", FaultLocation(key=key), {"why": _ERROR_PATH.sub("", why)[:200]})
