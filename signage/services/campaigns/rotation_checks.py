"""What a campaign's shares, weights and limits leave undone on the screens that it names, for ``check``."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Protocol

from signage.faults import Fault, Refused
from signage.library.style_merge import merged
from signage.model.campaign import Campaign, ref
from signage.model.panel import Panel
from signage.model.screen import Screen
from signage.model.toml.findings import Found
from signage.pixels.slogan.slogan import set_text
from signage.schedule.analysis.rotation_warnings import rotations_keep
from signage.schedule.calendars import Calendars
from signage.schedule.rotation.loop import rotate
from signage.schedule.snapshot import Settings

LEAST_SLOGAN_MS = 8000


class Around(Protocol):
    """What stands around a campaign."""

    @property
    def panels(self) -> Mapping[str, Panel]: ...
    @property
    def calendars(self) -> Calendars: ...
    @property
    def screens(self) -> tuple[Screen, ...]: ...
    @property
    def settings(self) -> Settings: ...


def rotations_hold(campaign: Campaign, around: Around) -> Iterator[Found]:
    """Rules 3 to 5: items after themselves, cut cycles with their error, limits that bind.

    Where no screen is known, placements with the same selectors are looked at together, and slogans last their least
    time. The length of a film is not known here: sets of placements with one are left out.
    """
    unknown = frozenset(ref(campaign.id, item.id) for item in campaign.items if _is_film(item.text, item.duration_ms))
    lengths: dict[str, dict[str, int | Fault]] = {}
    most_ms = around.settings.max_loop_ms

    def of(panel: Panel) -> Mapping[str, int | Fault]:
        if panel.id not in lengths:
            lengths[panel.id] = _lengths(campaign, panel)
        return lengths[panel.id]

    known = [(screen, of(around.panels[screen.panel])) for screen in around.screens if screen.panel in around.panels]
    if known:
        yield from rotations_keep(campaign, around.calendars, known, rotate, most_ms, unknown)
        return
    anywhere = Screen("check", "check", "any", campaign.timezone)
    least = {ref(campaign.id, item.id): item.duration_ms or LEAST_SLOGAN_MS for item in campaign.items}
    for selectors in dict.fromkeys(placement.screens for placement in campaign.placements):
        together = tuple(
            replace(placement, screens=("*",) if placement.screens == selectors else ("!*",))
            for placement in campaign.placements
        )
        alone = replace(campaign, placements=together)
        yield from rotations_keep(alone, around.calendars, [(anywhere, least)], rotate, most_ms, unknown)


def _is_film(text: str | None, duration_ms: int | None) -> bool:
    return text is None and duration_ms is None


def _lengths(campaign: Campaign, panel: Panel) -> dict[str, int | Fault]:
    found: dict[str, int | Fault] = {}
    for item in campaign.items:
        length: int | Fault = item.duration_ms or LEAST_SLOGAN_MS
        if item.text is not None:
            try:
                least = item.duration_ms or LEAST_SLOGAN_MS
                length = set_text(item.text, merged(item.look, campaign.look), panel, least).duration_ms
            except Refused as refused:
                length = refused.faults[0]
        found[ref(campaign.id, item.id)] = length
    return found
