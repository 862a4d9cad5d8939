"""Campaigns, screens and installations for tests, from what a person can read."""

import tomllib
from datetime import UTC, datetime, time
from typing import Any

from signage.faults import Fault
from signage.model.campaign import Campaign, Placement
from signage.model.daypart import Daypart
from signage.model.item import Item
from signage.model.screen import Screen
from signage.schedule.live_content import BUILTIN_STILL, LiveItem, LivePlacement, Rotation
from signage.schedule.rotation.rotation_cache import RotationCache
from signage.schedule.snapshot import ScheduleSnapshot

STILL_MS = 10_000


def build_campaign(text: str, id: str = "c", **changes: Any) -> Campaign:
    """A campaign from the tables of its file; what is left out has a plain default."""
    raw = {"timezone": "Asia/Shanghai", "from": parse_local_time("2021-03-01"), "until": parse_local_time("2021-04-01")}
    raw |= tomllib.loads(text) | changes
    return Campaign(
        id=raw.get("id", id),
        title=raw.get("title", id),
        timezone=raw["timezone"],
        from_=raw["from"],
        until=raw["until"],
        priority=raw.get("priority", 0),
        items=tuple(_build_item(i) for i in raw.get("item", [{"id": "a"}])),
        placements=tuple(_build_placement(p) for p in raw.get("placement", [{}])),
        dayparts=tuple(build_daypart(id, d) for id, d in raw.get("daypart", {}).items()),
    )


def _build_item(raw: dict[str, Any]) -> Item:
    return Item(
        raw["id"],
        text=raw["id"],
        duration_ms=int(raw.get("duration_s", 10) * 1000),
        weight=raw.get("weight"),
        tags=tuple(raw.get("tags", ())),
        from_=raw.get("from"),
        until=raw.get("until"),
    )


def _build_placement(raw: dict[str, Any]) -> Placement:
    gap = raw.get("min_gap_s")
    return Placement(
        tuple(raw.get("screens", ["*"])),
        tuple(raw.get("items", ["*"])),
        tuple(raw.get("dayparts", ())),
        raw.get("share", 1),
        raw.get("order", "fair"),
        raw.get("max_per_hour"),
        None if gap is None else int(gap * 1000),
    )


def build_daypart(id: str, raw: dict[str, Any]) -> Daypart:
    return Daypart(
        id,
        tuple(raw.get("days", ())),
        tuple(raw.get("except", ())),
        raw.get("from", time(0)),
        raw.get("until", time(0)),
        raw.get("rrule"),
    )


def build_screen(id: str = "case-roof", **facts: Any) -> Screen:
    """A taxi roof in Shanghai, unless told otherwise."""
    return Screen(**{"id": id, "kind": "taxi-roof", "panel": "taxi-192x64", "timezone": "Asia/Shanghai"} | facts)


def build_snapshot(*campaigns: Campaign, **more: Any) -> ScheduleSnapshot:
    return ScheduleSnapshot(tuple(sorted(campaigns, key=lambda c: c.id)), **more)


def build_lengths(*campaigns: Campaign, **faulty: str) -> dict[str, int | Fault]:
    """The length that each item asks for; *faulty* names (``c__a="why"``) those that cannot be played."""
    found: dict[str, int | Fault] = {f"{c.id}/{i.id}": i.duration_ms or 10_000 for c in campaigns for i in c.items}
    for name, why in faulty.items():
        found[name.replace("__", "/")] = Fault("error", why)
    found[BUILTIN_STILL] = STILL_MS
    return found


def parse_instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def build_loops(known: dict[str, int | Fault], max_loop_ms: int = 3_600_000) -> RotationCache:
    return RotationCache(known, max_loop_ms)


def rotate_in_order(placements: tuple[LivePlacement, ...], max_loop_ms: int, still: LiveItem) -> Rotation:
    """A rotation that needs no thought: every live item once, in order."""
    items = [item for placement in placements for item in placement.items]
    return Rotation(tuple(item.name for item in items), sum(item.duration_ms for item in items))


def parse_local_time(text: str) -> datetime:
    """A local time of some zone."""
    return datetime.fromisoformat(text)
