"""What else is to be said of a sound campaign: warnings from the rooms that know calendars, panels and rotations.

``CHECKS`` is the one list; a check is a function of the campaign and what is around it, and names the place in the
file by its path. ``signage check`` and the console's rehearsal go through all of them.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from signage.library.style_merge import merged
from signage.model.campaign import Campaign
from signage.model.panel import PRESETS, Panel
from signage.model.screen import Screen
from signage.model.toml.findings import Found
from signage.pixels.slogan.legibility import check as legibility
from signage.schedule.calendars import Calendars, country_of, is_known
from signage.schedule.dayparts import frame, on_day, spans, uses_official_days
from signage.schedule.priority import placed_items
from signage.schedule.snapshot import Settings
from signage.schedule.targets import TargetIndex
from signage.services.campaigns.rotation_checks import rotations_hold

LEAST_SLOGAN_MS = 8000
_USUAL = next(panel for panel in PRESETS if panel.id == "taxi-192x64")
_SHORT = timedelta(days=800)
_MOST_DAYS = 36_525
_MOST_YEARS = 400
_ANYWHERE = frozenset({"glyph-missing", "glyph-substituted", "character-dropped", "character-not-standard"})
"""What is wrong with a text on whichever panel."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands around a campaign. *screens*: those that are enrolled; empty where that is not known."""

    panels: Mapping[str, Panel] = field(default_factory=lambda: {panel.id: panel for panel in PRESETS})
    calendars: Calendars = field(default_factory=Calendars)
    screens: tuple[Screen, ...] = ()
    settings: Settings = field(default_factory=Settings)


Check = Callable[[Campaign, Surroundings], Iterator[Found]]


def official_days_are_known(campaign: Campaign, around: Surroundings) -> Iterator[Found]:
    """Rule 7: a year that the official calendar does not know is counted Monday to Friday."""
    country = country_of(campaign.timezone)
    first, last = (at.astimezone(campaign.zone).year for at in (campaign.starts_at, campaign.ends_at))
    ruled = {day.year for day, _ in around.calendars.overrides}
    years = range(first, min(last, first + _MOST_YEARS) + 1)
    unknown = [year for year in years if year not in ruled and not (country and is_known(country, year))]
    for daypart in campaign.dayparts if unknown else ():
        if uses_official_days(daypart):
            facts = {"daypart": daypart.id, "timezone": campaign.timezone, "years": _ranges(unknown)}
            yield Found("warning", "official-days-unknown", ("daypart", daypart.id, "days"), facts)


def _ranges(years: list[int]) -> str:
    parts: list[list[int]] = []
    for year in years:
        if parts and year == parts[-1][-1] + 1:
            parts[-1].append(year)
        else:
            parts.append([year])
    return ", ".join(str(part[0]) if len(part) == 1 else f"{part[0]}–{part[-1]}" for part in parts)


def dayparts_hold_sometime(campaign: Campaign, around: Surroundings) -> Iterator[Found]:
    """A daypart that holds at no instant of the window shows nothing."""
    framed = frame(campaign, around.calendars)
    begin, end = campaign.starts_at, campaign.ends_at
    for daypart in campaign.dayparts:
        if end - begin < _SHORT:
            never = not spans(daypart, framed, begin, end)
        else:
            matches_day = on_day(daypart, framed)
            days = range(framed.first.toordinal(), min(end.toordinal(), framed.first.toordinal() + _MOST_DAYS))
            never = not any(matches_day(date.fromordinal(n)) for n in days)
        if never:
            yield Found("warning", "daypart-never-holds", ("daypart", daypart.id), {"daypart": daypart.id})


def slogans_can_be_read(campaign: Campaign, around: Surroundings) -> Iterator[Found]:
    """On each panel that will show a slogan; where no screen is known, what is wrong on any."""
    shown_on = _panels_of_items(campaign, around)
    for number, item in enumerate(campaign.items):
        if item.text is None:
            continue
        panels = [around.panels[name] for name in around.panels if name in shown_on[number]]
        told: set[str] = set()
        for panel in panels or [around.panels.get(_USUAL.id, _USUAL)]:
            look, least_ms = merged(item.look, campaign.look), item.duration_ms or LEAST_SLOGAN_MS
            for fault in legibility(item.text, look, panel, least_ms):
                if fault.code not in told and (panels or fault.code in _ANYWHERE):
                    told.add(fault.code)
                    facts = {"panel": panel.id, **fault.facts}
                    yield Found("warning", fault.code, ("item", number, fault.place.key or "text"), facts)


def _panels_of_items(campaign: Campaign, around: Surroundings) -> list[set[str]]:
    """For each item the ids of the panels on which some placement shows it."""
    index = TargetIndex(placement.screens for placement in campaign.placements)
    on: list[set[str]] = [set() for _ in campaign.placements]
    for screen in around.screens:
        mask = index.mask(screen)
        for number in range(len(on)):
            if mask >> number & 1:
                on[number].add(screen.panel)
    shown: list[set[str]] = [set() for _ in campaign.items]
    for placement, panels in zip(campaign.placements, on, strict=True):
        for number in placed_items(campaign, placement):
            shown[number] |= panels
    return shown


CHECKS: tuple[Check, ...] = (official_days_are_known, dayparts_hold_sometime, slogans_can_be_read, rotations_hold)


def look_over(campaign: Campaign, around: Surroundings) -> list[Found]:
    """All that the checks find in *campaign*."""
    return [found for check in CHECKS for found in check(campaign, around)]
