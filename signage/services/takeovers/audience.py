"""Counts the screens that a takeover would reach, before it is started."""

from collections.abc import Iterable

from signage.schedule import targets
from signage.services.context import AppContext
from signage.services.screen_health import get_offline_cutoff
from signage.services.selectors import parse_selectors
from signage.store.screens import screen_selection
from signage.store.screens.screen_selection import Audience

__all__ = ["Audience", "get_audience"]


def get_audience(context: AppContext, selectors: Iterable[str]) -> Audience:
    """Count the screens that *selectors* match now. Raises Refused: a selector cannot be parsed."""
    parsed = [targets.parse_selector(text) for text in parse_selectors(selectors)]
    with context.store.read() as connection:
        return screen_selection.get_audience(connection, parsed, get_offline_cutoff(context))
