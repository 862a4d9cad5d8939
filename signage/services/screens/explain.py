"""Why a screen shows what it shows: every rule that was asked, the winner and what lost."""

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
    contents_of: Callable[[ScheduleSnapshot], ItemSource],
    screen_id: str,
    at: datetime,
) -> Explanation:
    """What *screen_id* shows at *at*, and why. Raises Refused for a screen or a time that there is none of."""
    with context.store.read() as connection:
        kept = screens.get_screen(connection, screen_id)
        if kept is None:
            raise refuse("screen-unknown", screen_id, screen=screen_id[:64])
        installation = load_current_snapshot(connection, rules, at - TAKEOVER_HISTORY if at.year > 1 else None).snapshot
    panel = context.panels.get(kept.screen.panel)
    if panel is None:
        raise refuse("panel-unknown", "panel", panel=kept.screen.panel, known=", ".join(sorted(context.panels)))
    loops = RotationCache(contents_of(installation).get_lengths(panel), installation.settings.max_loop_ms)
    try:
        return explain(installation, kept.screen, loops.lengths, at, loops)
    except OverflowError:
        raise refuse("time-beyond", "at", text=at.isoformat()) from None
