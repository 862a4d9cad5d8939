"""Drafts of campaigns: saved, submitted, withdrawn, restored."""

from dataclasses import replace

import pytest

from signage.faults import Refused
from signage.model.campaign import Campaign, Placement
from signage.model.campaign_file.write import format_campaign_file
from signage.model.item import Item
from signage.model.users import Actor
from signage.services.campaigns import approval, drafts, versions
from signage.services.campaigns.approval import Statement
from signage.services.campaigns.content_seal import compute_content_seal
from signage.store.campaigns import campaigns
from tests.support.app_context import create_app_context, list_audit_entries
from tests.support.clocks import ManualClock, parse_instant

LI = Actor("li", frozenset({"operator"}), channel="console")


ZHOU = Actor("zhou", frozenset({"operator", "approver"}), channel="console")


WU = Actor("wu", frozenset({"approver"}), channel="console")


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


def test_a_submission_is_frozen_until_it_is_withdrawn(context):
    submitted(context)
    changed = campaign("保障消费安全 提振消费信心")
    assert codes(saved, context, changed, based_on=1) == ["campaign-in-review"]
    drafts.withdraw_submission(context, LI, "spring")
    assert saved(context, changed, based_on=1) == 2
    assert codes(approve, context) == ["version-changed"]


def test_the_later_of_two_editors_is_refused(context):
    saved(context)
    saved(context, campaign("第一位的"), based_on=1)
    with pytest.raises(Refused) as refused:
        saved(context, campaign("第二位的"), who=ZHOU, based_on=1)
    assert refused.value.faults[0].code == "campaign-overtaken"
    assert refused.value.faults[0].facts["newest"] == 2


def test_a_restored_campaign_needs_approval_again(context):
    submitted(context)
    approve(context)
    versions.end_campaign(context, LI, "spring", "过期")
    assert drafts.restore_campaign(context, LI, "spring") == 2
    assert shows_now(context) == {}
    assert approval.get_campaign_overview(context, WU, "spring").stage == "draft"


def test_another_units_campaign_is_not_mine_to_change(context):
    saved(context, campaign(unit="bureau"))
    stranger = replace(LI, id="sun", unit="harbour")
    assert codes(saved, context, campaign("改", unit="bureau"), stranger, 1) == ["not-your-unit"]


def test_the_submission_says_what_it_shows_by_sha256(context):
    submitted(context)
    said = next(entry for entry in list_audit_entries(context) if entry["verb"] == "campaign.submit")
    item, sha256 = said["details"]["shows"][0].split()
    assert item == "s1"
    assert len(sha256) == 64
