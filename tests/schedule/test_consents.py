"""Whose screen: no item of a unit shows on a screen of another without a consent that holds then (contract, rule 9)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given

from signage.model.consent import Consent, parse_consent_hours
from signage.model.takeover import Takeover
from signage.publish.screen_groups import ScreenGroups
from signage.schedule.consents import find_permission, get_rights, list_permissions
from signage.schedule.resolve import get_equivalence_key, list_content_intervals
from tests.schedule.builders import build_campaign, build_lengths, build_screen, build_snapshot, parse_instant
from tests.schedule.oracle import QUARTER
from tests.schedule.strategies import HALF_SPAN, build_snapshot_and_oracle, oracle_examples, shared_installations

NOON = parse_instant("2021-03-15T12:00:00+08:00")
OWN = replace(build_campaign("", id="own"), unit="bureau")
GUEST = replace(build_campaign("priority = 99", id="guest"), unit="inspection")
EVERYONES = build_campaign("", id="everyones", priority=99)
BUREAU, COMMON = build_screen("b", unit="bureau"), build_screen("c")
LENGTHS = build_lengths(OWN, GUEST, EVERYONES)


def make_consent(number=1, unit="bureau", to="inspection", screens=("*",), **terms):
    return Consent(f"k{number}", number, unit, to, screens, **terms)


def list_names(snapshot, screen, at=NOON):
    (interval,) = list_content_intervals(snapshot, screen, LENGTHS, at, at + timedelta(seconds=1))
    return [(p.campaign, p.share) for p in interval.live.placements]


def test_the_campaign_of_another_unit_replaces_nothing_without_a_consent():
    snapshot = build_snapshot(OWN, GUEST, consents=())
    assert list_names(snapshot, BUREAU) == [("own", 1)]
    assert list_names(snapshot, COMMON) == [("guest", 1)]
    assert list_names(snapshot, build_screen("i", unit="inspection")) == [("guest", 1)]
    assert list_names(build_snapshot(OWN, GUEST), BUREAU) == [("guest", 1)]  # the rule is off


def test_a_campaign_without_a_unit_shows_everywhere():
    assert list_names(build_snapshot(OWN, EVERYONES, consents=()), BUREAU) == [("everyones", 1)]


def test_a_consent_caps_priority_and_share():
    wide = replace(GUEST, placements=(replace(GUEST.placements[0], share=7),))
    consent = make_consent(max_priority=0, max_share=2)
    assert list_names(build_snapshot(OWN, wide, consents=(consent,)), BUREAU) == [("guest", 2), ("own", 1)]
    assert list_names(build_snapshot(OWN, wide, consents=(replace(consent, max_priority=-1),)), BUREAU) == [("own", 1)]


@pytest.mark.parametrize(
    ("consent", "holds"),
    [
        (make_consent(), True),
        (make_consent(campaign="guest"), True),
        (make_consent(campaign="other"), False),
        (make_consent(unit="market"), False),
        (make_consent(to="market"), False),
        (make_consent(screens=("screen:x",)), False),
        (make_consent(until=NOON), False),
        (make_consent(until=NOON + timedelta(seconds=1)), True),
        (make_consent(hours=parse_consent_hours("06:00-12:00")), False),
        (make_consent(hours=parse_consent_hours("12:00-12:01")), True),
        (make_consent(hours=parse_consent_hours("22:00-13:00")), True),
    ],
)
def test_a_consent_holds_on_its_screens_for_its_campaigns_in_its_hours_until_its_end(consent, holds):
    snapshot = build_snapshot(OWN, GUEST, consents=(consent,))
    assert list_names(snapshot, BUREAU) == [("guest", 1) if holds else ("own", 1)]


def test_caps_of_two_consents_are_never_combined():
    low, high = make_consent(1, max_priority=5), make_consent(2, max_priority=9, max_share=1)
    permission = find_permission(GUEST, BUREAU, (low, high), NOON)
    assert permission is not None and permission.consent is high


def test_the_default_campaign_of_a_screen_needs_a_consent_too():
    screen = replace(BUREAU, default_campaign="guest")
    elsewhere = replace(GUEST, placements=(replace(GUEST.placements[0], screens=("screen:nowhere",)),))
    assert list_names(build_snapshot(elsewhere, consents=()), screen) == []
    assert list_names(build_snapshot(elsewhere, consents=(make_consent(),)), screen) == [("guest", 1)]


def test_a_takeover_of_a_unit_shows_on_its_screens_alone():
    takeover = Takeover("t", 1, ("*",), NOON, NOON + timedelta(hours=1), "du", "storm", text="x", unit="bureau")
    snapshot = build_snapshot(OWN, takeovers=(takeover,))
    lengths = LENGTHS | {"_takeover/t": 5000}
    reasons = {}
    for screen in (BUREAU, COMMON, build_screen("i", unit="inspection")):
        reasons[screen.id] = list_content_intervals(snapshot, screen, lengths, NOON, NOON + QUARTER)[0].live.kind
    assert reasons == {"b": "takeover", "c": "campaigns", "i": "campaigns"}


@oracle_examples(40)
@given(shared_installations())
def test_the_engine_shows_what_the_oracle_shows(inputs):
    snapshot, oracle = build_snapshot_and_oracle(inputs)
    begin, end = inputs["day"] - HALF_SPAN, inputs["day"] + HALF_SPAN
    for screen in inputs["screens"]:
        intervals = list_content_intervals(snapshot, screen, inputs["lengths"], begin, end)
        at = begin
        while at < end:
            live = next(interval.live for interval in intervals if interval.from_ <= at < interval.until)
            if oracle.find_takeover(screen, at) is None:
                assert live.placements == oracle.list_live_placements(screen, at)
                for placement in live.placements:
                    campaign = snapshot.find_campaign(placement.campaign)
                    assert (
                        campaign.unit in (None, screen.unit)
                        or screen.unit is None
                        or oracle.find_consent(campaign, screen, at)
                    )
            at += QUARTER


@oracle_examples(60)
@given(shared_installations())
def test_permissions_of_an_interval_are_those_of_its_instants(inputs):
    snapshot, _ = build_snapshot_and_oracle(inputs)
    begin, end = inputs["day"] - HALF_SPAN, inputs["day"] + HALF_SPAN
    for screen in inputs["screens"]:
        consents = get_rights(snapshot, screen).consents
        for campaign in snapshot.campaigns:
            permissions = list_permissions(campaign, screen, consents, begin, end)
            at = begin
            while at < end:
                found = [permission for from_, until, permission in permissions if from_ <= at < until]
                assert (found[0] if found else None) == find_permission(campaign, screen, consents, at)
                at += QUARTER


@oracle_examples(60)
@given(shared_installations())
def test_screens_of_one_group_show_the_same(inputs):
    snapshot, _ = build_snapshot_and_oracle(inputs)
    begin, end = inputs["day"] - HALF_SPAN, inputs["day"] + HALF_SPAN
    twins = [
        replace(s, id=f"{s.id}-{unit}", unit=unit) for s in inputs["screens"] for unit in (None, "bureau", "market")
    ]
    contents = {}
    for group in ScreenGroups([*inputs["screens"], *twins]).list_groups(snapshot):
        for screen in [s for s in (*inputs["screens"], *twins) if s.id in group.screen_ids]:
            assert get_equivalence_key(snapshot, screen) == group.key
            shown = list_content_intervals(snapshot, screen, inputs["lengths"], begin, end)
            assert contents.setdefault(group.key, shown) == shown
