"""What a campaign's shares, weights and limits leave undone on the screens that it names, for ``check``."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Protocol

from signage.faults import Fault, Refused
from signage.library.style_merge import merge_styles
from signage.model.campaign import Campaign, format_item_ref
from signage.model.item import MIN_SLOGAN_MS
from signage.model.panel import Panel
from signage.model.screen import Screen
from signage.model.toml.findings import Finding
from signage.pixels.slogan.slogan import layout_slogan
from signage.schedule.analysis.rotation_warnings import find_rotation_warnings
from signage.schedule.calendars import OfficialCalendars
from signage.schedule.snapshot import ScheduleSettings


class RotationCheckContext(Protocol):
    """What stands around a campaign."""

    @property
    def panels(self) -> Mapping[str, Panel]: ...
    @property
    def calendars(self) -> OfficialCalendars: ...
    @property
    def screens(self) -> tuple[Screen, ...]: ...
    @property
    def settings(self) -> ScheduleSettings: ...


def check_rotations(campaign: Campaign, around: RotationCheckContext) -> Iterator[Finding]:
    """Rules 3 to 5: items after themselves, cut cycles with their error, limits that bind.

    Where no screen is known, placements with the same selectors are looked at together, and slogans last their least
    time. The length of a film is not known here: sets of placements with one are left out.
    """
    unknown = frozenset(
        format_item_ref(campaign.id, item.id) for item in campaign.items if _is_film(item.text, item.duration_ms)
    )
    lengths: dict[str, dict[str, int | Fault]] = {}
    most_ms = around.settings.max_loop_ms

    def of(panel: Panel) -> Mapping[str, int | Fault]:
        if panel.id not in lengths:
            lengths[panel.id] = _compute_item_lengths(campaign, panel)
        return lengths[panel.id]

    known = [(screen, of(around.panels[screen.panel])) for screen in around.screens if screen.panel in around.panels]
    if known:
        yield from find_rotation_warnings(campaign, around.calendars, known, most_ms, unknown)
        return
    anywhere = Screen("check", "check", "any", campaign.timezone)
    least = {format_item_ref(campaign.id, item.id): item.duration_ms or MIN_SLOGAN_MS for item in campaign.items}
    for selectors in dict.fromkeys(placement.screens for placement in campaign.placements):
        together = tuple(
            replace(placement, screens=("*",) if placement.screens == selectors else ("!*",))
            for placement in campaign.placements
        )
        alone = replace(campaign, placements=together)
        yield from find_rotation_warnings(alone, around.calendars, [(anywhere, least)], most_ms, unknown)


def _is_film(text: str | None, duration_ms: int | None) -> bool:
    return text is None and duration_ms is None


def _compute_item_lengths(campaign: Campaign, panel: Panel) -> dict[str, int | Fault]:
    found: dict[str, int | Fault] = {}
    for item in campaign.items:
        length: int | Fault = item.duration_ms or MIN_SLOGAN_MS
        if item.text is not None:
            try:
                least = item.duration_ms or MIN_SLOGAN_MS
                length = layout_slogan(item.text, merge_styles(item.look, campaign.look), panel, least).duration_ms
            except Refused as refused:
                length = refused.faults[0]
        found[format_item_ref(campaign.id, item.id)] = length
    return found
