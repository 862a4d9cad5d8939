"""Compiles the playlist body of a group of equivalent screens from a schedule snapshot. Pure."""

from collections.abc import Callable
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
"""Item name in a loop → playlist item; includes the fallback picture in its lengths."""


def compute_span(screen: Screen, first: date, days: int) -> tuple[datetime, datetime]:
    """Return begin and end (UTC) of the period that a document issued on the local date *first* covers."""
    zone = ZoneInfo(screen.timezone)
    midnights = (datetime.combine(day, time(0)) for day in (first, first + timedelta(days=days)))
    begin, end = (to_instant(midnight, zone) for midnight in midnights)
    return begin, end


def compile_body(
    snapshot: ScheduleSnapshot,
    screen: Screen,
    panel: Panel,
    first: date,
    rotations: RotationCache,
    get_item: ItemLookup,
) -> PlaylistBody:
    """Compile what *screen* and equivalent screens show for the configured days from the local date *first*."""
    begin, end = compute_span(screen, first, snapshot.settings.days)
    programs = plan_programs(snapshot, screen, rotations.lengths, begin, end, rotations)
    fallback = (BUILTIN_STILL,)
    names = {name for program in programs if program.rotation for name in program.rotation.entries} | set(fallback)
    return PlaylistBody(
        timezone=screen.timezone,
        panel=PlaylistPanel(panel.id, panel.width, panel.height, panel.color),
        expires_at=end,
        programs=tuple(_build_program(program) for program in programs),
        items={name: get_item(name) for name in sorted(names)},
        brightness=list_brightness_changes(screen, begin, end),
        fallback=fallback,
    )


def _build_program(program: PlannedProgram) -> BodyProgram:
    entries = program.rotation.entries if program.rotation is not None else None
    return BodyProgram(program.from_, program.until, entries, program.phase_ms, program.why, program.live.takeover_id)
