"""A campaign as the file that reads back equal to it."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import datetime, time

from signage.model.campaign import FORMAT, Campaign, Placement
from signage.model.daypart import Daypart
from signage.model.item import PLAIN, Item, Look

_Pairs = Iterable[tuple[str, object]]


def write(campaign: Campaign) -> str:
    """The campaign file (TOML, UTF-8, lines ended by LF). What is as it is by default is left out."""
    parts = ["".join(_lines(_head(campaign)))]
    parts += ["[[item]]\n" + "".join(_lines(_item(item))) for item in campaign.items]
    parts += [f"[daypart.{daypart.id}]\n" + "".join(_lines(_daypart(daypart))) for daypart in campaign.dayparts]
    parts += ["[[placement]]\n" + "".join(_lines(_placement(placement))) for placement in campaign.placements]
    return "\n".join(parts)


def _lines(pairs: _Pairs) -> Iterator[str]:
    return (f"{key} = {_value(value)}\n" for key, value in pairs if value is not None and value != ())


def _value(value: object) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, tuple):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    if isinstance(value, datetime | time):
        return value.isoformat()
    return str(value)


def _head(campaign: Campaign) -> _Pairs:
    yield from (("format", FORMAT), ("id", campaign.id), ("title", campaign.title), ("theme", campaign.theme))
    yield from (("unit", campaign.unit), ("timezone", campaign.timezone))
    yield from (("from", campaign.from_), ("until", campaign.until))
    yield "priority", campaign.priority or None
    yield "report_due", campaign.report_due
    yield from _look(campaign.look)


def _look(look: Look) -> _Pairs:
    for one in fields(look):
        value = getattr(look, one.name)
        if value != getattr(PLAIN, one.name):
            yield one.name, value


def _item(item: Item) -> _Pairs:
    yield from (("id", item.id), ("text", item.text), ("file", item.file), ("sha256", item.sha256))
    yield from (("title", item.title), ("duration_s", _seconds(item.duration_ms)), ("weight", item.weight))
    yield from (
        ("tags", item.tags),
        ("from", item.from_),
        ("until", item.until),
        ("source", item.source),
        ("behind", item.behind),
    )
    yield from _look(item.look)


def _daypart(daypart: Daypart) -> _Pairs:
    yield from (("days", daypart.days), ("except", daypart.except_))
    yield from (("from", daypart.from_), ("until", daypart.until), ("rrule", daypart.rrule))


def _placement(placement: Placement) -> _Pairs:
    yield from (("screens", placement.screens), ("items", placement.items), ("dayparts", placement.dayparts))
    yield from (("share", placement.share), ("order", None if placement.order == "fair" else placement.order))
    yield from (("max_per_hour", placement.max_per_hour), ("min_gap_s", _seconds(placement.min_gap_ms)))


def _seconds(ms: int | None) -> int | float | None:
    """Milliseconds as seconds: a whole number where they are whole."""
    if ms is None:
        return None
    return ms // 1000 if ms % 1000 == 0 else ms / 1000
