"""An office of two people works from the console alone, from the links of the first start to an approved campaign."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.test import Client

from signage.services.users.first_run import create_first_links
from tests.support.console import PASSWORD, ConsoleUser, InMemoryInstallation
from tests.web.console.pages.campaigns.test_campaign_editor import FIELDS


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[InMemoryInstallation]:
    made = InMemoryInstallation(tmp_path)
    yield made
    made.close()


def set_password(installation: InMemoryInstallation, path: str) -> None:
    client = Client(installation.app)
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)
    assert found
    fields = {"password": PASSWORD, "again": PASSWORD, "csrf_token": found[1]}
    assert client.post(path, data=fields).status_code == 303


def test_two_people_put_a_campaign_on_air_without_a_shell(installation):
    for link in create_first_links(installation.office):
        set_password(installation, link.path)
    admin, approver = ConsoleUser(installation, "admin"), ConsoleUser(installation, "first-approver")
    assert admin.post("/console/campaigns/-/new", **{**FIELDS, "do": "submit"}).status_code == 303
    assert approver.post("/console/approvals/spring/1/looked", item="a").json == {"left": []}
    page = approver.get("/console/approvals/spring").text
    fields = dict(re.findall(r'name="(version|meaning|seal)" value="([^"]+)"', page))
    answer = approver.post("/console/approvals/spring/approve", **fields, public_service="1")
    assert answer.status_code == 303, re.findall(r"field-fault[^<]*<[^<]*", answer.text)
    assert approver.get("/console/campaigns/spring").text.count("badge good") >= 1
