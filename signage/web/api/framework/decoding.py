"""What a program sends, read into the types of the table: every field that is wrong is told, each with its name."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

import msgspec

from signage.faults import Fault, FaultLocation, Refused, refuse

PARAMETER_RANGES = {"limit": (1, 1000)}
MAX_SAFE_INTEGER = 2**53 - 1
_ERROR_PATH = re.compile(r" - at `\$\.?(.*?)`\Z")


def decode_json(data: bytes, kind: type) -> Any:
    """*data* as a value of *kind* (a Struct). Raises Refused with all that is wrong; ``json-unreadable`` is a 400."""
    try:
        said = msgspec.json.decode(data) if data.strip() else {}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise refuse("json-unreadable", "body", why=str(error)[:200]) from error
    if not isinstance(said, dict):
        raise refuse("json-no-object", "body")
    return _decode_fields(said, kind, strict=True)


def decode_query(said: Mapping[str, str], kind: type) -> Any:
    """The parameters of an address as a value of *kind*. Raises Refused with all that is wrong."""
    found = _decode_fields(said, kind, strict=False)
    faults = [
        Fault("error", "field-range", FaultLocation(key=name), {"least": least, "most": most})
        for name, (least, most) in PARAMETER_RANGES.items()
        if not least <= getattr(found, name, least) <= most
    ]
    if faults:
        raise Refused(faults)
    return found


def _decode_fields(said: Mapping[str, Any], kind: type, *, strict: bool) -> Any:
    fields = {one.encode_name: one for one in msgspec.structs.fields(kind)}
    faults: list[Fault] = []
    values: dict[str, Any] = {}
    for name in said:
        if name not in fields:
            near = get_close_matches(str(name), fields, 1)
            facts = {"name": str(name)[:60], "known": near[0] if near else ", ".join(fields) or "—"}
            faults.append(Fault("error", "field-unknown", FaultLocation(key=str(name)[:60]), facts))
    for name, one in fields.items():
        if name not in said:
            if one.required:
                faults.append(Fault("error", "form-needed", FaultLocation(key=name)))
            continue
        if _has_unsafe_integer(said[name]):
            faults.append(_build_field_fault(name, f"Expected `int` <= {MAX_SAFE_INTEGER}"))
            continue
        try:
            values[one.name] = msgspec.convert(said[name], one.type, strict=strict)
        except (msgspec.ValidationError, OverflowError) as error:
            faults.append(_build_field_fault(name, str(error)))
    if faults:
        raise Refused(faults)
    return kind(**values)


def _has_unsafe_integer(value: Any) -> bool:
    """Whether a whole number in *value* is beyond what databases and readers of JSON keep exact."""
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, int) and abs(one) > MAX_SAFE_INTEGER:
            return True
        if isinstance(one, list | dict):
            left += one.values() if isinstance(one, dict) else one
    return False


def _build_field_fault(name: str, why: str) -> Fault:
    at = _ERROR_PATH.search(why)
    key = f"{name}{'' if not at or at[1].startswith('[') else '.'}{at[1]}" if at else name
    return Fault("error", "field-wrong", FaultLocation(key=key), {"why": _ERROR_PATH.sub("", why)[:200]})
