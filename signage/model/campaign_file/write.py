"""A campaign as the file that reads back equal to it."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import datetime, time

from signage.model.campaign import CAMPAIGN_FORMAT, Campaign, Placement
from signage.model.daypart import Daypart
from signage.model.item import DEFAULT_STYLE, Item, Style

_KeyValuePairs = Iterable[tuple[str, object]]


def format_campaign_file(campaign: Campaign) -> str:
    """The campaign file (TOML, UTF-8, lines ended by LF). What is as it is by default is left out."""
    parts = ["".join(_format_lines(_iter_campaign_pairs(campaign)))]
    parts += ["[[item]]\n" + "".join(_format_lines(_iter_item_pairs(item))) for item in campaign.items]
    parts += [
        f"[daypart.{daypart.id}]\n" + "".join(_format_lines(_iter_daypart_pairs(daypart)))
        for daypart in campaign.dayparts
    ]
    parts += [
        "[[placement]]\n" + "".join(_format_lines(_iter_placement_pairs(placement)))
        for placement in campaign.placements
    ]
    return "\n".join(parts)


def _format_lines(pairs: _KeyValuePairs) -> Iterator[str]:
    return (f"{key} = {_format_value(value)}\n" for key, value in pairs if value is not None and value != ())


def _format_value(value: object) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, tuple):
        return "[" + ", ".join(_format_value(one) for one in value) + "]"
    if isinstance(value, datetime | time):
        return value.isoformat()
    return str(value)


def _iter_campaign_pairs(campaign: Campaign) -> _KeyValuePairs:
    yield from (("format", CAMPAIGN_FORMAT), ("id", campaign.id), ("title", campaign.title), ("theme", campaign.theme))
    yield from (("unit", campaign.unit), ("timezone", campaign.timezone))
    yield from (("from", campaign.from_), ("until", campaign.until))
    yield "priority", campaign.priority or None
    yield "report_due", campaign.report_due
    yield from _iter_style_pairs(campaign.look)


def _iter_style_pairs(look: Style) -> _KeyValuePairs:
    for one in fields(look):
        value = getattr(look, one.name)
        if value != getattr(DEFAULT_STYLE, one.name):
            yield one.name, value


def _iter_item_pairs(item: Item) -> _KeyValuePairs:
    yield from (("id", item.id), ("text", item.text), ("file", item.file), ("sha256", item.sha256))
    yield from (("title", item.title), ("duration_s", _convert_to_seconds(item.duration_ms)), ("weight", item.weight))
    yield from (
        ("tags", item.tags),
        ("from", item.from_),
        ("until", item.until),
        ("source", item.source),
        ("behind", item.behind),
    )
    yield from _iter_style_pairs(item.look)


def _iter_daypart_pairs(daypart: Daypart) -> _KeyValuePairs:
    yield from (("days", daypart.days), ("except", daypart.except_))
    yield from (("from", daypart.from_), ("until", daypart.until), ("rrule", daypart.rrule))


def _iter_placement_pairs(placement: Placement) -> _KeyValuePairs:
    yield from (("screens", placement.screens), ("items", placement.items), ("dayparts", placement.dayparts))
    yield from (("share", placement.share), ("order", None if placement.order == "fair" else placement.order))
    yield from (("max_per_hour", placement.max_per_hour), ("min_gap_s", _convert_to_seconds(placement.min_gap_ms)))


def _convert_to_seconds(ms: int | None) -> int | float | None:
    """Milliseconds as seconds: a whole number where they are whole."""
    if ms is None:
        return None
    return ms // 1000 if ms % 1000 == 0 else ms / 1000
