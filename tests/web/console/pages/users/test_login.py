"""Login, sessions and one-time links."""

import pytest
from werkzeug.test import Client

from signage.model.users import SYSTEM_ACTOR
from signage.services.users import accounts as people
from signage.services.users.first_run import create_first_links
from signage.web.security import passwords
from tests.support.app_context import list_audit_entries
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


def test_the_first_link_sets_a_password_and_lets_in_once(installation):
    address = create_first_links(installation.office)[0].path
    client = Client(installation.app)
    token = extract_csrf_token(client.get(address).text)
    short = client.post(address, data={"password": "short", "again": "other", "csrf_token": token})
    assert short.status_code == 422
    assert short.text.count("field-fault error") == 2
    done = client.post(address, data={"password": PASSWORD, "again": PASSWORD, "csrf_token": token})
    assert (done.status_code, done.headers["Location"]) == (303, "/console/")
    assert client.get("/console/account").status_code == 200
    assert Client(installation.app).get(address).status_code == 422
    assert create_first_links(installation.office) == ()


def test_a_good_password_leads_back_to_where_one_wanted_to_go(installation):
    set_password(installation, roles=("admin",))
    client = Client(installation.app)
    asked = client.get("/console/users?x=1")
    assert asked.status_code == 303
    assert asked.headers["Location"] == "/console/login?next=/console/users?x%3D1"
    done = try_login(client, next="/console/users?x=1")
    assert (done.status_code, done.headers["Location"]) == (303, "/console/users?x=1")
    for elsewhere in ("https://elsewhere.example/", "//elsewhere.example", "/console/../x\\y", "/s/x"):
        assert try_login(Client(installation.app), next=elsewhere).headers["Location"] == "/console/"


def test_every_log_in_is_a_new_session_and_the_old_one_is_over(installation):
    set_password(installation)
    client = Client(installation.app)
    try_login(client)
    before = client.get_cookie("signage_session").value
    client.set_cookie("signage_guest", "chosen-by-somebody-else")
    page = client.get("/console/account").text
    client.post("/console/login", data={"user": "li", "password": PASSWORD, "csrf_token": extract_csrf_token(page)})
    assert client.get_cookie("signage_session").value != before
    other = Client(installation.app)
    other.set_cookie("signage_session", before)
    assert other.get("/console/account").status_code == 303


def test_wrong_passwords_have_to_wait_by_account_and_address(installation):
    set_password(installation)
    client = Client(installation.app)
    answers = [try_login(client, password="wrong wrong wrong").status_code for _ in range(7)]
    assert answers == [422] * 5 + [429] * 2
    waiting = try_login(client)
    assert waiting.status_code == 429
    assert 0 < int(waiting.headers["Retry-After"]) <= 901
    assert try_login(client, user="wu", password="x" * 12).status_code == 422
    installation.clock.move(902)
    assert try_login(client).status_code == 303


def test_an_account_that_is_not_there_is_told_from_none(installation):
    set_password(installation)
    set_password(installation, "wu")
    people.disable_user(installation.office, SYSTEM_ACTOR, "wu")
    texts = set()
    for user in ("li", "wu", "nobody"):
        text = try_login(Client(installation.app), user=user, password="wrong wrong wrong").text
        texts.add(text.split("field-user")[1][:60])
    assert len(texts) == 1
    assert any(entry["verb"] == "session.refused" for entry in list_audit_entries(installation.office))


def test_a_session_ends_unused_after_a_while_and_in_any_case_at_last(installation):
    someone = installation.create_user("li", "operator")
    for _ in range(11):
        installation.clock.move(3600)
        assert someone.get("/console/account").status_code == 200
    installation.clock.move(3600)
    assert someone.get("/console/account").status_code == 303
    other = installation.create_user("wu", "operator")
    installation.clock.move(121 * 60)
    assert other.get("/console/account").status_code == 303


def test_disabling_and_a_new_password_end_all_sessions(installation):
    someone = installation.create_user("li", "operator")
    people.disable_user(installation.office, SYSTEM_ACTOR, "li")
    assert someone.get("/console/account").status_code == 303
    other = installation.create_user("wu", "operator")
    people.redeem_link(
        installation.office,
        people.create_link(installation.office, SYSTEM_ACTOR, "wu"),
        passwords.hash_password(PASSWORD),
    )
    assert other.get("/console/account").status_code == 303


def test_logging_out_ends_the_session_at_the_server(installation):
    someone = installation.create_user("li", "operator")
    assert someone.post("/console/logout", csrf=False).status_code == 403
    assert someone.post("/console/logout").status_code == 303
    someone.browser.set_cookie("signage_session", someone.session_secret)
    assert someone.get("/console/account").status_code == 303
