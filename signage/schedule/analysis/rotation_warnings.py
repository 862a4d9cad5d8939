"""Warnings for shares, weights and limits that a campaign cannot satisfy (contract, rules 3 to 5), for ``check``.

Every set of placements that is active together on a screen is checked, without other campaigns.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

from signage.faults import Fault
from signage.model.campaign import Campaign
from signage.model.screen import Screen
from signage.model.toml.findings import Finding
from signage.schedule.calendars import OfficialCalendars
from signage.schedule.live_content import BUILTIN_STILL_ITEM, LivePlacement
from signage.schedule.resolve import get_equivalence_key, list_intervals_without_takeovers
from signage.schedule.rotation.loop import build_rotation
from signage.schedule.snapshot import ScheduleSnapshot

_MAX_LOOKAHEAD = timedelta(days=62)
_MAX_PLACEMENT_SETS = 100
LengthByItem = Mapping[str, int | Fault]


def find_rotation_warnings(
    campaign: Campaign,
    calendars: OfficialCalendars,
    screens: Iterable[tuple[Screen, LengthByItem]],
    max_loop_ms: int,
    unknown: frozenset[str] = frozenset(),
) -> Iterator[Finding]:
    """Yield warnings, at the first placement of each set. *screens*: each with the lengths on its panel.

    *unknown*: names of items with unknown length: sets with any of them are skipped.
    """
    snapshot = ScheduleSnapshot((campaign,), calendars=calendars)
    begin, end = campaign.starts_at, min(campaign.ends_at, campaign.starts_at + _MAX_LOOKAHEAD)
    if begin >= end:
        return
    seen: set[object] = set()
    sets: set[tuple[LivePlacement, ...]] = set()
    reported: set[object] = set()
    for screen, lengths in screens:
        bare = replace(screen, hours=(), brightness=(), default_campaign=None)
        key = get_equivalence_key(snapshot, bare)
        if key in seen:
            continue
        seen.add(key)
        for interval in list_intervals_without_takeovers(snapshot, bare, lengths, begin, end):
            placements = interval.live.placements
            if (
                placements
                and placements not in sets
                and len(sets) < _MAX_PLACEMENT_SETS
                and not _get_item_names(placements) & unknown
            ):
                sets.add(placements)
                yield from _check_placements(placements, interval.live.why, max_loop_ms, reported)


def _check_placements(
    placements: tuple[LivePlacement, ...], why: str, max_loop_ms: int, reported: set[object]
) -> Iterator[Finding]:
    rotation = build_rotation(placements, max_loop_ms, BUILTIN_STILL_ITEM)
    if len(set(rotation.entries)) == 1 and len(_get_item_names(placements)) == 1:
        return  # a single item always follows itself
    for note in rotation.notes:
        key = (note, placements[0].number)
        if key not in reported:
            reported.add(key)
            facts = {**dict(note.facts), "why": why}
            yield Finding("warning", f"rotation-{note.code}", ("placement", placements[0].number - 1), facts)


def _get_item_names(placements: tuple[LivePlacement, ...]) -> set[str]:
    return {item.name for placement in placements for item in placement.items}
