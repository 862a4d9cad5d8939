"""Why a screen shows what it shows: every rule that was asked, the winner and what lost."""

from collections.abc import Callable
from datetime import datetime, timedelta

from signage.faults import refuse
from signage.publish.group_compiler import Contents
from signage.publish.load_snapshot import Rules, load
from signage.schedule.analysis.explain import Explanation, explain
from signage.schedule.programs import Loops
from signage.schedule.rotation.loop import rotate
from signage.schedule.snapshot import Installation
from signage.services.context import Office
from signage.store.screens import screens

_KEPT_TAKEOVERS = timedelta(days=2)


def explanation(
    office: Office, rules: Rules, contents_of: Callable[[Installation], Contents], screen_id: str, at: datetime
) -> Explanation:
    """What *screen_id* shows at *at*, and why. Raises Refused for a screen or a time that there is none of."""
    with office.store.read() as connection:
        kept = screens.get(connection, screen_id)
        if kept is None:
            raise refuse("screen-unknown", screen_id, screen=screen_id[:64])
        installation = load(connection, rules, at - _KEPT_TAKEOVERS if at.year > 1 else None).installation
    panel = office.panels.get(kept.screen.panel)
    if panel is None:
        raise refuse("panel-unknown", "panel", panel=kept.screen.panel, known=", ".join(sorted(office.panels)))
    loops = Loops(rotate, installation.settings.max_loop_ms, contents_of(installation).lengths(panel))
    try:
        return explain(installation, kept.screen, loops.lengths, at, loops)
    except OverflowError:
        raise refuse("time-beyond", "at", text=at.isoformat()) from None
