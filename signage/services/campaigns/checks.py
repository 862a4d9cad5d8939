"""What else is to be said of a sound campaign: warnings from the rooms that know calendars, panels and rotations.

``CHECKS`` is the one list; a check is a function of the campaign and what is around it, and names the place in the
file by its path. ``signage check`` and the console's rehearsal go through all of them.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from signage.library.style_merge import merge_styles
from signage.model.campaign import Campaign
from signage.model.item import MIN_SLOGAN_MS
from signage.model.panel import PRESET_PANELS, Panel
from signage.model.screen import Screen
from signage.model.toml.findings import Finding
from signage.pixels.slogan.legibility import check_legibility as legibility
from signage.schedule.calendars import OfficialCalendars, find_country, is_known_year
from signage.schedule.dayparts import (
    compile_day_filter,
    get_daypart_context,
    list_daypart_intervals,
    uses_official_days,
)
from signage.schedule.priority import list_placed_items
from signage.schedule.snapshot import ScheduleSettings
from signage.schedule.targets import TargetIndex
from signage.services.campaigns.rotation_checks import check_rotations

_DEFAULT_PANEL = next(panel for panel in PRESET_PANELS if panel.id == "taxi-192x64")
_MAX_EXACT_WINDOW = timedelta(days=800)
_MAX_DAYS = 36_525
_MAX_YEARS = 400
_PANEL_INDEPENDENT_CODES = frozenset(
    {"glyph-missing", "glyph-substituted", "character-dropped", "character-not-standard"}
)
"""What is wrong with a text on whichever panel."""


@dataclass(frozen=True, slots=True)
class CheckContext:
    """What stands around a campaign. *screens*: those that are enrolled; empty where that is not known."""

    panels: Mapping[str, Panel] = field(default_factory=lambda: {panel.id: panel for panel in PRESET_PANELS})
    calendars: OfficialCalendars = field(default_factory=OfficialCalendars)
    screens: tuple[Screen, ...] = ()
    settings: ScheduleSettings = field(default_factory=ScheduleSettings)


CampaignCheck = Callable[[Campaign, CheckContext], Iterator[Finding]]


def check_official_days(campaign: Campaign, around: CheckContext) -> Iterator[Finding]:
    """Rule 7: a year that the official calendar does not know is counted Monday to Friday."""
    country = find_country(campaign.timezone)
    first, last = (at.astimezone(campaign.zone).year for at in (campaign.starts_at, campaign.ends_at))
    ruled = {day.year for day, _ in around.calendars.overrides}
    years = range(first, min(last, first + _MAX_YEARS) + 1)
    unknown = [year for year in years if year not in ruled and not (country and is_known_year(country, year))]
    for daypart in campaign.dayparts if unknown else ():
        if uses_official_days(daypart):
            facts = {"daypart": daypart.id, "timezone": campaign.timezone, "years": _format_year_ranges(unknown)}
            yield Finding("warning", "official-days-unknown", ("daypart", daypart.id, "days"), facts)


def _format_year_ranges(years: list[int]) -> str:
    parts: list[list[int]] = []
    for year in years:
        if parts and year == parts[-1][-1] + 1:
            parts[-1].append(year)
        else:
            parts.append([year])
    return ", ".join(str(part[0]) if len(part) == 1 else f"{part[0]}–{part[-1]}" for part in parts)


def check_dayparts(campaign: Campaign, around: CheckContext) -> Iterator[Finding]:
    """A daypart that holds at no instant of the window shows nothing."""
    framed = get_daypart_context(campaign, around.calendars)
    begin, end = campaign.starts_at, campaign.ends_at
    for daypart in campaign.dayparts:
        if end - begin < _MAX_EXACT_WINDOW:
            never = not list_daypart_intervals(daypart, framed, begin, end)
        else:
            matches_day = compile_day_filter(daypart, framed)
            days = range(framed.first_day.toordinal(), min(end.toordinal(), framed.first_day.toordinal() + _MAX_DAYS))
            never = not any(matches_day(date.fromordinal(n)) for n in days)
        if never:
            yield Finding("warning", "daypart-never-holds", ("daypart", daypart.id), {"daypart": daypart.id})


def check_slogan_legibility(campaign: Campaign, around: CheckContext) -> Iterator[Finding]:
    """On each panel that will show a slogan; where no screen is known, what is wrong on any."""
    shown_on = _list_panels_by_item(campaign, around)
    for number, item in enumerate(campaign.items):
        if item.text is None:
            continue
        panels = [around.panels[name] for name in around.panels if name in shown_on[number]]
        told: set[str] = set()
        for panel in panels or [around.panels.get(_DEFAULT_PANEL.id, _DEFAULT_PANEL)]:
            look, least_ms = merge_styles(item.look, campaign.look), item.duration_ms or MIN_SLOGAN_MS
            for fault in legibility(item.text, look, panel, least_ms):
                if fault.code not in told and (panels or fault.code in _PANEL_INDEPENDENT_CODES):
                    told.add(fault.code)
                    facts = {"panel": panel.id, **fault.facts}
                    yield Finding("warning", fault.code, ("item", number, fault.location.key or "text"), facts)


def _list_panels_by_item(campaign: Campaign, around: CheckContext) -> list[set[str]]:
    """For each item the ids of the panels on which some placement shows it."""
    index = TargetIndex(placement.screens for placement in campaign.placements)
    on: list[set[str]] = [set() for _ in campaign.placements]
    for screen in around.screens:
        mask = index.get_mask(screen)
        for number in range(len(on)):
            if mask >> number & 1:
                on[number].add(screen.panel)
    shown: list[set[str]] = [set() for _ in campaign.items]
    for placement, panels in zip(campaign.placements, on, strict=True):
        for number in list_placed_items(campaign, placement):
            shown[number] |= panels
    return shown


CHECKS: tuple[CampaignCheck, ...] = (check_official_days, check_dayparts, check_slogan_legibility, check_rotations)


def check_campaign(campaign: Campaign, around: CheckContext) -> list[Finding]:
    """All that the checks find in *campaign*."""
    return [found for check in CHECKS for found in check(campaign, around)]
