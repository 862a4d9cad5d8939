"""A person let in by the console, from the link to the confirmation: each reader is told what is still to be done."""

import re

import pytest

from signage.services.users import accounts as people
from tests.support.console import ConsoleUser, InMemoryInstallation
from tests.web.console.pages.campaigns.test_campaign_editor import FIELDS


@pytest.fixture
def installation(tmp_path):
    made = InMemoryInstallation(tmp_path)
    yield made
    made.close()


@pytest.fixture
def admin(installation):
    return installation.create_user("boss", "admin")


def page(someone: ConsoleUser, path: str) -> str:
    someone.browser.set_cookie("signage_language", "en")
    answer = someone.get(f"/console/{path}")
    assert answer.status_code == 200, answer.text
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def let_in(installation: InMemoryInstallation, admin: ConsoleUser, name: str, *roles: str) -> ConsoleUser:
    """Added on the page, come in by the link that it shows."""
    answer = admin.post("/console/users/add", id=name, roles=list(roles))
    link = re.search(r"/console/link/([\w-]+)", answer.text)
    assert link, answer.text
    people.redeem_link(installation.office, link[1], "hash")
    return ConsoleUser(installation, name)


def test_the_page_of_a_new_approvers_link_says_that_a_second_person_confirms(installation, admin):
    admin.browser.set_cookie("signage_language", "en")
    told = admin.post("/console/users/add", id="wu", roles="approver").text
    assert "whoever runs the server" in told and "could be your own second one" in told
    assert "whoever runs the server" not in admin.post("/console/users/add", id="li", roles="operator").text


def test_everybody_is_told_what_to_do_until_it_is_done(installation, admin):
    colleague = installation.create_user("qian", "approver")
    li, wu = let_in(installation, admin, "li", "operator"), let_in(installation, admin, "wu", "approver")
    assert li.post("/console/campaigns/-/new", **{**FIELDS, "do": "submit"}).status_code == 303
    assert "boss created or authorised it" in page(wu, "approvals") and "whoever runs the server" in page(
        wu, "approvals"
    )
    review = page(wu, "approvals/spring")
    assert "boss created the accounts wu and li" in review and "have wu confirmed" in review
    assert "signage users" not in review
    assert "data-approve-button" not in wu.get("/console/approvals/spring").text
    assert "awaiting confirmation created or authorised by boss" in page(admin, "users")
    assert "whoever runs the server" in page(admin, "users/wu")
    assert "users/wu/confirm" not in admin.get("/console/users/wu").text
    assert 'action="' not in admin.get("/console/users/wu/confirm").text.partition("<main")[2]
    assert admin.post("/console/users/wu/confirm").status_code == 403

    assert "/console/users/wu/confirm" in colleague.get("/console/approvals").text
    assert "Created or authorised by boss" in page(colleague, "users/wu/confirm")
    assert colleague.post("/console/users/wu/confirm").headers["Location"].startswith("/console/approvals")
    wu = ConsoleUser(installation, "wu")
    assert "created or authorised" not in page(wu, "approvals")
    assert "data-approve-button" in wu.get("/console/approvals/spring").text
    assert "needs no confirmation" in page(colleague, "users/wu/confirm")


def test_another_administrator_confirms_on_the_persons_page(installation, admin):
    other = installation.create_user("other", "admin")
    let_in(installation, admin, "wu", "approver")
    assert "/console/users/wu/confirm" in other.get("/console/users/wu").text
    assert other.post("/console/users/wu/confirm").headers["Location"].startswith("/console/users/wu")
    assert "awaiting confirmation" not in page(other, "users")


def test_an_invited_one_is_not_confirmed_yet(installation, admin):
    colleague = installation.create_user("qian", "approver")
    admin.post("/console/users/add", id="wu", roles="approver")
    assert "/console/users/wu/confirm" not in colleague.get("/console/approvals").text
    assert colleague.post("/console/users/wu/confirm").status_code == 409
