"""A unit's duty officer takes over the screens of that unit alone (contract, rule 9)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from signage.faults import FaultLocation, Refused
from signage.model.users import Actor, make_cli_actor
from signage.schedule.consents import list_permitted_takeovers
from signage.schedule.snapshot import ScheduleSnapshot
from signage.services.screens.registry import create_screens
from signage.services.takeovers.takeovers import TakeoverRequest, list_running_takeovers, start_takeover, stop_takeover
from signage.services.users.accounts import create_user
from tests.support.app_context import create_app_context, make_screen

ROOT = make_cli_actor("root")
ADMIN = Actor("root", frozenset({"admin"}), channel="console")
OFFICER = Actor("du", frozenset({"duty"}), "inspection", channel="console")
CITY = Actor("city", frozenset({"duty"}), channel="console")


@pytest.fixture
def context(tmp_path):
    context = create_app_context(tmp_path)
    units = {"b1": "bureau", "b2": "bureau", "i1": "inspection", "c1": None}
    create_screens(context, ROOT, [(make_screen(id_, unit=unit), FaultLocation()) for id_, unit in units.items()])
    return context


def make_request(*screens):
    return TakeoverRequest(screens, "storm", duration=timedelta(minutes=10), text="台风红色预警")


def test_an_officer_of_a_unit_takes_over_no_other_screens(context):
    with pytest.raises(Refused) as refused:
        start_takeover(context, OFFICER, make_request("*"))
    assert {(f.code, f.facts["screens"]) for f in refused.value.faults} == {
        ("takeover-screens-of-others", "b1, b2"),
        ("takeover-common-screens", "c1"),
    }
    assert list_running_takeovers(context) == ()
    assert start_takeover(context, OFFICER, make_request("i1")).unit == "inspection"


@pytest.mark.parametrize("officer", [CITY, replace(OFFICER, all_units=True), ROOT])
def test_officers_without_a_unit_or_for_all_units_take_over_everything(context, officer):
    assert start_takeover(context, officer, make_request("*")).unit is None


def test_a_screen_of_another_unit_never_joins_the_takeover_of_a_unit(context):
    takeover = start_takeover(context, OFFICER, make_request("i1"))
    wide = replace(takeover, screens=("*",))
    snapshot = ScheduleSnapshot((), takeovers=(wide,))
    units = ("inspection", "bureau", None)
    assert [list_permitted_takeovers(snapshot, make_screen("x", unit=unit)) for unit in units] == [(wide,), (), ()]


def test_an_officer_of_a_unit_ends_the_takeovers_of_that_unit_alone(context):
    city = start_takeover(context, CITY, make_request("*"))
    with pytest.raises(Refused, match="takeover-of-others"):
        stop_takeover(context, OFFICER, city.id)
    own = start_takeover(context, CITY, make_request("i1"))
    assert stop_takeover(context, OFFICER, own.id).stopped_at is not None
    assert stop_takeover(context, replace(OFFICER, all_units=True), city.id).stopped_at is not None
    mine = start_takeover(context, OFFICER, make_request("i1"))
    assert stop_takeover(context, replace(OFFICER, id="other"), mine.id).stopped_at is not None


def test_with_the_rule_off_any_officer_takes_over_everything(context):
    assert start_takeover(replace(context, enforce_consent=False), OFFICER, make_request("*")).unit is None


def test_an_account_that_nobody_confirmed_starts_no_takeover(context):
    create_user(context, ADMIN, "second", ["duty"])
    second = Actor("second", frozenset({"duty"}), channel="console")
    with pytest.raises(Refused, match="duty-unconfirmed"):
        start_takeover(context, second, make_request("*"))
    create_user(context, ROOT, "first", ["duty"])
    assert start_takeover(context, Actor("first", frozenset({"duty"}), channel="console"), make_request("*"))
