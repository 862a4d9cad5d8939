"""From an installation to what a screen's document holds: pure."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from signage.model.local_time import instant
from signage.model.panel import Panel
from signage.model.screen import Screen
from signage.protocol.playlist import Item, PanelFacts
from signage.publish.document import Body, Planned
from signage.schedule.live_content import STILL
from signage.schedule.operating_hours import brightness
from signage.schedule.programs import Loops, PlannedProgram, plan
from signage.schedule.snapshot import Installation

ItemOf = Callable[[str], Item]
"""The document's item for a name of a loop (the still's lengths among them)."""


def span_of(screen: Screen, first: date, days: int) -> tuple[datetime, datetime]:
    """The instants (UTC) at which a document issued on the local date *first* may begin, and ends."""
    zone = ZoneInfo(screen.timezone)
    midnights = (datetime.combine(day, time(0)) for day in (first, first + timedelta(days=days)))
    begin, end = (instant(midnight, zone) for midnight in midnights)
    return begin, end


def compile_body(
    installation: Installation, screen: Screen, panel: Panel, first: date, loops: Loops, item_of: ItemOf
) -> Body:
    """What *screen*, and every screen alike, shows for the configured days from the local date *first* on."""
    begin, end = span_of(screen, first, installation.settings.days)
    programs = plan(installation, screen, loops.lengths, begin, end, loops)
    fallback = (STILL,)
    names = {name for one in programs if one.rotation for name in one.rotation.entries} | set(fallback)
    return Body(
        timezone=screen.timezone,
        panel=PanelFacts(panel.id, panel.width, panel.height, panel.color),
        expires_at=end,
        planned=tuple(_planned(one) for one in programs),
        items=items_for(names, item_of),
        brightness=brightness(screen, begin, end),
        fallback=fallback,
    )


def items_for(names: set[str], item_of: ItemOf) -> Mapping[str, Item]:
    """The items of a document by name, in order."""
    return {name: item_of(name) for name in sorted(names)}


def _planned(program: PlannedProgram) -> Planned:
    entries = program.rotation.entries if program.rotation is not None else None
    return Planned(program.from_, program.until, entries, program.phase_ms, program.why)
