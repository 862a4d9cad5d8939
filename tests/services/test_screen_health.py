"""The condition of a screen, and from when on it is offline."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signage.model.users import SYSTEM_ACTOR
from signage.services.context import AppContext
from signage.services.incidents.monitor import detect_incidents
from signage.services.screen_health import get_offline_limit, is_offline
from signage.services.screens import heartbeats, overview, registry
from signage.services.settings import IncidentConfig
from signage.services.takeovers.audience import get_audience
from signage.store import incidents
from tests.support.app_context import create_app_context, make_screen
from tests.support.clocks import ManualClock

NOW = datetime.fromisoformat("2021-03-15T08:00:00+08:00")


@pytest.mark.parametrize(
    ("poll_seconds", "moving", "minutes"),
    [(1, False, 2), (30, False, 2), (40, False, 2), (60, False, 3), (30, True, 5), (99, True, 5), (120, True, 6)],
)
def test_a_screen_is_offline_after_three_missed_polls_at_least_two_minutes_or_five(
    poll_seconds: int, moving: bool, minutes: int
) -> None:
    limit = timedelta(minutes=minutes)
    assert get_offline_limit(poll_seconds, moving=moving) == limit
    assert not is_offline(NOW - limit, NOW, poll_seconds, moving=moving)
    assert is_offline(NOW - limit - timedelta(milliseconds=1), NOW, poll_seconds, moving=moving)


@given(st.integers(1, 86_400), st.booleans(), st.integers(0, 400_000))
def test_a_screen_is_never_offline_while_it_may_still_poll(poll_seconds: int, moving: bool, age_s: int) -> None:
    last_contact = NOW - timedelta(seconds=age_s)
    offline = is_offline(last_contact, NOW, poll_seconds, moving=moving)
    assert offline == (age_s > max(3 * poll_seconds, 300 if moving else 120))


@pytest.fixture
def context(tmp_path) -> AppContext:
    """One street screen that has just polled; screens poll every 60 seconds."""
    context = replace(create_app_context(tmp_path, ManualClock()), poll_seconds=60)
    registry.create_screen(context, SYSTEM_ACTOR, make_screen("street-1", kind="street"))
    heartbeats.record_polls(context, [("street-1", context.clock.now(), 1)])
    return context


@pytest.mark.parametrize(("age_s", "offline"), [(180, False), (181, True)])
def test_every_page_and_list_takes_a_screen_for_offline_at_the_same_instant(
    context: AppContext, age_s: int, offline: bool
) -> None:
    context.clock.move(age_s)
    assert (overview.get_screen(context, "street-1").condition.state == "silent") == offline
    assert (overview.list_screens(context, overview.build_filter(context, "silent")) != []) == offline
    assert (overview.list_screens(context, overview.build_filter(context, "heard")) == []) == offline
    assert overview.get_status_counts(context).offline == offline
    assert get_audience(context, ["*"]).offline == offline


def test_an_offline_screen_is_an_incident_silent_minutes_later_and_cleared_by_its_first_poll(
    context: AppContext,
) -> None:
    config = IncidentConfig(silent_minutes=30)

    def list_open() -> list[tuple[str, bool]]:
        with context.store.read() as connection:
            return [(row.kind, row.over_at is not None) for row in incidents.list_incidents(connection)]

    context.clock.move(180 + 30 * 60)
    detect_incidents(context, config, None)
    assert list_open() == []
    context.clock.move(1)
    detect_incidents(context, config, None)
    assert list_open() == [("silent", False)]
    heartbeats.record_polls(context, [("street-1", context.clock.now(), 1)])
    context.clock.move(180)
    detect_incidents(context, config, None)
    assert list_open() == [("silent", True)]
