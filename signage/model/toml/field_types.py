"""Kinds of values that a key may have: each turns a TOML value into ours, or says what is wrong with it."""

import math
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from typing import Any

from signage.model.ids import is_id
from signage.model.toml.findings import nearest, short
from signage.model.toml.forbidden_characters import forbidden

Kind = Callable[[Any], Any]

_COLOR = re.compile(r"#[0-9a-fA-F]{6}\Z")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
FIRST_YEAR, LAST_YEAR = 1900, 9999
_MOST_UNFIT = 100


class UnfitError(ValueError):
    """A value is not what its key asks for. *at* is the place in a list, where it is one element's fault."""

    def __init__(self, code: str, at: int | None = None, **facts: object) -> None:
        super().__init__(code)
        self.code, self.at, self.facts = code, at, facts


class UnfitListError(UnfitError):
    """Several elements of a list are not what the key asks for."""

    def __init__(self, each: Sequence[UnfitError]) -> None:
        super().__init__(each[0].code, each[0].at, **each[0].facts)
        self.each = tuple(each)


def shown(value: object) -> str:
    """A value as a person wrote it in TOML, short."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{short(value)}"'
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, list):
        return "[…]" if value else "[]"
    if isinstance(value, dict):
        return "{…}"
    if isinstance(value, int) and value.bit_length() > 200:
        return "…"
    return short(str(value))


def whole(least: int, most: int) -> Kind:
    """A whole number, both ends in."""

    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise UnfitError("not-whole", least=least, most=most, value=shown(value))
        return value

    return read


def number(least: float, most: float) -> Kind:
    """A number, both ends in; ``nan`` and ``inf`` are none."""

    def read(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise UnfitError("not-number", least=least, most=most, value=shown(value))
        return value

    return read


def seconds(least: float, most: float) -> Kind:
    """A duration in seconds, kept in whole milliseconds."""
    inner = number(least, most)

    def read(value: Any) -> int:
        return math.floor(float(inner(value)) * 1000 + 0.5)

    return read


def flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise UnfitError("not-flag", value=shown(value))
    return value


def text(most: int, *, lines: bool = False, blank: bool = False) -> Kind:
    """Words for people: not blank (unless *blank*), at most *most* characters, none that hides or turns others."""

    def read(value: Any) -> str:
        if not isinstance(value, str):
            raise UnfitError("not-text", value=shown(value))
        if bad := forbidden(value, lines=lines):
            raise UnfitError("character-forbidden", character=bad[0], position=bad[1])
        if not blank and not value.strip():
            raise UnfitError("text-blank")
        if len(value) > most:
            raise UnfitError("text-too-long", most=most, length=len(value))
        return value

    return read


def one_of(*words: str) -> Kind:
    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in words:
            near = nearest(value, words) if isinstance(value, str) else None
            code = "not-one-of" if near is None else "not-one-of-near"
            raise UnfitError(code, words=", ".join(words), value=shown(value), nearest=near)
        return value

    return read


def ident(value: Any) -> str:
    if not isinstance(value, str):
        raise UnfitError("not-text", value=shown(value))
    if not is_id(value):
        raise UnfitError("not-id", value=shown(value))
    return value


def color(value: Any) -> str:
    if not isinstance(value, str) or not _COLOR.match(value):
        raise UnfitError("not-color", value=shown(value))
    return value.lower()


def sha256(value: Any) -> str:
    if not isinstance(value, str) or not _SHA256.match(value):
        raise UnfitError("not-sha256", value=shown(value))
    return value


def moment(value: Any) -> datetime:
    """A local date-time or one with an offset, in whole seconds."""
    if isinstance(value, str) and re.match(r"\d{4}-\d{2}-\d{2}", value):
        raise UnfitError("moment-quoted", value=short(value))
    if isinstance(value, date) and not isinstance(value, datetime):
        raise UnfitError("moment-without-time", value=shown(value))
    if not isinstance(value, datetime):
        raise UnfitError("not-moment", value=shown(value))
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise UnfitError("year-out-of-range", first=FIRST_YEAR, last=LAST_YEAR, value=value.year)
    if value.microsecond:
        raise UnfitError("fraction-of-second", value=shown(value))
    return value


def wall_time(value: Any) -> time:
    """A local time of the day, in whole seconds."""
    if not isinstance(value, time):
        raise UnfitError("not-time", value=shown(value))
    if value.microsecond:
        raise UnfitError("fraction-of-second", value=shown(value))
    return value


def day(value: Any) -> date:
    if isinstance(value, datetime) or not isinstance(value, date):
        raise UnfitError("not-date", value=shown(value))
    return value


def many(kind: Kind, *, least: int = 0, most: int = 10_000) -> Kind:
    """A list, as a tuple."""

    def read_list(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise UnfitError("not-list", value=shown(value))
        if len(value) < least:
            raise UnfitError("list-empty")
        if len(value) > most:
            raise UnfitError("list-too-long", most=most, length=len(value))
        unfit: list[UnfitError] = []
        read = []
        for n, one in enumerate(value):
            try:
                read.append(kind(one))
            except UnfitError as e:
                unfit.append(UnfitError(e.code, n, **e.facts))
        if unfit:
            raise UnfitListError(unfit[:_MOST_UNFIT])
        return tuple(read)

    return read_list


def choices(values: Sequence[str]) -> Kind:
    """A list of words out of *values*."""
    return many(one_of(*values), least=1)
