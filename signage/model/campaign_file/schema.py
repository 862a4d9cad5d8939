"""Schema of the campaign file: its keys and their types (contract, "The campaign file")."""

import re
from collections.abc import Mapping
from typing import Any, get_args

from signage.model.campaign import CAMPAIGN_FORMAT, PlacementOrder
from signage.model.daypart import parse_day_rule
from signage.model.ids import is_word_character, normalize_word
from signage.model.item import Effect, Fit
from signage.model.toml.field_types import (
    FieldError,
    FieldType,
    choice_field,
    color_field,
    date_time_field,
    format_toml_value,
    id_field,
    integer_field,
    list_field,
    seconds_field,
    sha256_field,
    text_field,
    time_field,
    word_field,
)
from signage.model.toml.findings import find_closest_match
from signage.model.toml.forbidden_characters import find_forbidden_character
from signage.model.toml.schema import KeySchema
from signage.model.toml.timezone_field import timezone_field

MAX_TEXT_LENGTH = 500
MAX_ITEMS, MAX_PLACEMENTS, MAX_DAYPARTS = 5000, 500, 200
SELECTOR_FIELDS = ("kind", "group", "tag", "unit", "screen")
_DAY_WORDS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun", "workday", "holiday")
_ID_SELECTOR_PATTERN = re.compile(r"[a-z0-9*?-]{1,64}\Z")
_WORD_SELECTOR_FIELDS = ("group", "tag", "unit")


def format_field(value: Any) -> str:
    if value != CAMPAIGN_FORMAT:
        raise FieldError("format-unknown", value=format_toml_value(value))
    return CAMPAIGN_FORMAT


def day_rule_field(value: Any) -> str:
    """A word of ``days`` or ``except``."""
    if not isinstance(value, str):
        raise FieldError("day-not-quoted", value=format_toml_value(value).strip('"'))
    try:
        parse_day_rule(value)
    except ValueError:
        if value[:1].isdigit():
            raise FieldError("day-unreadable", value=format_toml_value(value)) from None
        suggestion = _suggest_day_rule(value)
        raise FieldError(
            "day-near" if suggestion else "day-unreadable", value=format_toml_value(value), nearest=suggestion
        ) from None
    return value


def _suggest_day_rule(word: str) -> str | None:
    suggested_days = [
        find_closest_match(part[:9].strip(), _DAY_WORDS) or (part[:3] if part[:3] in _DAY_WORDS else "")
        for part in word.lower().split("-")
    ]
    joined = "-".join(suggested_days)
    try:
        parse_day_rule(joined)
    except ValueError:
        return None
    return joined


def selector_field(value: Any) -> str:
    """A word of ``screens``: ``kind: group: tag: unit: screen:`` with wildcards, or ``*``; a leading ``!`` excludes."""
    if not isinstance(value, str):
        raise FieldError("not-text", value=format_toml_value(value))
    selector = normalize_word(value)
    body = selector.removeprefix("!")
    if body == "*":
        return selector
    name, colon, pattern = body.partition(":")
    if not colon and _is_pattern(body):
        raise FieldError("selector-without-field", value=format_toml_value(body).strip('"'))
    if colon and name not in SELECTOR_FIELDS and _is_pattern(pattern):
        suggestion = find_closest_match(name, SELECTOR_FIELDS)
        raise FieldError(
            "selector-field-unknown" if suggestion else "selector-field-unknown-far",
            name=format_toml_value(name),
            nearest=suggestion,
        )
    if not colon or name not in SELECTOR_FIELDS or not _is_pattern(pattern, name):
        raise FieldError("selector-unreadable", value=format_toml_value(value))
    return selector


def _is_pattern(text: str, name: str = "group") -> bool:
    """Whether *text* is a pattern of the values that the selector field *name* compares."""
    if name not in _WORD_SELECTOR_FIELDS:
        return _ID_SELECTOR_PATTERN.match(text) is not None
    return 1 <= len(text) <= 64 and all(character in "*?" or is_word_character(character) for character in text)


def file_path_field(value: Any) -> str:
    """A relative path with ``/`` of a file in the installation's folder."""
    if not isinstance(value, str):
        raise FieldError("not-text", value=format_toml_value(value))
    if forbidden := find_forbidden_character(value, multiline=False):
        raise FieldError("character-forbidden", character=forbidden[0], position=forbidden[1])
    if not value.strip():
        raise FieldError("text-blank")
    if len(value) > 1000:
        raise FieldError("text-too-long", most=1000, length=len(value))
    if value.startswith(("/", "~")) or re.match(r"[A-Za-z]:|\\|[a-z][a-z0-9+.-]*://", value):
        raise FieldError("file-absolute", value=format_toml_value(value))
    if "\\" in value:
        raise FieldError("file-backslash", value=format_toml_value(value))
    if ".." in value.split("/"):
        raise FieldError("file-leaves", value=format_toml_value(value))
    return value


def item_pattern_field(value: Any) -> str:
    """A word of ``items``; it is matched once all items are read."""
    if not isinstance(value, str):
        raise FieldError("not-text", value=format_toml_value(value))
    pattern: str = value
    return normalize_word(pattern)


STYLE_FIELDS: Mapping[str, FieldType] = {
    "effect": choice_field(*get_args(Effect)),
    "color": color_field,
    "background": color_field,
    "size_px": integer_field(16, 2160),
    "px_per_s": integer_field(1, 2000),
    "fit": choice_field(*get_args(Fit)),
}
_STYLE_SCHEMA = {name: KeySchema(kind) for name, kind in STYLE_FIELDS.items()}
TABLE_NAMES = ("item", "daypart", "placement")

CAMPAIGN_SCHEMA: Mapping[str, KeySchema] = {
    "format": KeySchema(format_field, True),
    "id": KeySchema(id_field, True),
    "title": KeySchema(text_field(200), True),
    "theme": KeySchema(text_field(500, multiline=True)),
    "unit": KeySchema(word_field),
    "timezone": KeySchema(timezone_field, True),
    "from": KeySchema(date_time_field, True),
    "until": KeySchema(date_time_field, True),
    "priority": KeySchema(integer_field(-1000, 1000)),
    "report_due": KeySchema(date_time_field),
    **_STYLE_SCHEMA,
}
ITEM_SCHEMA: Mapping[str, KeySchema] = {
    "id": KeySchema(id_field, True),
    "text": KeySchema(text_field(MAX_TEXT_LENGTH, multiline=True)),
    "file": KeySchema(file_path_field),
    "sha256": KeySchema(sha256_field),
    "title": KeySchema(text_field(200)),
    "duration_s": KeySchema(seconds_field(1, 3600)),
    "weight": KeySchema(integer_field(1, 10_000)),
    "tags": KeySchema(list_field(word_field, max_length=20)),
    "from": KeySchema(date_time_field),
    "until": KeySchema(date_time_field),
    "source": KeySchema(text_field(500, multiline=True)),
    "behind": KeySchema(id_field),
    **_STYLE_SCHEMA,
}
DAYPART_SCHEMA: Mapping[str, KeySchema] = {
    "days": KeySchema(list_field(day_rule_field, max_length=1000)),
    "except": KeySchema(list_field(day_rule_field, max_length=1000)),
    "from": KeySchema(time_field),
    "until": KeySchema(time_field),
    "rrule": KeySchema(text_field(500)),
}
PLACEMENT_SCHEMA: Mapping[str, KeySchema] = {
    "screens": KeySchema(list_field(selector_field, min_length=1, max_length=5000), True),
    "items": KeySchema(list_field(item_pattern_field, min_length=1, max_length=5000), True),
    "dayparts": KeySchema(list_field(item_pattern_field, max_length=1000)),
    "share": KeySchema(integer_field(1, 10_000)),
    "order": KeySchema(choice_field(*get_args(PlacementOrder))),
    "max_per_hour": KeySchema(integer_field(1, 100_000)),
    "min_gap_s": KeySchema(seconds_field(1, 43_200)),
}
