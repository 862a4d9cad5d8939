"""Approval of a version: viewed, attested, by another person, of exactly the content that was viewed."""

from datetime import timedelta

import pytest

from signage.faults import Refused
from signage.model.campaign import Campaign, Placement
from signage.model.campaign_file.write import format_campaign_file
from signage.model.clip_facts import ClipFacts
from signage.model.item import Item
from signage.model.users import Actor
from signage.schedule.snapshot import KeyPeriod
from signage.services.campaigns import approval as approvals
from signage.services.campaigns import drafts as campaign_drafts
from signage.services.campaigns.approval import Statement
from signage.services.campaigns.content_seal import compute_content_seal
from signage.services.settings import ApprovalConfig
from signage.store.campaigns import campaigns as kept
from signage.store.library import clips
from tests.support.app_context import create_app_context
from tests.support.clocks import ManualClock, parse_instant

LI = Actor("li", frozenset({"operator"}), channel="console")


ZHOU = Actor("zhou", frozenset({"operator", "approver"}), channel="console")


WU = Actor("wu", frozenset({"approver"}), channel="console")


FILM_FACTS = ClipFacts(
    kind="film", format="MP4", type="video/mp4", ending="mp4", width=64, height=48, duration_ms=15_000
)


QIAN = Actor("qian", frozenset({"approver"}), channel="console")


def campaign(*texts, **more):
    items = tuple(Item(f"s{n}", text=text) for n, text in enumerate(texts or ("和谐社会 文明消费",), 1))
    facts = {"items": items, "placements": (Placement(("*",), ("*",)),), **more}
    begin, end = parse_instant("2021-03-10T00:00:00+08:00"), parse_instant("2021-03-19T00:00:00+08:00")
    return Campaign("spring", "春季", "Asia/Shanghai", begin, end, **facts)


@pytest.fixture
def clock():
    return ManualClock("2021-03-12T08:00:00+08:00")


@pytest.fixture
def office(tmp_path, clock):
    return create_app_context(tmp_path, clock)


def saved(office, one=None, who=LI, based_on=None):
    one = one or campaign()
    return campaign_drafts.save_draft(office, who, one, format_campaign_file(one), based_on)


def submitted(office, one=None, who=LI):
    one = one or campaign()
    number = saved(office, one, who)
    campaign_drafts.submit_draft(office, who, one.id, number, kept.compute_version_hash(one))
    return number


def approve(office, who=WU, one=None, number=1, *, look=True, public_service=True):
    one = one or campaign()
    if look:
        approvals.open_version(office, who, one.id, number)
        approvals.record_views(office, who, one.id, number, [item.id for item in one.items])
    statement = Statement(compute_content_seal(one), public_service)
    return approvals.approve(office, who, one.id, number, kept.compute_version_hash(one), statement)


def codes(call, *args, **more):
    with pytest.raises(Refused) as refused:
        call(*args, **more)
    return [fault.code for fault in refused.value.faults]


def shows_now(office):
    with office.store.read() as connection:
        return {one.id: [item.text for item in one.items] for one in kept.list_approved_campaigns(connection)}


def test_a_draft_shows_nowhere_until_another_person_has_looked_and_approved(office):
    submitted(office)
    assert shows_now(office) == {}
    assert approve(office) is True
    assert shows_now(office) == {"spring": ["和谐社会 文明消费"]}


def test_nobody_approves_what_they_submitted_or_changed(office):
    submitted(office, who=ZHOU)
    assert codes(approve, office, ZHOU) == ["own-work"]
    assert shows_now(office) == {}


def test_nobody_approves_what_they_submitted_for_another(office):
    one = campaign()
    saved(office, one, LI)
    campaign_drafts.submit_draft(office, ZHOU, one.id, 1, kept.compute_version_hash(one))
    assert codes(approve, office, ZHOU) == ["own-work"]
    assert approve(office, WU)


def test_an_approver_who_did_not_look_or_attest_is_told_so(office):
    submitted(office)
    assert codes(approve, office, look=False, public_service=False) == ["items-unseen", "attestation-missing"]
    assert shows_now(office) == {}


def test_a_film_counts_as_seen_only_after_its_length(office, clock):
    film = clips.ClipRow("f" * 64, 9, "a.mp4", FILM_FACTS, None, clock.now(), "li")
    with office.store.write() as connection:
        clips.create_clip(connection, film)
    one = campaign(items=(Item("film", sha256="f" * 64, source="本单位"),))
    submitted(office, one)
    approvals.open_version(office, WU, "spring", 1)
    clock.move(14)
    assert approvals.record_views(office, WU, "spring", 1, ["film"]) == ("film",)
    clock.move(1)
    assert approvals.record_views(office, WU, "spring", 1, ["film"]) == ()


def test_an_edit_after_approval_leaves_the_approved_version_on_the_screens(office):
    submitted(office)
    approve(office)
    saved(office, campaign("新的一句"), based_on=1)
    assert shows_now(office) == {"spring": ["和谐社会 文明消费"]}
    assert codes(approve, office, one=campaign("新的一句"), number=2) == ["version-not-in-review"]


def test_approvals_that_a_withdrawn_submission_had_count_no_more(tmp_path, clock):
    office = create_app_context(tmp_path, clock, approval=ApprovalConfig(required=2))
    submitted(office)
    assert approve(office, WU) is False
    campaign_drafts.withdraw_submission(office, LI, "spring")
    campaign_drafts.submit_draft(office, LI, "spring", 1, kept.compute_version_hash(campaign()))
    assert approve(office, QIAN) is False
    assert approve(office, WU) is True


def test_a_key_period_asks_for_one_more(tmp_path, clock):
    now = clock.now()
    office = create_app_context(tmp_path, clock, key_periods=(KeyPeriod(now, now + timedelta(days=1), 10),))
    submitted(office)
    assert approve(office, WU) is False
    assert approve(office, QIAN) is True
