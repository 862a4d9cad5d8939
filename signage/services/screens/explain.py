"""Explains what a screen shows at an instant: every rule applied, the winner and the losers."""

from collections.abc import Callable
from datetime import datetime

from signage.faults import refuse
from signage.publish.group_compiler import ItemSource
from signage.publish.load_snapshot import ScheduleRules, load_current_snapshot
from signage.schedule.analysis.explain import Explanation, explain
from signage.schedule.rotation.rotation_cache import RotationCache
from signage.schedule.snapshot import ScheduleSnapshot
from signage.services.context import AppContext
from signage.services.takeovers.delivery import TAKEOVER_HISTORY
from signage.store.screens import screens


def explain_screen(
    context: AppContext,
    rules: ScheduleRules,
    create_resolver: Callable[[ScheduleSnapshot], ItemSource],
    screen_id: str,
    at: datetime,
) -> Explanation:
    """Explain what *screen_id* shows at *at*. Raises Refused: unknown screen or panel, time out of range."""
    with context.store.read() as connection:
        row = screens.get_screen(connection, screen_id)
        if row is None:
            raise refuse("screen-unknown", screen_id, screen=screen_id[:64])
        snapshot = load_current_snapshot(connection, rules, at - TAKEOVER_HISTORY if at.year > 1 else None).snapshot
    panel = context.panels.get(row.screen.panel)
    if panel is None:
        raise refuse("panel-unknown", "panel", panel=row.screen.panel, known=", ".join(sorted(context.panels)))
    loops = RotationCache(create_resolver(snapshot).get_lengths(panel), snapshot.settings.max_loop_ms)
    try:
        return explain(snapshot, row.screen, loops.lengths, at, loops)
    except OverflowError:
        raise refuse("time-beyond", "at", text=at.isoformat()) from None
