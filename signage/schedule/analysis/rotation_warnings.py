"""What of shares, weights and limits a campaign by itself cannot keep (contract, rules 3 to 5), for ``check``.

Each set of placements that comes together on some screen is looked at while it holds; other campaigns are left out.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

from signage.faults import Fault
from signage.model.campaign import Campaign
from signage.model.screen import Screen
from signage.model.toml.findings import Found
from signage.schedule.calendars import Calendars
from signage.schedule.live_content import LivePlacement
from signage.schedule.programs import Rotate
from signage.schedule.resolve import STILL_ITEM, alike, without_takeovers
from signage.schedule.snapshot import Installation

_LONGEST_LOOK = timedelta(days=62)
_MOST_SETS = 100
Lengths = Mapping[str, int | Fault]


def rotations_keep(
    campaign: Campaign,
    calendars: Calendars,
    screens: Iterable[tuple[Screen, Lengths]],
    rotate: Rotate,
    max_loop_ms: int,
    unknown: frozenset[str] = frozenset(),
) -> Iterator[Found]:
    """Warnings, at the first placement of each set. *screens*, each with the lengths on its panel.

    *unknown*: names of items of which the length is not known: sets with any of them are left out.
    """
    here = Installation((campaign,), calendars=calendars)
    begin, end = campaign.starts_at, min(campaign.ends_at, campaign.starts_at + _LONGEST_LOOK)
    if begin >= end:
        return
    seen: set[object] = set()
    sets: set[tuple[LivePlacement, ...]] = set()
    told: set[object] = set()
    for screen, lengths in screens:
        bare = replace(screen, hours=(), brightness=(), default_campaign=None)
        key = alike(here, bare)
        if key in seen:
            continue
        seen.add(key)
        for stretch in without_takeovers(here, bare, lengths, begin, end):
            placements = stretch.live.placements
            if placements and placements not in sets and len(sets) < _MOST_SETS and not _names(placements) & unknown:
                sets.add(placements)
                yield from _remaining(placements, stretch.live.why, rotate, max_loop_ms, told)


def _remaining(
    placements: tuple[LivePlacement, ...], why: str, rotate: Rotate, max_loop_ms: int, told: set[object]
) -> Iterator[Found]:
    rotation = rotate(placements, max_loop_ms, STILL_ITEM)
    if len(set(rotation.entries)) == 1 and len(_names(placements)) == 1:
        return  # one item alone follows itself, and nobody expects another
    for note in rotation.notes:
        key = (note, placements[0].number)
        if key not in told:
            told.add(key)
            facts = {**dict(note.facts), "why": why}
            yield Found("warning", f"rotation-{note.code}", ("placement", placements[0].number - 1), facts)


def _names(placements: tuple[LivePlacement, ...]) -> set[str]:
    return {item.name for placement in placements for item in placement.items}
