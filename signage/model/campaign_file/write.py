"""Write campaign files: TOML that reads back equal to the campaign."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

import tomli_w

from signage.model.campaign import CAMPAIGN_FORMAT, Campaign, Placement
from signage.model.daypart import Daypart
from signage.model.item import DEFAULT_STYLE, Item, Style

_KeyValuePairs = Iterable[tuple[str, object]]


def format_campaign_file(campaign: Campaign) -> str:
    """Return the campaign file (TOML, lines ended by LF); keys that have their default value are left out."""
    return format_tables(
        _build_table(_iter_campaign_pairs(campaign)),
        {
            "item": [_build_table(_iter_item_pairs(item)) for item in campaign.items],
            "placement": [_build_table(_iter_placement_pairs(placement)) for placement in campaign.placements],
        },
        {"daypart": {daypart.id: _build_table(_iter_daypart_pairs(daypart)) for daypart in campaign.dayparts}},
    )


def format_tables(
    root: Mapping[str, Any],
    arrays: Mapping[str, Sequence[Mapping[str, Any]]],
    named: Mapping[str, Mapping[str, Mapping[str, Any]]],
) -> str:
    """Return the keys of *root*, then each row of *arrays* below a ``[[name]]``, then each table of *named*.

    tomli-w alone would write short rows as inline tables, which people edit with difficulty.
    """
    parts = [tomli_w.dumps(root)]
    for name, rows in arrays.items():
        for row in rows:
            parts.append(f"[[{name}]]\n" + tomli_w.dumps({name: row}).removeprefix(f"[{name}]\n"))
    parts += [tomli_w.dumps({name: {key: row}}) for name, tables in named.items() for key, row in tables.items()]
    return "\n".join(parts)


def _build_table(pairs: _KeyValuePairs) -> dict[str, object]:
    return {key: value for key, value in pairs if value is not None and value != ()}


def _iter_campaign_pairs(campaign: Campaign) -> _KeyValuePairs:
    yield from (("format", CAMPAIGN_FORMAT), ("id", campaign.id), ("title", campaign.title), ("theme", campaign.theme))
    yield from (("unit", campaign.unit), ("timezone", campaign.timezone))
    yield from (("from", campaign.from_), ("until", campaign.until))
    yield "priority", campaign.priority or None
    yield "report_due", campaign.report_due
    yield from _iter_style_pairs(campaign.look)


def _iter_style_pairs(style: Style) -> _KeyValuePairs:
    for style_field in fields(style):
        value = getattr(style, style_field.name)
        if value != getattr(DEFAULT_STYLE, style_field.name):
            yield style_field.name, value


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
    """Convert milliseconds to seconds: an integer where they are whole."""
    if ms is None:
        return None
    return ms // 1000 if ms % 1000 == 0 else ms / 1000
