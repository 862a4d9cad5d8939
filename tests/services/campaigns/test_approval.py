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
from signage.services.campaigns import approval, drafts
from signage.services.campaigns.approval import Statement
from signage.services.campaigns.content_seal import compute_content_seal
from signage.services.settings import ApprovalConfig
from signage.store.campaigns import campaigns
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
def context(tmp_path, clock):
    return create_app_context(tmp_path, clock)


def saved(context, one=None, who=LI, based_on=None):
    one = one or campaign()
    return drafts.save_draft(context, who, one, format_campaign_file(one), based_on)


def submitted(context, one=None, who=LI):
    one = one or campaign()
    number = saved(context, one, who)
    drafts.submit_draft(context, who, one.id, number, campaigns.compute_version_hash(one))
    return number


def approve(context, who=WU, one=None, number=1, *, look=True, public_service=True):
    one = one or campaign()
    if look:
        approval.open_version(context, who, one.id, number)
        approval.record_views(context, who, one.id, number, [item.id for item in one.items])
    statement = Statement(compute_content_seal(one), public_service)
    return approval.approve(context, who, one.id, number, campaigns.compute_version_hash(one), statement)


def codes(call, *args, **more):
    with pytest.raises(Refused) as refused:
        call(*args, **more)
    return [fault.code for fault in refused.value.faults]


def shows_now(context):
    with context.store.read() as connection:
        return {one.id: [item.text for item in one.items] for one in campaigns.list_approved_campaigns(connection)}


def test_a_draft_shows_nowhere_until_another_person_viewed_and_approved_it(context):
    submitted(context)
    assert shows_now(context) == {}
    assert approve(context) is True
    assert shows_now(context) == {"spring": ["和谐社会 文明消费"]}


def test_nobody_approves_what_they_submitted_or_changed(context):
    submitted(context, who=ZHOU)
    assert codes(approve, context, ZHOU) == ["own-work"]
    assert shows_now(context) == {}


def test_nobody_approves_what_they_submitted_for_another(context):
    one = campaign()
    saved(context, one, LI)
    drafts.submit_draft(context, ZHOU, one.id, 1, campaigns.compute_version_hash(one))
    assert codes(approve, context, ZHOU) == ["own-work"]
    assert approve(context, WU)


def test_an_approval_without_viewing_or_attestation_is_refused(context):
    submitted(context)
    assert codes(approve, context, look=False, public_service=False) == ["items-unseen", "attestation-missing"]
    assert shows_now(context) == {}


def test_a_film_counts_as_viewed_only_after_its_length(context, clock):
    film = clips.ClipRow("f" * 64, 9, "a.mp4", FILM_FACTS, None, clock.now(), "li")
    with context.store.write() as connection:
        clips.create_clip(connection, film)
    one = campaign(items=(Item("film", sha256="f" * 64, source="本单位"),))
    submitted(context, one)
    approval.open_version(context, WU, "spring", 1)
    clock.move(14)
    assert approval.record_views(context, WU, "spring", 1, ["film"]) == ("film",)
    clock.move(1)
    assert approval.record_views(context, WU, "spring", 1, ["film"]) == ()


def test_an_edit_after_approval_leaves_the_approved_version_on_the_screens(context):
    submitted(context)
    approve(context)
    saved(context, campaign("新的一句"), based_on=1)
    assert shows_now(context) == {"spring": ["和谐社会 文明消费"]}
    assert codes(approve, context, one=campaign("新的一句"), number=2) == ["version-not-in-review"]


def test_approvals_that_a_withdrawn_submission_had_count_no_more(tmp_path, clock):
    context = create_app_context(tmp_path, clock, approval=ApprovalConfig(required=2))
    submitted(context)
    assert approve(context, WU) is False
    drafts.withdraw_submission(context, LI, "spring")
    drafts.submit_draft(context, LI, "spring", 1, campaigns.compute_version_hash(campaign()))
    assert approve(context, QIAN) is False
    assert approve(context, WU) is True


def test_a_key_period_asks_for_one_more(tmp_path, clock):
    now = clock.now()
    context = create_app_context(tmp_path, clock, key_periods=(KeyPeriod(now, now + timedelta(days=1), 10),))
    submitted(context)
    assert approve(context, WU) is False
    assert approve(context, QIAN) is True
