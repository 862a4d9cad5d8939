"""From an installation to what a screen's document holds: pure."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from signage.model.local_time import to_instant
from signage.model.panel import Panel
from signage.model.screen import Screen
from signage.protocol.playlist import PlaylistItem, PlaylistPanel
from signage.publish.document import BodyProgram, PlaylistBody
from signage.schedule.live_content import BUILTIN_STILL
from signage.schedule.operating_hours import list_brightness_changes
from signage.schedule.programs import PlannedProgram, plan_programs
from signage.schedule.rotation.rotation_cache import RotationCache
from signage.schedule.snapshot import ScheduleSnapshot

ItemLookup = Callable[[str], PlaylistItem]
"""The document's item for a name of a loop (the still's lengths among them)."""


def compute_span(screen: Screen, first: date, days: int) -> tuple[datetime, datetime]:
    """The instants (UTC) at which a document issued on the local date *first* may begin, and ends."""
    zone = ZoneInfo(screen.timezone)
    midnights = (datetime.combine(day, time(0)) for day in (first, first + timedelta(days=days)))
    begin, end = (to_instant(midnight, zone) for midnight in midnights)
    return begin, end


def compile_body(
    installation: ScheduleSnapshot, screen: Screen, panel: Panel, first: date, loops: RotationCache, item_of: ItemLookup
) -> PlaylistBody:
    """What *screen*, and every screen alike, shows for the configured days from the local date *first* on."""
    begin, end = compute_span(screen, first, installation.settings.days)
    programs = plan_programs(installation, screen, loops.lengths, begin, end, loops)
    fallback = (BUILTIN_STILL,)
    names = {name for one in programs if one.rotation for name in one.rotation.entries} | set(fallback)
    return PlaylistBody(
        timezone=screen.timezone,
        panel=PlaylistPanel(panel.id, panel.width, panel.height, panel.color),
        expires_at=end,
        programs=tuple(_build_program(one) for one in programs),
        items=collect_items(names, item_of),
        brightness=list_brightness_changes(screen, begin, end),
        fallback=fallback,
    )


def collect_items(names: set[str], item_of: ItemLookup) -> Mapping[str, PlaylistItem]:
    """The items of a document by name, in order."""
    return {name: item_of(name) for name in sorted(names)}


def _build_program(program: PlannedProgram) -> BodyProgram:
    entries = program.rotation.entries if program.rotation is not None else None
    return BodyProgram(program.from_, program.until, entries, program.phase_ms, program.why, program.live.takeover_id)
