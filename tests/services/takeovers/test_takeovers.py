"""Takeovers: refused by name, whole seconds, the screens they named kept."""

from dataclasses import replace
from datetime import timedelta

import pytest

from signage.faults import Refused
from signage.model.users import Actor, make_cli_actor
from signage.schedule import targets
from signage.services.screens.registry import create_screens, update_screens
from signage.services.screens.screens_csv import FaultLocation
from signage.services.settings import TakeoverConfig
from signage.services.takeovers.takeovers import (
    TakeoverRequest,
    get_selector_zone,
    list_running_takeovers,
    list_screens,
    start_takeover,
    stop_all_takeovers,
    stop_takeover,
)
from tests.support.app_context import create_app_context, list_audit_entries, make_screen
from tests.support.clocks import ManualClock, parse_instant

DUTY = Actor("wang", frozenset({"duty"}), channel="console")
ROOT = make_cli_actor("root")
TEN_MINUTES = timedelta(minutes=10)


@pytest.fixture
def clock():
    return ManualClock("2021-03-15T08:00:00.750+08:00")


@pytest.fixture
def office(tmp_path, clock):
    made = create_app_context(tmp_path, clock, takeover=TakeoverConfig(max_h=24))
    fleet = [
        make_screen("taxi-0001", groups=("north",)),
        make_screen("taxi-0002"),
        make_screen("street-1", kind="street"),
    ]
    create_screens(made, ROOT, [(one, FaultLocation()) for one in fleet])
    return made


def order(*screens, **more):
    return TakeoverRequest(
        **{"screens": screens or ("*",), "why": "storm", "text": "台风红色预警", "duration": TEN_MINUTES, **more}
    )


def refused_codes(office, one, actor=DUTY):
    before = list_running_takeovers(office)
    with pytest.raises(Refused) as refused:
        start_takeover(office, actor, one)
    assert list_running_takeovers(office) == before
    return [fault.code for fault in refused.value.faults]


def test_it_holds_from_this_second_for_as_long_as_was_ordered(office):
    kept = start_takeover(office, DUTY, order("kind:taxi-roof"))
    assert kept.from_ == parse_instant("2021-03-15T08:00:00+08:00")
    assert kept.until == parse_instant("2021-03-15T08:10:00+08:00")
    assert list_screens(office, kept.id) == ["taxi-0001", "taxi-0002"]
    assert list_running_takeovers(office) == (kept,)


def test_the_one_started_last_has_the_higher_number(office):
    first, second = start_takeover(office, DUTY, order()), start_takeover(office, DUTY, order())
    assert first.id != second.id
    assert second.number > first.number


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"duration": None}, "takeover-endless"),
        ({"duration": None, "until": parse_instant("2021-03-15T07:59:59+08:00")}, "takeover-ends-before"),
        ({"duration": timedelta(0)}, "takeover-ends-before"),
        ({"duration": timedelta(hours=24, seconds=1)}, "takeover-too-long"),
        ({"duration": timedelta(days=999_999_999)}, "takeover-too-long"),
        ({"text": None}, "takeover-content"),
        ({"blank": True}, "takeover-content"),
        ({"text": "  \n"}, "said-missing"),
        ({"text": "字" * 501}, "said-too-long"),
        ({"text": "a\u202eb"}, "said-forbidden"),
        ({"why": " "}, "said-missing"),
        ({"text": None, "item": "315-2021/slogan-01"}, "item-unknown"),
        ({"screens": ()}, "selectors-missing"),
        ({"screens": ("screen:taxi-0003",)}, "selector-names-nothing-near"),
        ({"screens": ("taxi-0001", "group:south-east")}, "selector-names-nothing"),
        ({"screens": ("colour:red",)}, "screens-selector-unreadable"),
        ({"screens": ("taxi-0001", "!kind:taxi-roof")}, "selectors-name-nothing"),
    ],
)
def test_what_cannot_be_is_refused_by_name(office, more, code):
    assert code in refused_codes(office, order(**more))


def test_all_that_is_wrong_is_told_at_once(office):
    codes = refused_codes(office, order("group:none", duration=None, text="", why=""))
    assert sorted(codes) == ["said-missing", "said-missing", "selector-names-nothing", "takeover-endless"]


def test_only_those_on_duty_may(office):
    assert refused_codes(office, order(), Actor("li", frozenset({"operator", "approver"}))) == ["duty-missing"]
    assert refused_codes(office, order(), Actor("li", frozenset({"auditor"}))) == ["duty-missing"]


def test_stop_ends_it_at_once(office, clock):
    kept = start_takeover(office, DUTY, order())
    clock.move(60)
    assert stop_takeover(office, DUTY, kept.id).ends_at == parse_instant("2021-03-15T08:01:00+08:00")
    assert list_running_takeovers(office) == ()
    with pytest.raises(Refused) as refused:
        stop_takeover(office, DUTY, kept.id)
    assert refused.value.faults[0].code == "takeover-over"
    assert [e["verb"] for e in list_audit_entries(office)][-2:] == ["takeover.start", "takeover.stop"]
    assert list_audit_entries(office)[-1]["object"] == kept.id


def test_stop_all_and_an_unknown_one(office):
    start_takeover(office, DUTY, order())
    start_takeover(office, DUTY, order("taxi-0001"))
    assert len(stop_all_takeovers(office, DUTY)) == 2
    assert stop_all_takeovers(office, DUTY) == ()
    with pytest.raises(Refused):
        stop_takeover(office, DUTY, "t-none")


def test_a_screen_stays_under_the_order_that_named_it(office):
    start_takeover(office, DUTY, order("group:north"))
    update_screens(office, ROOT, ["taxi-0001"], lambda s: replace(s, groups=()))
    [kept] = list_running_takeovers(office)
    assert targets.matches_screen(kept.screens, make_screen("taxi-0001"))
    assert not targets.matches_screen(kept.screens, make_screen("taxi-0002"))


def test_a_time_is_meant_in_the_zone_of_the_screens_it_is_for(office):
    update_screens(office, ROOT, ["taxi-*"], lambda s: replace(s, timezone="Asia/Urumqi"))
    assert get_selector_zone(office, ["taxi-*"]).key == "Asia/Urumqi"
    assert get_selector_zone(office, ["*"]).key == "Asia/Shanghai"
