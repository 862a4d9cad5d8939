"""Kinds of values that a key may have: each turns a TOML value into ours, or says what is wrong with it."""

import math
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from typing import Any

from signage.model.ids import is_id
from signage.model.toml.findings import ellipsize, find_closest_match
from signage.model.toml.forbidden_characters import find_forbidden_character

FieldType = Callable[[Any], Any]

_COLOR_PATTERN = re.compile(r"#[0-9a-fA-F]{6}\Z")
_SHA256_PATTERN = re.compile(r"[0-9a-f]{64}\Z")
FIRST_YEAR, LAST_YEAR = 1900, 9999
_MAX_ELEMENT_ERRORS = 100


class FieldError(ValueError):
    """A value is not what its key asks for. *at* is the place in a list, where it is one element's fault."""

    def __init__(self, code: str, at: int | None = None, **facts: object) -> None:
        super().__init__(code)
        self.code, self.index, self.facts = code, at, facts


class FieldListError(FieldError):
    """Several elements of a list are not what the key asks for."""

    def __init__(self, each: Sequence[FieldError]) -> None:
        super().__init__(each[0].code, each[0].index, **each[0].facts)
        self.errors = tuple(each)


def format_toml_value(value: object) -> str:
    """A value as a person wrote it in TOML, short."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{ellipsize(value)}"'
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, list):
        return "[…]" if value else "[]"
    if isinstance(value, dict):
        return "{…}"
    if isinstance(value, int) and value.bit_length() > 200:
        return "…"
    return ellipsize(str(value))


def integer_field(least: int, most: int) -> FieldType:
    """A whole number, both ends in."""

    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise FieldError("not-whole", least=least, most=most, value=format_toml_value(value))
        return value

    return read


def number_field(least: float, most: float) -> FieldType:
    """A number, both ends in; ``nan`` and ``inf`` are none."""

    def read(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise FieldError("not-number", least=least, most=most, value=format_toml_value(value))
        return value

    return read


def seconds_field(least: float, most: float) -> FieldType:
    """A duration in seconds, kept in whole milliseconds."""
    inner = number_field(least, most)

    def read(value: Any) -> int:
        return math.floor(float(inner(value)) * 1000 + 0.5)

    return read


def boolean_field(value: Any) -> bool:
    if not isinstance(value, bool):
        raise FieldError("not-flag", value=format_toml_value(value))
    return value


def text_field(most: int, *, multiline: bool = False, allow_blank: bool = False) -> FieldType:
    """Words for people: not blank (unless *blank*), at most *most* characters, none that hides or turns others."""

    def read(value: Any) -> str:
        if not isinstance(value, str):
            raise FieldError("not-text", value=format_toml_value(value))
        if bad := find_forbidden_character(value, multiline=multiline):
            raise FieldError("character-forbidden", character=bad[0], position=bad[1])
        if not allow_blank and not value.strip():
            raise FieldError("text-blank")
        if len(value) > most:
            raise FieldError("text-too-long", most=most, length=len(value))
        return value

    return read


def choice_field(*words: str) -> FieldType:
    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in words:
            near = find_closest_match(value, words) if isinstance(value, str) else None
            code = "not-one-of" if near is None else "not-one-of-near"
            raise FieldError(code, words=", ".join(words), value=format_toml_value(value), nearest=near)
        return value

    return read


def id_field(value: Any) -> str:
    if not isinstance(value, str):
        raise FieldError("not-text", value=format_toml_value(value))
    if not is_id(value):
        raise FieldError("not-id", value=format_toml_value(value))
    return value


def color_field(value: Any) -> str:
    if not isinstance(value, str) or not _COLOR_PATTERN.match(value):
        raise FieldError("not-color", value=format_toml_value(value))
    return value.lower()


def sha256_field(value: Any) -> str:
    if not isinstance(value, str) or not _SHA256_PATTERN.match(value):
        raise FieldError("not-sha256", value=format_toml_value(value))
    return value


def date_time_field(value: Any) -> datetime:
    """A local date-time or one with an offset, in whole seconds."""
    if isinstance(value, str) and re.match(r"\d{4}-\d{2}-\d{2}", value):
        raise FieldError("moment-quoted", value=ellipsize(value))
    if isinstance(value, date) and not isinstance(value, datetime):
        raise FieldError("moment-without-time", value=format_toml_value(value))
    if not isinstance(value, datetime):
        raise FieldError("not-moment", value=format_toml_value(value))
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise FieldError("year-out-of-range", first=FIRST_YEAR, last=LAST_YEAR, value=value.year)
    if value.microsecond:
        raise FieldError("fraction-of-second", value=format_toml_value(value))
    return value


def time_field(value: Any) -> time:
    """A local time of the day, in whole seconds."""
    if not isinstance(value, time):
        raise FieldError("not-time", value=format_toml_value(value))
    if value.microsecond:
        raise FieldError("fraction-of-second", value=format_toml_value(value))
    return value


def date_field(value: Any) -> date:
    if isinstance(value, datetime) or not isinstance(value, date):
        raise FieldError("not-date", value=format_toml_value(value))
    return value


def list_field(kind: FieldType, *, min_length: int = 0, max_length: int = 10_000) -> FieldType:
    """A list, as a tuple."""

    def read_list(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise FieldError("not-list", value=format_toml_value(value))
        if len(value) < min_length:
            raise FieldError("list-empty")
        if len(value) > max_length:
            raise FieldError("list-too-long", most=max_length, length=len(value))
        unfit: list[FieldError] = []
        read = []
        for n, one in enumerate(value):
            try:
                read.append(kind(one))
            except FieldError as e:
                unfit.append(FieldError(e.code, n, **e.facts))
        if unfit:
            raise FieldListError(unfit[:_MAX_ELEMENT_ERRORS])
        return tuple(read)

    return read_list


def choice_list_field(values: Sequence[str]) -> FieldType:
    """A list of words out of *values*."""
    return list_field(choice_field(*values), min_length=1)
