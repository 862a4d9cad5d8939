"""Warnings about a valid campaign that need calendars, panels, screens or rotations.

``CHECKS`` lists all checks. A check takes the campaign and its context, and locates each finding by its path in the
campaign file. ``signage check`` and the console's review run all of them. Rule numbers are those of the contract.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from signage.faults import Fault, Refused
from signage.library.codecs.clip_jobs import MIN_FILM_MS
from signage.library.rendition_specs import get_clip_length
from signage.library.style_merge import merge_styles
from signage.model.campaign import Campaign, format_item_ref
from signage.model.clip_facts import ClipFacts
from signage.model.consent import Consent
from signage.model.item import MIN_SLOGAN_MS
from signage.model.panel import PRESET_PANELS, Panel
from signage.model.screen import Screen
from signage.model.toml.findings import Finding
from signage.pixels.slogan.legibility import check_legibility
from signage.pixels.slogan.slogan import layout_slogan
from signage.schedule.analysis.consent_coverage import describe_limits, find_foreign_screens, limits_campaign
from signage.schedule.analysis.rotation_warnings import find_rotation_warnings
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
from signage.services.selector_input import format_screen_ids

_DEFAULT_PANEL = next(panel for panel in PRESET_PANELS if panel.id == "taxi-192x64")
_MAX_EXACT_WINDOW = timedelta(days=800)
_MAX_DAYS = 36_525
_MAX_YEARS = 400
_PANEL_INDEPENDENT_CODES = frozenset(
    {"glyph-missing", "glyph-substituted", "character-dropped", "character-not-standard"}
)
"""Legibility faults that a text has on every panel."""


@dataclass(frozen=True, slots=True)
class CheckContext:
    """The installation around a campaign.

    *screens*: those that are enrolled, or one of each group that shows the same; empty where they are not known.
    *enrolled*: all of them. *consents*: those that are given and not over; None where campaigns need none.
    """

    panels: Mapping[str, Panel] = field(default_factory=lambda: {panel.id: panel for panel in PRESET_PANELS})
    calendars: OfficialCalendars = field(default_factory=OfficialCalendars)
    screens: tuple[Screen, ...] = ()
    settings: ScheduleSettings = field(default_factory=ScheduleSettings)
    enrolled: tuple[Screen, ...] = ()
    consents: tuple[Consent, ...] | None = None


CampaignCheck = Callable[[Campaign, CheckContext], Iterator[Finding]]


def check_official_days(campaign: Campaign, context: CheckContext) -> Iterator[Finding]:
    """Rule 7: in a year without an official calendar, workdays are Monday to Friday."""
    country = find_country(campaign.timezone)
    first, last = (at.astimezone(campaign.zone).year for at in (campaign.starts_at, campaign.ends_at))
    overridden = {day.year for day, _ in context.calendars.overrides}
    years = range(first, min(last, first + _MAX_YEARS) + 1)
    unknown = [year for year in years if year not in overridden and not (country and is_known_year(country, year))]
    for daypart in campaign.dayparts if unknown else ():
        if uses_official_days(daypart):
            facts = {"daypart": daypart.id, "timezone": campaign.timezone, "years": _format_year_ranges(unknown)}
            yield Finding("warning", "official-days-unknown", ("daypart", daypart.id, "days"), facts)


def _format_year_ranges(years: list[int]) -> str:
    ranges: list[list[int]] = []
    for year in years:
        if ranges and year == ranges[-1][-1] + 1:
            ranges[-1].append(year)
        else:
            ranges.append([year])
    return ", ".join(str(years[0]) if len(years) == 1 else f"{years[0]}–{years[-1]}" for years in ranges)


def check_dayparts(campaign: Campaign, context: CheckContext) -> Iterator[Finding]:
    """A daypart that is never active during the campaign shows nothing."""
    daypart_context = get_daypart_context(campaign, context.calendars)
    begin, end = campaign.starts_at, campaign.ends_at
    first_day = daypart_context.first_day.toordinal()
    for daypart in campaign.dayparts:
        if end - begin < _MAX_EXACT_WINDOW:
            is_active = bool(list_daypart_intervals(daypart, daypart_context, begin, end))
        else:
            matches_day = compile_day_filter(daypart, daypart_context)
            days = range(first_day, min(end.toordinal(), first_day + _MAX_DAYS))
            is_active = any(matches_day(date.fromordinal(ordinal)) for ordinal in days)
        if not is_active:
            yield Finding("warning", "daypart-never-holds", ("daypart", daypart.id), {"daypart": daypart.id})


def check_slogan_legibility(campaign: Campaign, context: CheckContext) -> Iterator[Finding]:
    """Legibility of each slogan on the panels that will show it; without known screens, on every panel alike."""
    panel_ids_by_item = _list_panels_by_item(campaign, context)
    for number, item in enumerate(campaign.items):
        if item.text is None:
            continue
        panels = [panel for panel_id, panel in context.panels.items() if panel_id in panel_ids_by_item[number]]
        style, min_ms = merge_styles(item.look, campaign.look), item.duration_ms or MIN_SLOGAN_MS
        reported: set[str] = set()
        for panel in panels or [context.panels.get(_DEFAULT_PANEL.id, _DEFAULT_PANEL)]:
            for fault in check_legibility(item.text, style, panel, min_ms):
                if fault.code not in reported and (panels or fault.code in _PANEL_INDEPENDENT_CODES):
                    reported.add(fault.code)
                    facts = {"panel": panel.id, **fault.facts}
                    yield Finding("warning", fault.code, ("item", number, fault.location.key or "text"), facts)


def _list_panels_by_item(campaign: Campaign, context: CheckContext) -> list[set[str]]:
    """Return for each item the ids of the panels on which a placement shows it."""
    index = TargetIndex(placement.screens for placement in campaign.placements)
    panels_by_placement: list[set[str]] = [set() for _ in campaign.placements]
    for screen in context.screens:
        mask = index.get_mask(screen)
        for number, panels in enumerate(panels_by_placement):
            if mask >> number & 1:
                panels.add(screen.panel)
    panels_by_item: list[set[str]] = [set() for _ in campaign.items]
    for placement, panels in zip(campaign.placements, panels_by_placement, strict=True):
        for number in list_placed_items(campaign, placement):
            panels_by_item[number] |= panels
    return panels_by_item


def check_rotations(campaign: Campaign, context: CheckContext) -> Iterator[Finding]:
    """Rules 3 to 5: items that follow themselves, shortened cycles with their error, limits that bind.

    Without known screens, placements with the same selectors are checked together, and slogans have their minimum
    length. The length of a film is not known here: sets of placements with a film are skipped.
    """
    unknown = frozenset(
        format_item_ref(campaign.id, item.id)
        for item in campaign.items
        if item.text is None and item.duration_ms is None
    )
    max_loop_ms = context.settings.max_loop_ms
    panels = {screen.panel: context.panels.get(screen.panel) for screen in context.screens}
    lengths = {panel_id: _compute_item_lengths(campaign, panel) for panel_id, panel in panels.items() if panel}
    screens = [(screen, lengths[screen.panel]) for screen in context.screens if screen.panel in lengths]
    if screens:
        yield from find_rotation_warnings(campaign, context.calendars, screens, max_loop_ms, unknown)
        return
    any_screen = Screen("check", "check", "any", campaign.timezone)
    min_lengths: dict[str, int | Fault] = {
        format_item_ref(campaign.id, item.id): item.duration_ms or MIN_SLOGAN_MS for item in campaign.items
    }
    for selectors in dict.fromkeys(placement.screens for placement in campaign.placements):
        placements = tuple(
            replace(placement, screens=("*",) if placement.screens == selectors else ("!*",))
            for placement in campaign.placements
        )
        isolated = replace(campaign, placements=placements)
        yield from find_rotation_warnings(
            isolated, context.calendars, [(any_screen, min_lengths)], max_loop_ms, unknown
        )


def _compute_item_lengths(campaign: Campaign, panel: Panel) -> dict[str, int | Fault]:
    lengths: dict[str, int | Fault] = {}
    for item in campaign.items:
        min_ms = item.duration_ms or MIN_SLOGAN_MS
        length: int | Fault = min_ms
        if item.text is not None:
            try:
                length = layout_slogan(item.text, merge_styles(item.look, campaign.look), panel, min_ms).duration_ms
            except Refused as refused:
                length = refused.faults[0]
        lengths[format_item_ref(campaign.id, item.id)] = length
    return lengths


def check_consents(campaign: Campaign, context: CheckContext) -> Iterator[Finding]:
    """Rule 9: screens of other units on which the campaign may not show, or only within the limits of a consent."""
    if context.consents is None:
        return
    for found in find_foreign_screens(campaign, context.enrolled, context.consents):
        facts: dict[str, object] = {"unit": found.unit, "count": len(found.screens), "to": campaign.unit}
        facts["screens"] = format_screen_ids(found.screens)
        path = ("placement", found.placement, "screens")
        if found.consent is None:
            yield Finding("warning", "screens-without-consent", path, facts)
        elif limits_campaign(found.consent, campaign):
            facts |= {"consent": found.consent.id, **describe_limits(found.consent, campaign.zone)}
            yield Finding("warning", "consent-limits", path, facts)


CHECKS: tuple[CampaignCheck, ...] = (
    check_official_days,
    check_dayparts,
    check_slogan_legibility,
    check_rotations,
    check_consents,
)


def find_short_clips(campaign: Campaign, get_facts: Callable[[str], ClipFacts | None]) -> Iterator[Finding]:
    """Yield a warning for each clip whose pictures last less than a second: nobody can see them.

    *campaign*: with its clips by the keys that *get_facts* knows.
    """
    for number, item in enumerate(campaign.items):
        facts = get_facts(item.sha256) if item.sha256 else None
        if facts is None or facts.kind == "picture":
            continue
        shown_ms = get_clip_length(facts, item)
        seconds = f"{(facts.duration_ms or 0) / 1000:g}"
        if facts.kind == "film" and (facts.duration_ms or 0) < MIN_FILM_MS:
            yield Finding("warning", "film-short", ("item", number), {"seconds": seconds})
        elif isinstance(shown_ms, int) and shown_ms < MIN_FILM_MS:
            yield Finding("warning", "animation-short", ("item", number), {"seconds": seconds})


def check_campaign(campaign: Campaign, context: CheckContext) -> list[Finding]:
    """Return the findings of all checks in *campaign*."""
    return [finding for check in CHECKS for finding in check(campaign, context)]
