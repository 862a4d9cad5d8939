"""Forms that survive a new login."""

import pytest
from werkzeug.test import Client

from signage.model.users import SYSTEM_ACTOR
from signage.services.users import accounts as people
from signage.web.console.framework import errors
from signage.web.security import passwords
from tests.support.console import PASSWORD, extract_csrf_token


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Argon2 with a hundredth of its cost: how strong it is has a test of its own."""
    from argon2 import PasswordHasher

    weak = PasswordHasher(time_cost=1, memory_cost=256, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", weak)
    monkeypatch.setattr(passwords, "_DUMMY_HASH", weak.hash("nobody"))


def set_password(installation, name="li", roles=("operator",), password=PASSWORD):
    secret = people.create_user(installation.office, SYSTEM_ACTOR, name, roles)
    people.redeem_link(installation.office, secret, passwords.hash_password(password))


def try_login(client, user="li", password=PASSWORD, **more):
    page = client.get("/console/login").text
    fields = {"user": user, "password": password, "csrf_token": extract_csrf_token(page), **more}
    return client.post("/console/login", data=fields)


def test_what_was_typed_when_the_log_in_was_over_can_be_sent_again(installation):
    set_password(installation, roles=("admin",))
    client = Client(installation.app)
    try_login(client)
    token = extract_csrf_token(client.get("/console/users/add").text)
    installation.clock.move(13 * 3600)
    form = {"id": "wu", "roles": ["operator", "duty"], "csrf_token": token}
    over = client.post("/console/users/add", data=form, headers={"Origin": "http://localhost"})
    assert over.status_code == 401
    assert 'name="kept.roles" value="duty"' in over.text
    fields = {
        "user": "li",
        "password": PASSWORD,
        "csrf_token": extract_csrf_token(over.text),
        "next": "/console/users/add",
    }
    kept = {"kept.id": "wu", "kept.roles": ["operator", "duty"]}
    again = client.post("/console/login", data={**fields, **kept})
    assert again.status_code == 200
    assert 'action="/console/users/add"' in again.text
    sent = client.post("/console/users/add", data={**form, "csrf_token": extract_csrf_token(again.text)})
    assert sent.status_code == 200
    assert people.find_account(installation.office, "wu").user.roles == {"operator", "duty"}


def opened_before(installation, client):
    """The token of a form that the person at *client* opened in a session that is over; another one has begun."""
    token = extract_csrf_token(client.get("/console/users/add").text)
    installation.clock.move(13 * 3600)
    assert try_login(client).status_code == 303
    return token


def test_a_form_of_an_earlier_session_comes_back_whole_and_is_sent_again_by_one_click(installation):
    set_password(installation, roles=("admin",))
    client = Client(installation.app)
    try_login(client)
    form = {"id": "wu", "roles": ["operator", "duty"], "password": "not to be repeated"}
    back = client.post("/console/users/add?x=1", data={**form, "csrf_token": opened_before(installation, client)})
    assert back.status_code == 403 and people.find_account(installation.office, "wu") is None
    assert 'action="/console/users/add?x=1"' in back.text and "repeated" not in back.text
    assert 'name="id" value="wu"' in back.text and 'name="roles" value="duty"' in back.text
    sent = client.post("/console/users/add", data={**form, "csrf_token": extract_csrf_token(back.text)})
    assert sent.status_code == 200 and people.find_account(installation.office, "wu") is not None


def test_no_other_token_brings_a_form_back(installation):
    set_password(installation, roles=("admin",))
    set_password(installation, "zhao", roles=("admin",))
    client, elsewhere, others = Client(installation.app), Client(installation.app), Client(installation.app)
    try_login(elsewhere)
    try_login(others, "zhao")
    foreign = [extract_csrf_token(one.get("/console/account").text) for one in (elsewhere, others)]
    installation.clock.move(13 * 3600)
    try_login(client)
    token = opened_before(installation, client)
    foreign += ["0" * 128, token[:64], token[64:], ""]
    cross = {"Sec-Fetch-Site": "cross-site"}
    for given, headers in [*((one, {}) for one in foreign), (token, cross), (token, {"Origin": "https://x.example"})]:
        answer = client.post("/console/users/add", data={"id": "wu", "csrf_token": given}, headers=headers)
        assert answer.status_code == 403 and 'value="wu"' not in answer.text
    installation.clock.move(13 * 3600)
    try_login(client, "zhao")  # another person at the same browser
    answer = client.post("/console/users/add", data={"id": "wu", "csrf_token": token})
    assert answer.status_code == 403 and 'value="wu"' not in answer.text


def test_a_form_of_many_fields_is_kept_whole_or_not_at_all(installation, monkeypatch):
    set_password(installation, roles=("admin",))
    client = Client(installation.app)
    try_login(client)
    token, many = opened_before(installation, client), [f"g{n}" for n in range(3000)]
    back = client.post("/console/users/add", data={"id": "wu", "roles": many, "csrf_token": token})
    assert back.status_code == 403 and back.text.count('type="hidden" name="roles"') == 3000
    monkeypatch.setattr(errors, "MAX_RESEND_FIELDS", 2999)
    back = client.post("/console/users/add", data={"id": "wu", "roles": many, "csrf_token": token})
    assert back.status_code == 403 and "g1" not in back.text


def test_what_another_site_sent_is_not_kept_over_a_log_in(installation):
    form = {"id": "evil", "roles": "admin"}
    for headers in ({"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}, {}):
        over = Client(installation.app).post("/console/users/add", data=form, headers=headers)
        assert over.status_code == 401
        assert "evil" not in over.text
