"""A campaign that lacks consents asks for them when it is submitted; review and checks name the screens."""

from dataclasses import replace

import pytest

from signage.faults import FaultLocation
from signage.model.campaign import Campaign, Placement
from signage.model.campaign_file.write import format_campaign_file
from signage.model.item import Item
from signage.model.users import Actor, make_cli_actor
from signage.publish.load_snapshot import ScheduleRules
from signage.schedule.calendars import OfficialCalendars
from signage.schedule.snapshot import ScheduleSettings
from signage.services.campaigns.checks import check_consents
from signage.services.campaigns.drafts import save_draft, submit_draft, withdraw_submission
from signage.services.campaigns.simulation import build_check_context
from signage.services.consents.consents import ConsentTerms, answer_request, give_consent, list_consents
from signage.services.screens.registry import create_screens
from signage.store.campaigns import campaigns
from tests.support.app_context import create_app_context, make_screen
from tests.support.clocks import ManualClock, parse_instant

ROOT = make_cli_actor("root")
LI = Actor("li", frozenset({"operator"}), "inspection", channel="console")
WU = Actor("wu", frozenset({"approver"}), "bureau", channel="console")
RULES = ScheduleRules(ScheduleSettings(), OfficialCalendars())
CAMPAIGN = Campaign(
    "spring",
    "春季",
    "Asia/Shanghai",
    parse_instant("2021-03-10T00:00:00+08:00"),
    parse_instant("2021-03-19T00:00:00+08:00"),
    (Item("s1", text="和谐社会"),),
    (Placement(("*",), ("*",)),),
    unit="inspection",
    priority=99,
)


@pytest.fixture
def context(tmp_path):
    context = create_app_context(tmp_path, ManualClock("2021-03-12T08:00:00+08:00"))
    units = {"b1": "bureau", "b2": "bureau", "m1": "market", "i1": "inspection", "c1": None}
    screens = [make_screen(id_, unit=unit) for id_, unit in units.items()]
    screens[0] = replace(screens[0], name="火车站东广场")
    create_screens(context, ROOT, [(screen, FaultLocation()) for screen in screens])
    return context


def submit(context, campaign=CAMPAIGN):
    number = save_draft(context, LI, campaign, format_campaign_file(campaign), None)
    submit_draft(context, LI, campaign.id, number, campaigns.compute_version_hash(campaign))


def list_gaps(context, campaign=CAMPAIGN):
    findings = check_consents(campaign, build_check_context(context, RULES, campaign))
    return [(f.code, f.facts["unit"], f.facts["count"], f.facts["screens"]) for f in findings]


def test_each_unit_whose_screens_are_named_is_asked_once(context):
    submit(context)
    asked = {row.consent.unit: row for row in list_consents(context)}
    assert set(asked) == {"bureau", "market"}
    assert {row.state for row in asked.values()} == {"asked"}
    assert asked["bureau"].consent.campaign == "spring"
    assert asked["bureau"].asked_by == "li"
    withdraw_submission(context, LI, "spring")
    assert {row.state for row in list_consents(context)} == {"withdrawn"}


def test_review_names_the_screens_until_the_consent_is_given(context):
    missing = [
        ("screens-without-consent", "bureau", 2, "火车站东广场 (b1), b2"),
        ("screens-without-consent", "market", 1, "m1"),
    ]
    assert list_gaps(context) == missing
    submit(context)
    asked = next(row for row in list_consents(context) if row.consent.unit == "bureau")
    answer_request(context, WU, asked.id)
    assert list_gaps(context) == missing[1:]
    give_consent(context, ROOT, ConsentTerms("market", "inspection", ("*",), max_priority=10))
    assert list_gaps(context) == [("consent-limits", "market", 1, "m1")]


def test_campaigns_of_the_whole_installation_and_of_own_screens_ask_nobody(context):
    own = replace(CAMPAIGN, placements=(Placement(("unit:inspection", "c1"), ("*",)),))
    assert list_gaps(context, replace(own, placements=(Placement(("unit:inspection", "screen:c1"), ("*",)),))) == []
    assert list_gaps(context, replace(CAMPAIGN, unit=None)) == []


def test_with_the_rule_off_nobody_is_asked(context):
    off = replace(context, enforce_consent=False)
    submit(off)
    assert list_consents(off) == ()
    assert list_gaps(off) == []
