"""Counts the screens that a takeover would reach, before it is started."""

from collections.abc import Iterable

from signage.schedule import targets
from signage.services.context import AppContext
from signage.services.screen_health import get_offline_cutoff
from signage.services.selector_input import parse_selectors, select_screens
from signage.store.screens import screen_selection, screens
from signage.store.screens.screen_selection import Audience

__all__ = ["Audience", "check_targets", "get_audience"]


def get_audience(context: AppContext, selectors: Iterable[str]) -> Audience:
    """Count the screens that *selectors* match now. Raises Refused: a selector cannot be parsed."""
    parsed = [targets.parse_selector(text) for text in parse_selectors(selectors)]
    with context.store.read() as connection:
        return screen_selection.get_audience(connection, parsed, get_offline_cutoff(context))


def check_targets(context: AppContext, selectors: Iterable[str]) -> None:
    """Raise Refused where a selector matches no screen, or all screens that match are excluded again."""
    words = tuple(selectors)
    parsed = [targets.parse_selector(text) for text in parse_selectors(words)]
    with context.store.read() as connection:
        alone = [[selector] for selector in parsed if not selector.negative]
        if all(screen_selection.count_screens_by_panel(connection, one) for one in (*alone, parsed)):
            return
        known = [row.screen for row in screens.iter_screens(connection)]
    select_screens(known, words, context.kind_labels)
