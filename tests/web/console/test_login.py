"""Who is let in, how, and for how long."""

import pyotp
import pytest
from werkzeug.test import Client

from signage.model.users import SYSTEM_ACTOR
from signage.services.users import accounts as people
from signage.web.console.framework import errors
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


def set_password(house, name="li", roles=("operator",), password=PASSWORD):
    secret = people.create_user(house.office, SYSTEM_ACTOR, name, roles)
    people.redeem_link(house.office, secret, passwords.hash_password(password))


def try_login(client, user="li", password=PASSWORD, **more):
    page = client.get("/console/login").text
    fields = {"user": user, "password": password, "csrf_token": extract_csrf_token(page), **more}
    return client.post("/console/login", data=fields)


def test_the_first_link_sets_a_password_and_lets_in_once(house):
    address = people.get_first_admin_link(house.office)
    client = Client(house.app)
    token = extract_csrf_token(client.get(address).text)
    short = client.post(address, data={"password": "short", "again": "other", "csrf_token": token})
    assert short.status_code == 422
    assert short.text.count("field-fault error") == 2
    done = client.post(address, data={"password": PASSWORD, "again": PASSWORD, "csrf_token": token})
    assert (done.status_code, done.headers["Location"]) == (303, "/console/")
    assert client.get("/console/account").status_code == 200
    assert Client(house.app).get(address).status_code == 422
    assert people.get_first_admin_link(house.office) is None


def test_a_good_password_leads_back_to_where_one_wanted_to_go(house):
    set_password(house, roles=("admin",))
    client = Client(house.app)
    asked = client.get("/console/users?x=1")
    assert asked.status_code == 303
    assert asked.headers["Location"] == "/console/login?next=/console/users?x%3D1"
    done = try_login(client, next="/console/users?x=1")
    assert (done.status_code, done.headers["Location"]) == (303, "/console/users?x=1")
    for elsewhere in ("https://elsewhere.example/", "//elsewhere.example", "/console/../x\\y", "/s/x"):
        assert try_login(Client(house.app), next=elsewhere).headers["Location"] == "/console/"


def test_the_cookie_is_for_the_browser_alone(house):
    set_password(house)
    plain = try_login(Client(house.app)).headers.getlist("Set-Cookie")[0]
    assert "HttpOnly" in plain
    assert "SameSite=Lax" in plain
    client = Client(house.app)
    https = {"X-Forwarded-Proto": "https"}
    token = extract_csrf_token(client.get("/console/login", headers=https).text)
    safe = client.post(
        "/console/login", headers=https, data={"user": "li", "password": PASSWORD, "csrf_token": token}
    ).headers.getlist("Set-Cookie")[0]
    assert safe.startswith("__Host-signage_session=")
    assert "Secure" in safe


def test_every_log_in_is_a_new_session_and_the_old_one_is_over(house):
    set_password(house)
    client = Client(house.app)
    try_login(client)
    before = client.get_cookie("signage_session").value
    client.set_cookie("signage_guest", "chosen-by-somebody-else")
    page = client.get("/console/account").text
    client.post("/console/login", data={"user": "li", "password": PASSWORD, "csrf_token": extract_csrf_token(page)})
    assert client.get_cookie("signage_session").value != before
    other = Client(house.app)
    other.set_cookie("signage_session", before)
    assert other.get("/console/account").status_code == 303


def test_wrong_passwords_have_to_wait_by_account_and_address(house):
    set_password(house)
    client = Client(house.app)
    answers = [try_login(client, password="wrong wrong wrong").status_code for _ in range(7)]
    assert answers == [422] * 5 + [429] * 2
    waiting = try_login(client)
    assert waiting.status_code == 429
    assert 0 < int(waiting.headers["Retry-After"]) <= 901
    assert try_login(client, user="wu", password="x" * 12).status_code == 422
    house.clock.move(902)
    assert try_login(client).status_code == 303


def test_an_account_that_is_not_there_is_told_from_none(house):
    set_password(house)
    set_password(house, "wu")
    people.disable_user(house.office, SYSTEM_ACTOR, "wu")
    texts = set()
    for user in ("li", "wu", "nobody"):
        text = try_login(Client(house.app), user=user, password="wrong wrong wrong").text
        texts.add(text.split("field-user")[1][:60])
    assert len(texts) == 1
    assert any(entry["verb"] == "session.refused" for entry in list_audit_entries(house.office))


def test_a_session_ends_unused_after_a_while_and_in_any_case_at_last(house):
    someone = house.create_user("li", "operator")
    for _ in range(11):
        house.clock.move(3600)
        assert someone.get("/console/account").status_code == 200
    house.clock.move(3600)
    assert someone.get("/console/account").status_code == 303
    other = house.create_user("wu", "operator")
    house.clock.move(121 * 60)
    assert other.get("/console/account").status_code == 303


def test_disabling_and_a_new_password_end_all_sessions(house):
    someone = house.create_user("li", "operator")
    people.disable_user(house.office, SYSTEM_ACTOR, "li")
    assert someone.get("/console/account").status_code == 303
    other = house.create_user("wu", "operator")
    people.redeem_link(
        house.office, people.create_link(house.office, SYSTEM_ACTOR, "wu"), passwords.hash_password(PASSWORD)
    )
    assert other.get("/console/account").status_code == 303


def test_logging_out_ends_the_session_at_the_server(house):
    someone = house.create_user("li", "operator")
    assert someone.post("/console/logout", csrf=False).status_code == 403
    assert someone.post("/console/logout").status_code == 303
    someone.browser.set_cookie("signage_session", someone.session_secret)
    assert someone.get("/console/account").status_code == 303


def test_with_an_authenticator_the_password_alone_opens_nothing(house):
    set_password(house)
    client = Client(house.app)
    try_login(client)
    page = client.get("/console/account/totp").text
    secret = page.split('name="secret" value="')[1][:32]
    code = pyotp.TOTP(secret).at(house.clock.now())
    token = extract_csrf_token(page)
    wrong = client.post("/console/account/totp", data={"secret": secret, "code": "000000", "csrf_token": token})
    assert wrong.status_code == 422
    done = client.post("/console/account/totp", data={"secret": secret, "code": code, "csrf_token": token})
    assert done.status_code == 303

    second = Client(house.app)
    half = try_login(second, next="/console/tokens")
    assert half.status_code == 200
    assert second.get("/console/account").status_code == 303
    assert second.get("/api/v1/screens").status_code == 401
    fields = {"csrf_token": extract_csrf_token(half.text), "next": "/console/tokens"}
    used = second.post("/console/login/second", data={**fields, "code": code})
    assert used.status_code == 422
    house.clock.move(30)
    code = pyotp.TOTP(secret).at(house.clock.now())
    entered = second.post("/console/login/second", data={**fields, "code": code})
    assert (entered.status_code, entered.headers["Location"]) == (303, "/console/tokens")
    assert second.get("/console/account").status_code == 200


def test_codes_cannot_be_tried_without_end(house):
    set_password(house)
    from signage.services.users import second_factors as factors

    account = people.find_account(house.office, "li")
    factors.set_totp(house.office, people.create_actor(account.user, "console"), pyotp.random_base32())
    client = Client(house.app)
    token = extract_csrf_token(try_login(client).text)
    data = {"code": "000000", "csrf_token": token}
    answers = [client.post("/console/login/second", data=data).status_code for _ in range(6)]
    assert answers == [422] * 5 + [429]
    assert try_login(client).status_code == 429


def test_what_was_typed_when_the_log_in_was_over_can_be_sent_again(house):
    set_password(house, roles=("admin",))
    client = Client(house.app)
    try_login(client)
    token = extract_csrf_token(client.get("/console/users/add").text)
    house.clock.move(13 * 3600)
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
    assert people.find_account(house.office, "wu").user.roles == {"operator", "duty"}


def opened_before(house, client):
    """The token of a form that the person at *client* opened in a session that is over; another one has begun."""
    token = extract_csrf_token(client.get("/console/users/add").text)
    house.clock.move(13 * 3600)
    assert try_login(client).status_code == 303
    return token


def test_a_form_of_an_earlier_session_comes_back_whole_and_is_sent_again_by_one_click(house):
    set_password(house, roles=("admin",))
    client = Client(house.app)
    try_login(client)
    form = {"id": "wu", "roles": ["operator", "duty"], "password": "not to be repeated"}
    back = client.post("/console/users/add?x=1", data={**form, "csrf_token": opened_before(house, client)})
    assert back.status_code == 403 and people.find_account(house.office, "wu") is None
    assert 'action="/console/users/add?x=1"' in back.text and "repeated" not in back.text
    assert 'name="id" value="wu"' in back.text and 'name="roles" value="duty"' in back.text
    sent = client.post("/console/users/add", data={**form, "csrf_token": extract_csrf_token(back.text)})
    assert sent.status_code == 200 and people.find_account(house.office, "wu") is not None


def test_no_other_token_brings_a_form_back(house):
    set_password(house, roles=("admin",))
    set_password(house, "zhao", roles=("admin",))
    client, elsewhere, others = Client(house.app), Client(house.app), Client(house.app)
    try_login(elsewhere)
    try_login(others, "zhao")
    foreign = [extract_csrf_token(one.get("/console/account").text) for one in (elsewhere, others)]
    house.clock.move(13 * 3600)
    try_login(client)
    token = opened_before(house, client)
    foreign += ["0" * 128, token[:64], token[64:], ""]
    cross = {"Sec-Fetch-Site": "cross-site"}
    for given, headers in [*((one, {}) for one in foreign), (token, cross), (token, {"Origin": "https://x.example"})]:
        answer = client.post("/console/users/add", data={"id": "wu", "csrf_token": given}, headers=headers)
        assert answer.status_code == 403 and 'value="wu"' not in answer.text
    house.clock.move(13 * 3600)
    try_login(client, "zhao")  # another person at the same browser
    answer = client.post("/console/users/add", data={"id": "wu", "csrf_token": token})
    assert answer.status_code == 403 and 'value="wu"' not in answer.text


def test_a_form_of_many_fields_is_kept_whole_or_not_at_all(house, monkeypatch):
    set_password(house, roles=("admin",))
    client = Client(house.app)
    try_login(client)
    token, many = opened_before(house, client), [f"g{n}" for n in range(3000)]
    back = client.post("/console/users/add", data={"id": "wu", "roles": many, "csrf_token": token})
    assert back.status_code == 403 and back.text.count('type="hidden" name="roles"') == 3000
    monkeypatch.setattr(errors, "MAX_RESEND_FIELDS", 2999)
    back = client.post("/console/users/add", data={"id": "wu", "roles": many, "csrf_token": token})
    assert back.status_code == 403 and "g1" not in back.text


def test_what_another_site_sent_is_not_kept_over_a_log_in(house):
    form = {"id": "evil", "roles": "admin"}
    for headers in ({"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}, {}):
        over = Client(house.app).post("/console/users/add", data=form, headers=headers)
        assert over.status_code == 401
        assert "evil" not in over.text


def test_a_password_is_hashed_as_strongly_as_it_should_be(monkeypatch):
    monkeypatch.undo()
    kept = passwords.hash_password(PASSWORD)
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert passwords.verify_password(kept, PASSWORD)
    assert not passwords.verify_password(kept, PASSWORD + "x")
    assert not passwords.verify_password(None, PASSWORD)


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "password-short"),
        ("x" * 300, "password-long"),
        ("password1234", "password-common"),
        ("aaaaaaaaaaaaaa", "password-common"),
        ("zhang-san-zhang-san", "password-common"),
        ("314159265358", "password-common"),
    ],
)
def test_what_everybody_tries_is_no_password(password, code):
    assert [fault.code for fault in passwords.find_password_faults(password, password, "zhang-san")] == [code]


def test_a_sentence_is_a_password():
    assert passwords.find_password_faults("春眠不觉晓处处闻啼鸟夜来", "春眠不觉晓处处闻啼鸟夜来", "li") == []
