"""The keys of a campaign file, and what each may hold (contract, "The campaign file")."""

import re
from collections.abc import Mapping
from typing import Any, get_args

from signage.model.campaign import FORMAT, Order
from signage.model.daypart import day_rule
from signage.model.item import Effect, Fit
from signage.model.toml.field_types import (
    Kind,
    UnfitError,
    color,
    ident,
    many,
    moment,
    one_of,
    seconds,
    sha256,
    shown,
    text,
    wall_time,
    whole,
)
from signage.model.toml.findings import nearest
from signage.model.toml.forbidden_characters import forbidden
from signage.model.toml.schema import Key
from signage.model.toml.timezone_field import zone

MOST_TEXT = 500
MOST_ITEMS, MOST_PLACEMENTS, MOST_DAYPARTS = 5000, 500, 200
FIELDS = ("kind", "group", "tag", "unit", "screen")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun", "workday", "holiday")
_PATTERN = re.compile(r"[a-z0-9*?-]{1,64}\Z")


def format_name(value: Any) -> str:
    if value != FORMAT:
        raise UnfitError("format-unknown", value=shown(value))
    return FORMAT


def day_word(value: Any) -> str:
    """A word of ``days`` and ``except``."""
    if not isinstance(value, str):
        raise UnfitError("day-not-quoted", value=shown(value).strip('"'))
    try:
        day_rule(value)
    except ValueError:
        if value[:1].isdigit():
            raise UnfitError("day-unreadable", value=shown(value)) from None
        near = _near_day(value)
        raise UnfitError("day-near" if near else "day-unreadable", value=shown(value), nearest=near) from None
    return value


def _near_day(word: str) -> str | None:
    near = [
        nearest(part[:9].strip(), _DAYS) or (part[:3] if part[:3] in _DAYS else "") for part in word.lower().split("-")
    ]
    joined = "-".join(near)
    try:
        day_rule(joined)
    except ValueError:
        return None
    return joined


def selector(value: Any) -> str:
    """A word of ``screens``: ``kind: group: tag: unit: screen:`` with wildcards, or ``*``; ``!`` before it excludes."""
    if not isinstance(value, str):
        raise UnfitError("not-text", value=shown(value))
    body = value.removeprefix("!")
    if body == "*":
        return value
    name, colon, pattern = body.partition(":")
    if not colon and _PATTERN.match(body):
        raise UnfitError("selector-without-field", value=shown(body).strip('"'))
    if colon and name not in FIELDS and _PATTERN.match(pattern):
        near = nearest(name, FIELDS)
        raise UnfitError(
            "selector-field-unknown" if near else "selector-field-unknown-far", name=shown(name), nearest=near
        )
    if not colon or name not in FIELDS or not _PATTERN.match(pattern):
        raise UnfitError("selector-unreadable", value=shown(value))
    return value


def file_path(value: Any) -> str:
    """A path of a file in the installation's folder, with ``/``."""
    if not isinstance(value, str):
        raise UnfitError("not-text", value=shown(value))
    if bad := forbidden(value, lines=False):
        raise UnfitError("character-forbidden", character=bad[0], position=bad[1])
    if not value.strip():
        raise UnfitError("text-blank")
    if len(value) > 1000:
        raise UnfitError("text-too-long", most=1000, length=len(value))
    if value.startswith(("/", "~")) or re.match(r"[A-Za-z]:|\\|[a-z][a-z0-9+.-]*://", value):
        raise UnfitError("file-absolute", value=shown(value))
    if "\\" in value:
        raise UnfitError("file-backslash", value=shown(value))
    if ".." in value.split("/"):
        raise UnfitError("file-leaves", value=shown(value))
    return value


def item_pattern(value: Any) -> str:
    """A word of ``items``; whether it matches anything is looked at when all items are known."""
    if not isinstance(value, str):
        raise UnfitError("not-text", value=shown(value))
    return value


LOOK: Mapping[str, Kind] = {
    "effect": one_of(*get_args(Effect)),
    "color": color,
    "background": color,
    "size_px": whole(16, 2160),
    "px_per_s": whole(1, 2000),
    "fit": one_of(*get_args(Fit)),
}
_LOOK = {name: Key(kind) for name, kind in LOOK.items()}
TABLES = ("item", "daypart", "placement")

CAMPAIGN: Mapping[str, Key] = {
    "format": Key(format_name, True),
    "id": Key(ident, True),
    "title": Key(text(200), True),
    "theme": Key(text(500, lines=True)),
    "unit": Key(ident),
    "timezone": Key(zone, True),
    "from": Key(moment, True),
    "until": Key(moment, True),
    "priority": Key(whole(-1000, 1000)),
    "report_due": Key(moment),
    **_LOOK,
}
ITEM: Mapping[str, Key] = {
    "id": Key(ident, True),
    "text": Key(text(MOST_TEXT, lines=True)),
    "file": Key(file_path),
    "sha256": Key(sha256),
    "title": Key(text(200)),
    "duration_s": Key(seconds(1, 3600)),
    "weight": Key(whole(1, 10_000)),
    "tags": Key(many(ident, most=20)),
    "from": Key(moment),
    "until": Key(moment),
    "source": Key(text(500, lines=True)),
    "behind": Key(ident),
    **_LOOK,
}
DAYPART: Mapping[str, Key] = {
    "days": Key(many(day_word, most=1000)),
    "except": Key(many(day_word, most=1000)),
    "from": Key(wall_time),
    "until": Key(wall_time),
    "rrule": Key(text(500)),
}
PLACEMENT: Mapping[str, Key] = {
    "screens": Key(many(selector, least=1, most=5000), True),
    "items": Key(many(item_pattern, least=1, most=5000), True),
    "dayparts": Key(many(item_pattern, most=1000)),
    "share": Key(whole(1, 10_000)),
    "order": Key(one_of(*get_args(Order))),
    "max_per_hour": Key(whole(1, 100_000)),
    "min_gap_s": Key(seconds(1, 43_200)),
}
