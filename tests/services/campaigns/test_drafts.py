"""Drafts of campaigns: saved, submitted, withdrawn, restored."""

from dataclasses import replace

import pytest

from signage.faults import Refused
from signage.model.campaign import Campaign, Placement
from signage.model.campaign_file.write import format_campaign_file
from signage.model.item import Item
from signage.model.users import Actor
from signage.services.campaigns import approval as approvals
from signage.services.campaigns import drafts as campaign_drafts
from signage.services.campaigns import versions as campaigns
from signage.services.campaigns.approval import Statement
from signage.services.campaigns.content_seal import compute_content_seal
from signage.store.campaigns import campaigns as kept
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


def test_a_submission_is_frozen_until_it_is_withdrawn(office):
    submitted(office)
    changed = campaign("保障消费安全 提振消费信心")
    assert codes(saved, office, changed, based_on=1) == ["campaign-in-review"]
    campaign_drafts.withdraw_submission(office, LI, "spring")
    assert saved(office, changed, based_on=1) == 2
    assert codes(approve, office) == ["version-changed"]


def test_the_later_of_two_editors_is_told(office):
    saved(office)
    saved(office, campaign("第一位的"), based_on=1)
    with pytest.raises(Refused) as refused:
        saved(office, campaign("第二位的"), who=ZHOU, based_on=1)
    assert refused.value.faults[0].code == "campaign-overtaken"
    assert refused.value.faults[0].facts["newest"] == 2


def test_what_is_taken_up_again_needs_approval_anew(office):
    submitted(office)
    approve(office)
    campaigns.end_campaign(office, LI, "spring", "过期")
    assert campaign_drafts.restore_campaign(office, LI, "spring") == 2
    assert shows_now(office) == {}
    assert approvals.get_campaign_overview(office, WU, "spring").stage == "draft"


def test_another_units_campaign_is_not_mine_to_change(office):
    saved(office, campaign(unit="bureau"))
    stranger = replace(LI, id="sun", unit="harbour")
    assert codes(saved, office, campaign("改", unit="bureau"), stranger, 1) == ["not-your-unit"]


def test_the_submission_says_what_it_shows_by_sha256(office):
    submitted(office)
    said = next(entry for entry in list_audit_entries(office) if entry["verb"] == "campaign.submit")
    item, sha256 = said["details"]["shows"][0].split()
    assert item == "s1"
    assert len(sha256) == 64
