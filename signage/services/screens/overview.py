"""Questions for the wall and the lists of screens: which, how they are, what starts and ends next."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from signage.faults import refuse
from signage.services.context import AppContext
from signage.services.screen_health import ScreenCondition, assess_condition, get_offline_cutoff
from signage.store import change_counter
from signage.store.campaigns import campaign_lists
from signage.store.screens import screen_lists
from signage.store.screens.screen_lists import ContactState, ScreenCounts, ScreenFilter, ScreenListRow
from signage.store.takeovers import takeovers

__all__ = ["ContactState", "ScreenFilter", "ScreenOverview", "UpcomingEvent"]

_UPCOMING_PERIOD = timedelta(days=7)
_COUNTS_MAX_AGE_S = 5.0
MAX_COUNTED = 10_000
_counts_cache: dict[str, tuple[float, ScreenCounts]] = {}
_labels_cache: dict[str, tuple[int, dict[str, list[str]]]] = {}


@dataclass(frozen=True, slots=True)
class ScreenOverview:
    """A screen with how it is."""

    list_row: ScreenListRow
    condition: ScreenCondition

    @property
    def id(self) -> str:
        return self.list_row.screen_row.screen.id


@dataclass(frozen=True, slots=True)
class UpcomingEvent:
    """Something that begins or ends at *at*: a campaign (its *title*) or a takeover."""

    at: datetime
    kind: Literal["begins", "ends", "takeover-ends", "report-due"]
    name: str
    title: str


CONTACT_STATES: tuple[ContactState, ...] = ("heard", "silent", "faulty", "never", "revoked")


def parse_contact_state(text: str) -> ContactState:
    """The word of a list's filter; none where *text* is none of them."""
    for word in CONTACT_STATES:
        if word == text:
            return word
    return ""


def get_status_counts(context: AppContext) -> ScreenCounts:
    """How the fleet stands, at most some seconds old: counting a city takes longer than a page may."""
    known = _counts_cache.get(context.store.url)
    if known is not None and 0 <= context.clock.monotonic() - known[0] < _COUNTS_MAX_AGE_S:
        return known[1]
    with context.store.read() as connection:
        found = screen_lists.count_by_contact_state(connection, get_offline_cutoff(context))
    _counts_cache[context.store.url] = (context.clock.monotonic(), found)
    return found


def build_filter(context: AppContext, heard: ContactState = "", **facts: str) -> ScreenFilter:
    """Which screens a list is of; *facts*: search, group, tag, kind, unit, panel."""
    return ScreenFilter(contact_state=heard, since=get_offline_cutoff(context), **facts)


def list_screens(context: AppContext, which: ScreenFilter, after: str = "", limit: int = 50) -> list[ScreenOverview]:
    """A page of screens by id."""
    now = context.clock.now()
    with context.store.read() as connection:
        found = screen_lists.list_screen_rows(connection, which, after, limit)
    return [ScreenOverview(one, assess_condition(one, now, context.poll_seconds)) for one in found]


def count_screens(context: AppContext, which: ScreenFilter) -> int:
    """How many screens the list has, as far as ``MOST_COUNTED``."""
    with context.store.read() as connection:
        return screen_lists.count_screens(connection, which, MAX_COUNTED)


def get_screen(context: AppContext, screen_id: str) -> ScreenOverview:
    """One screen. Raises Refused where there is none."""
    with context.store.read() as connection:
        found = screen_lists.get_screen_rows(connection, [screen_id])
    if not found:
        raise refuse("screen-unknown", screen_id, screen=screen_id[:64])
    return ScreenOverview(found[0], assess_condition(found[0], context.clock.now(), context.poll_seconds))


def get_screens(context: AppContext, ids: list[str]) -> list[ScreenOverview]:
    """Those of *ids* that are there."""
    now = context.clock.now()
    with context.store.read() as connection:
        return [
            ScreenOverview(found, assess_condition(found, now, context.poll_seconds))
            for found in screen_lists.get_screen_rows(connection, ids)
        ]


def list_labels(context: AppContext) -> dict[str, list[str]]:
    """Groups, tags, kinds, units and panels, for choosing; gathered anew when screens changed."""
    with context.store.read() as connection:
        number = change_counter.get_counters(connection).get("screens", 0)
        known = _labels_cache.get(context.store.url)
        if known is None or known[0] != number:
            known = _labels_cache[context.store.url] = (number, screen_lists.list_labels(connection))
    return known[1]


def list_upcoming_events(context: AppContext, limit: int = 8) -> list[UpcomingEvent]:
    """What begins and ends next, within a week."""
    now = context.clock.now()
    found: list[UpcomingEvent] = []
    with context.store.read() as connection:
        for name, _, head in campaign_lists.list_approved_summaries(connection):
            found.append(UpcomingEvent(head.starts_at, "begins", name, head.title))
            found.append(UpcomingEvent(head.ends_at, "ends", name, head.title))
        found += [
            UpcomingEvent(order.ends_at, "takeover-ends", order.id, order.why)
            for order in takeovers.list_takeovers(connection, now)
        ]
    return sorted((edge for edge in found if now < edge.at <= now + _UPCOMING_PERIOD), key=lambda edge: edge.at)[:limit]
