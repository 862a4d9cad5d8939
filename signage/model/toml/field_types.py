"""Types of TOML values: each converts a value, or raises FieldError with what is wrong."""

import math
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from typing import Any

from signage.model.ids import is_id, is_word, normalize_word
from signage.model.toml.findings import ellipsize, find_closest_match
from signage.model.toml.forbidden_characters import find_forbidden_character

FieldType = Callable[[Any], Any]

_COLOR_PATTERN = re.compile(r"#[0-9a-fA-F]{6}\Z")
_SHA256_PATTERN = re.compile(r"[0-9a-f]{64}\Z")
FIRST_YEAR, LAST_YEAR = 1900, 9999
_MAX_ELEMENT_ERRORS = 100


class FieldError(ValueError):
    """A value is not of the key's type. *at* is the index in a list, where one element is at fault."""

    def __init__(self, code: str, at: int | None = None, **facts: object) -> None:
        super().__init__(code)
        self.code, self.index, self.facts = code, at, facts


class FieldListError(FieldError):
    """Several elements of a list are not of the key's type."""

    def __init__(self, each: Sequence[FieldError]) -> None:
        super().__init__(each[0].code, each[0].index, **each[0].facts)
        self.errors = tuple(each)


def format_toml_value(value: object) -> str:
    """Format a value as it is written in TOML, shortened."""
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


def integer_field(minimum: int, maximum: int) -> FieldType:
    """An integer; both limits included."""

    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not minimum <= value <= maximum:
            raise FieldError("not-whole", least=minimum, most=maximum, value=format_toml_value(value))
        return value

    return read


def number_field(minimum: float, maximum: float) -> FieldType:
    """A number, both limits included; ``nan`` and ``inf`` are refused."""

    def read(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not minimum <= value <= maximum:
            raise FieldError("not-number", least=minimum, most=maximum, value=format_toml_value(value))
        return value

    return read


def seconds_field(minimum: float, maximum: float) -> FieldType:
    """A duration in seconds, converted to whole milliseconds."""
    inner = number_field(minimum, maximum)

    def read(value: Any) -> int:
        return math.floor(float(inner(value)) * 1000 + 0.5)

    return read


def boolean_field(value: Any) -> bool:
    if not isinstance(value, bool):
        raise FieldError("not-flag", value=format_toml_value(value))
    return value


def text_field(maximum: int, *, multiline: bool = False, allow_blank: bool = False) -> FieldType:
    """Text: not blank (unless *allow_blank*), at most *maximum* characters, no control or bidi characters."""

    def read(value: Any) -> str:
        if not isinstance(value, str):
            raise FieldError("not-text", value=format_toml_value(value))
        if forbidden := find_forbidden_character(value, multiline=multiline):
            raise FieldError("character-forbidden", character=forbidden[0], position=forbidden[1])
        if not allow_blank and not value.strip():
            raise FieldError("text-blank")
        if len(value) > maximum:
            raise FieldError("text-too-long", most=maximum, length=len(value))
        return value

    return read


def choice_field(*words: str) -> FieldType:
    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in words:
            suggestion = find_closest_match(value, words) if isinstance(value, str) else None
            code = "not-one-of" if suggestion is None else "not-one-of-near"
            raise FieldError(code, words=", ".join(words), value=format_toml_value(value), nearest=suggestion)
        return value

    return read


def id_field(value: Any) -> str:
    if not isinstance(value, str):
        raise FieldError("not-text", value=format_toml_value(value))
    if not is_id(value):
        raise FieldError("not-id", value=format_toml_value(value))
    return value


def word_field(value: Any) -> str:
    """A group, tag or unit, in NFC."""
    if not isinstance(value, str):
        raise FieldError("not-text", value=format_toml_value(value))
    word = normalize_word(value)
    if not is_word(word):
        raise FieldError("not-word", value=format_toml_value(value))
    return word


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
    """A local time of day, in whole seconds."""
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
    """A list, converted to a tuple."""

    def read_list(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise FieldError("not-list", value=format_toml_value(value))
        if len(value) < min_length:
            raise FieldError("list-empty")
        if len(value) > max_length:
            raise FieldError("list-too-long", most=max_length, length=len(value))
        errors: list[FieldError] = []
        read = []
        for n, element in enumerate(value):
            try:
                read.append(kind(element))
            except FieldError as e:
                errors.append(FieldError(e.code, n, **e.facts))
        if errors:
            raise FieldListError(errors[:_MAX_ELEMENT_ERRORS])
        return tuple(read)

    return read_list


def choice_list_field(values: Sequence[str]) -> FieldType:
    """A list of words out of *values*."""
    return list_field(choice_field(*values), min_length=1)
