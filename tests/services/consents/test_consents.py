"""Consents: given by the unit whose screens they are, asked for by another, withdrawn; every fault is listed."""

from datetime import timedelta

import pytest

from signage.faults import FaultLocation, Refused
from signage.model.users import Actor, make_cli_actor
from signage.services.consents.consents import (
    ConsentTerms,
    answer_request,
    ask_consent,
    get_consent,
    give_consent,
    list_current_consents,
    list_open_requests,
    withdraw_consent,
)
from signage.services.screens.registry import create_screens
from signage.store import change_counter
from tests.support.app_context import create_app_context, list_audit_entries, make_screen
from tests.support.clocks import ManualClock

ROOT = make_cli_actor("root")
OWNER = Actor("wu", frozenset({"approver"}), "bureau", channel="console")
GUEST = Actor("li", frozenset({"operator"}), "inspection", channel="console")
TERMS = ConsentTerms("bureau", "inspection", ("*",))


@pytest.fixture
def clock():
    return ManualClock("2021-03-15T08:00:00+08:00")


@pytest.fixture
def context(tmp_path, clock):
    context = create_app_context(tmp_path, clock)
    screens = [make_screen("b1", unit="bureau", groups=("buses",)), make_screen("i1", unit="inspection"), make_screen()]
    create_screens(context, ROOT, [(screen, FaultLocation()) for screen in screens])
    return context


def list_codes(act, *arguments):
    with pytest.raises(Refused) as refused:
        act(*arguments)
    return [fault.code for fault in refused.value.faults]


def test_an_approver_of_the_unit_gives_its_consent(context):
    row = give_consent(context, OWNER, ConsentTerms("bureau", "inspection", ("group:buses",), hours="06:00-22:00"))
    assert (row.state, row.given_by, row.consent.screens) == ("given", "wu", ("group:buses",))
    assert [consent.id for consent in list_current_consents(context)] == [row.id]
    assert list_audit_entries(context)[-1]["object"] == row.id


def test_nobody_gives_the_screens_of_another_unit(context):
    stranger = Actor("xu", frozenset({"approver"}), "inspection", channel="console")
    assert list_codes(give_consent, context, stranger, TERMS) == ["not-your-unit"]
    assert list_codes(give_consent, context, GUEST, TERMS) == ["duty-missing"]
    assert list_codes(ask_consent, context, OWNER, TERMS) == ["not-your-unit"]


def test_all_faults_of_the_terms_are_listed(context):
    wrong = ConsentTerms("bureau", "bureau", ("group:",), "none", "25:00-x", 0, 1001, context.clock.now())
    assert sorted(list_codes(give_consent, context, ROOT, wrong)) == [
        "campaign-unknown",
        "consent-ends-before",
        "consent-hours-unreadable",
        "consent-number",
        "consent-number",
        "consent-self",
        "screens-selector-unreadable",
    ]
    assert list_codes(give_consent, context, ROOT, ConsentTerms("bureau", "x", ("i1",))) == [
        "consent-screens-of-others"
    ]
    assert list_codes(give_consent, context, ROOT, ConsentTerms("burea", "x", ("*",))) == [
        "consent-unit-without-screens-near"
    ]
    assert list_current_consents(context) == ()


def test_a_request_permits_nothing_until_the_unit_answers_it(context):
    asked = ask_consent(context, GUEST, TERMS)
    assert list_current_consents(context) == ()
    assert [row.id for row in list_open_requests(context, OWNER)] == [asked.id]
    assert list_codes(answer_request, context, GUEST, asked.id) == ["duty-missing"]
    narrower = ConsentTerms("", "", ("b1",), max_priority=5)
    given = answer_request(context, OWNER, asked.id, narrower)
    assert (given.state, given.asked_by, given.given_by) == ("given", "li", "wu")
    assert (given.consent.unit, given.consent.to, given.consent.screens) == ("bureau", "inspection", ("screen:b1",))
    assert list_codes(answer_request, context, OWNER, asked.id) == ["consent-answered"]


def test_nobody_answers_their_own_request(context):
    both = Actor("he", frozenset({"operator", "approver"}), channel="console")
    asked = ask_consent(context, both, TERMS)
    assert list_codes(answer_request, context, both, asked.id) == ["consent-own-request"]
    assert list_open_requests(context, both) == ()


def test_either_unit_ends_a_consent_and_publishing_sees_it(context):
    first, second = give_consent(context, OWNER, TERMS), give_consent(context, OWNER, TERMS)
    stranger = Actor("xu", frozenset({"operator", "approver"}), "market", channel="console")
    assert list_codes(withdraw_consent, context, stranger, first.id) == ["not-your-unit"]
    with context.store.read() as connection:
        before = change_counter.get_counters(connection)["consents"]
    assert withdraw_consent(context, OWNER, first.id).state == "withdrawn"
    assert withdraw_consent(context, GUEST, second.id).ended_by == "li"
    assert list_codes(withdraw_consent, context, OWNER, first.id) == ["consent-over"]
    with context.store.read() as connection:
        assert change_counter.get_counters(connection)["consents"] > before
    assert list_current_consents(context) == ()


def test_a_request_is_declined_by_the_owner_and_withdrawn_by_who_asked(context):
    declined, withdrawn = ask_consent(context, GUEST, TERMS), ask_consent(context, GUEST, TERMS)
    assert withdraw_consent(context, OWNER, declined.id).state == "declined"
    assert withdraw_consent(context, GUEST, withdrawn.id).state == "withdrawn"
    assert list_codes(get_consent, context, "c-none") == ["consent-unknown"]


def test_a_consent_is_over_at_its_end(context, clock):
    ends = clock.now() + timedelta(hours=1)
    give_consent(context, OWNER, ConsentTerms("bureau", "inspection", ("*",), until=ends))
    assert len(list_current_consents(context)) == 1
    clock.move(3600)
    assert list_current_consents(context) == ()
