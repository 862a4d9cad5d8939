"""Campaigns saved by the form."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.console import InMemoryInstallation

FIELDS = {
    "id": "spring",
    "title": "春",
    "timezone": "Asia/Shanghai",
    "from": "2021-03-01T00:00",
    "until": "2099-03-08T00:00",
    "item[1].id": "a",
    "item[1].text": "和谐社会 文明消费",
    "placement[1].screens": "*",
    "placement[1].items": "*",
}


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[InMemoryInstallation]:
    made = InMemoryInstallation(tmp_path)
    yield made
    made.close()


def test_a_campaign_is_saved_submitted_and_not_approved_by_its_maker(installation):
    both = installation.create_user("zhou", "operator", "approver")
    assert both.post("/console/campaigns/-/new", **{**FIELDS, "do": "submit"}).status_code == 303
    page = both.get("/console/approvals/spring")
    assert "data-approve-button" not in page.text
    sums = {"version": "1", "meaning": "x" * 64, "seal": "y" * 64, "public_service": "1"}
    assert both.post("/console/approvals/spring/approve", **sums).status_code in (403, 409)


def test_the_later_editor_is_answered_409_with_both(installation):
    li = installation.create_user("li", "operator")
    li.post("/console/campaigns/-/new", **{**FIELDS, "do": "save"})
    li.post("/console/campaigns/spring/edit", **{**FIELDS, "title": "先", "based_on": "1", "do": "save"})
    answer = li.post("/console/campaigns/spring/edit", **{**FIELDS, "title": "后", "based_on": "1", "do": "save"})
    assert answer.status_code == 409
    assert 'class="diff"' in answer.text
    assert 'value="后"' in answer.text


def test_another_units_campaign_cannot_be_changed(installation):
    li = installation.create_user("li", "operator", unit="bureau")
    sun = installation.create_user("sun", "operator", unit="harbour")
    li.post("/console/campaigns/-/new", **{**FIELDS, "unit": "bureau", "do": "save"})
    answer = sun.post("/console/campaigns/spring/edit", **{**FIELDS, "unit": "bureau", "based_on": "1", "do": "save"})
    assert answer.status_code == 403


def test_a_form_with_faults_comes_back_whole(installation):
    li = installation.create_user("li", "operator")
    answer = li.post("/console/campaigns/-/new", **{**FIELDS, "item[1].duration_s": "ten", "do": "save"})
    assert answer.status_code == 422
    assert 'value="ten"' in answer.text
    assert "和谐社会 文明消费" in answer.text
