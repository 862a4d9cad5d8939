"""Queries for the screen overview: filtered lists with conditions, counts, labels and upcoming events."""

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
    """A screen with its condition."""

    list_row: ScreenListRow
    condition: ScreenCondition

    @property
    def id(self) -> str:
        return self.list_row.screen_row.screen.id


@dataclass(frozen=True, slots=True)
class UpcomingEvent:
    """An event at the instant *at*: the start or end of a campaign (*title*), or the end of a takeover."""

    at: datetime
    kind: Literal["begins", "ends", "takeover-ends", "report-due"]
    name: str
    title: str


CONTACT_STATES: tuple[ContactState, ...] = ("heard", "silent", "faulty", "never", "revoked")


def parse_contact_state(text: str) -> ContactState:
    """Parse the contact state of a filter; the empty state where *text* is none."""
    return next((state for state in CONTACT_STATES if state == text), "")


def get_status_counts(context: AppContext) -> ScreenCounts:
    """Count the screens by contact state; cached for ``_COUNTS_MAX_AGE_S``, since counting is slow in a large city."""
    cached = _counts_cache.get(context.store.url)
    if cached is not None and 0 <= context.clock.monotonic() - cached[0] < _COUNTS_MAX_AGE_S:
        return cached[1]
    with context.store.read() as connection:
        counts = screen_lists.count_by_contact_state(connection, get_offline_cutoff(context))
    _counts_cache[context.store.url] = (context.clock.monotonic(), counts)
    return counts


def build_filter(context: AppContext, heard: ContactState = "", **fields: str) -> ScreenFilter:
    """Build a filter of screens; *fields*: search, group, tag, kind, unit, panel."""
    return ScreenFilter(contact_state=heard, since=get_offline_cutoff(context), **fields)


def list_screens(
    context: AppContext, screen_filter: ScreenFilter, after: str = "", limit: int = 50
) -> list[ScreenOverview]:
    """List a page of screens by id."""
    now = context.clock.now()
    with context.store.read() as connection:
        rows = screen_lists.list_screen_rows(connection, screen_filter, after, limit)
    return [ScreenOverview(row, assess_condition(row, now, context.poll_seconds)) for row in rows]


def count_screens(context: AppContext, screen_filter: ScreenFilter) -> int:
    """Count the screens that match a filter, up to ``MAX_COUNTED``."""
    with context.store.read() as connection:
        return screen_lists.count_screens(connection, screen_filter, MAX_COUNTED)


def get_screen(context: AppContext, screen_id: str) -> ScreenOverview:
    """Return a screen. Raises Refused: it does not exist."""
    with context.store.read() as connection:
        rows = screen_lists.get_screen_rows(connection, [screen_id])
    if not rows:
        raise refuse("screen-unknown", screen_id, screen=screen_id[:64])
    return ScreenOverview(rows[0], assess_condition(rows[0], context.clock.now(), context.poll_seconds))


def get_screens(context: AppContext, ids: list[str]) -> list[ScreenOverview]:
    """Return the screens of *ids* that exist."""
    now = context.clock.now()
    with context.store.read() as connection:
        return [
            ScreenOverview(row, assess_condition(row, now, context.poll_seconds))
            for row in screen_lists.get_screen_rows(connection, ids)
        ]


def list_labels(context: AppContext) -> dict[str, list[str]]:
    """List the groups, tags, kinds, units and panels of screens, for forms; cached until a screen changes."""
    with context.store.read() as connection:
        number = change_counter.get_counters(connection).get("screens", 0)
        cached = _labels_cache.get(context.store.url)
        if cached is None or cached[0] != number:
            cached = _labels_cache[context.store.url] = (number, screen_lists.list_labels(connection))
    return cached[1]


def list_upcoming_events(context: AppContext, limit: int = 8) -> list[UpcomingEvent]:
    """List the next starts and ends of campaigns and takeovers within a week."""
    now = context.clock.now()
    events: list[UpcomingEvent] = []
    with context.store.read() as connection:
        for campaign_id, _, summary in campaign_lists.list_approved_summaries(connection):
            events.append(UpcomingEvent(summary.starts_at, "begins", campaign_id, summary.title))
            events.append(UpcomingEvent(summary.ends_at, "ends", campaign_id, summary.title))
        events += [
            UpcomingEvent(takeover.ends_at, "takeover-ends", takeover.id, takeover.why)
            for takeover in takeovers.list_takeovers(connection, now)
        ]
    return sorted((event for event in events if now < event.at <= now + _UPCOMING_PERIOD), key=lambda event: event.at)[
        :limit
    ]
