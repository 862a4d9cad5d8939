"""Takeovers are refused with every fault, last whole seconds, and keep the screens that they named."""

from dataclasses import replace
from datetime import timedelta

import pytest

from signage.faults import FaultLocation, Refused
from signage.model.users import Actor, make_cli_actor
from signage.schedule import targets
from signage.services.screens.registry import create_screens, update_screens
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
def context(tmp_path, clock):
    context = create_app_context(tmp_path, clock, takeover=TakeoverConfig(max_h=24))
    screens = [
        make_screen("taxi-0001", groups=("north",)),
        make_screen("taxi-0002"),
        make_screen("street-1", kind="street"),
    ]
    create_screens(context, ROOT, [(screen, FaultLocation()) for screen in screens])
    return context


def make_request(*screens, **changes):
    fields = {"screens": screens or ("*",), "why": "storm", "text": "台风红色预警", "duration": TEN_MINUTES, **changes}
    return TakeoverRequest(**fields)


def list_refusal_codes(context, request, actor=DUTY):
    before = list_running_takeovers(context)
    with pytest.raises(Refused) as refused:
        start_takeover(context, actor, request)
    assert list_running_takeovers(context) == before
    return [fault.code for fault in refused.value.faults]


def test_a_takeover_lasts_as_requested_from_the_second_of_its_start(context):
    takeover = start_takeover(context, DUTY, make_request("kind:taxi-roof"))
    assert takeover.from_ == parse_instant("2021-03-15T08:00:00+08:00")
    assert takeover.until == parse_instant("2021-03-15T08:10:00+08:00")
    assert list_screens(context, takeover.id) == ["taxi-0001", "taxi-0002"]
    assert list_running_takeovers(context) == (takeover,)


def test_a_later_takeover_has_a_higher_number(context):
    first, second = start_takeover(context, DUTY, make_request()), start_takeover(context, DUTY, make_request())
    assert first.id != second.id
    assert second.number > first.number


@pytest.mark.parametrize(
    ("changes", "code"),
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
        ({"screens": ("screen:taxi-0003",)}, "target-unknown-near"),
        ({"screens": ("taxi-0001", "group:south-east")}, "selector-names-nothing"),
        ({"screens": ("colour:red",)}, "screens-selector-unreadable"),
        ({"screens": ("taxi-0001", "!kind:taxi-roof")}, "selectors-name-nothing"),
    ],
)
def test_a_faulty_request_is_refused_with_its_code(context, changes, code):
    assert code in list_refusal_codes(context, make_request(**changes))


def test_all_faults_of_a_request_are_reported_together(context):
    codes = list_refusal_codes(context, make_request("group:none", duration=None, text="", why=""))
    assert sorted(codes) == ["said-missing", "said-missing", "selector-names-nothing", "takeover-endless"]


def test_only_the_duty_role_may_start_a_takeover(context):
    for roles in ({"operator", "approver"}, {"auditor"}):
        assert list_refusal_codes(context, make_request(), Actor("li", frozenset(roles))) == ["duty-missing"]


def test_stop_ends_a_takeover_at_once(context, clock):
    takeover = start_takeover(context, DUTY, make_request())
    clock.move(60)
    assert stop_takeover(context, DUTY, takeover.id).ends_at == parse_instant("2021-03-15T08:01:00+08:00")
    assert list_running_takeovers(context) == ()
    with pytest.raises(Refused) as refused:
        stop_takeover(context, DUTY, takeover.id)
    assert refused.value.faults[0].code == "takeover-over"
    assert [e["verb"] for e in list_audit_entries(context)][-2:] == ["takeover.start", "takeover.stop"]
    assert list_audit_entries(context)[-1]["object"] == takeover.id


def test_stop_all_ends_every_takeover_and_an_unknown_id_is_refused(context):
    start_takeover(context, DUTY, make_request())
    start_takeover(context, DUTY, make_request("taxi-0001"))
    assert len(stop_all_takeovers(context, DUTY)) == 2
    assert stop_all_takeovers(context, DUTY) == ()
    with pytest.raises(Refused):
        stop_takeover(context, DUTY, "t-none")


def test_a_changed_screen_stays_under_the_takeover_that_named_it(context):
    start_takeover(context, DUTY, make_request("group:north"))
    update_screens(context, ROOT, ["taxi-0001"], lambda s: replace(s, groups=()))
    [takeover] = list_running_takeovers(context)
    assert targets.matches_screen(takeover.screens, make_screen("taxi-0001"))
    assert not targets.matches_screen(takeover.screens, make_screen("taxi-0002"))


def test_a_time_without_offset_is_in_the_common_zone_of_the_screens(context):
    update_screens(context, ROOT, ["taxi-*"], lambda s: replace(s, timezone="Asia/Urumqi"))
    assert get_selector_zone(context, ["taxi-*"]).key == "Asia/Urumqi"
    assert get_selector_zone(context, ["*"]).key == "Asia/Shanghai"
