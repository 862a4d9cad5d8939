"""The second step of a login."""

import pyotp
import pytest
from werkzeug.test import Client

from signage.model.users import SYSTEM_ACTOR
from signage.services.users import accounts as people
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


def test_with_an_authenticator_the_password_alone_opens_nothing(installation):
    set_password(installation)
    client = Client(installation.app)
    try_login(client)
    page = client.get("/console/account/totp").text
    secret = page.split('name="secret" value="')[1][:32]
    code = pyotp.TOTP(secret).at(installation.clock.now())
    token = extract_csrf_token(page)
    wrong = client.post("/console/account/totp", data={"secret": secret, "code": "000000", "csrf_token": token})
    assert wrong.status_code == 422
    done = client.post("/console/account/totp", data={"secret": secret, "code": code, "csrf_token": token})
    assert done.status_code == 303

    second = Client(installation.app)
    half = try_login(second, next="/console/tokens")
    assert half.status_code == 200
    assert second.get("/console/account").status_code == 303
    assert second.get("/api/v1/screens").status_code == 401
    fields = {"csrf_token": extract_csrf_token(half.text), "next": "/console/tokens"}
    used = second.post("/console/login/second", data={**fields, "code": code})
    assert used.status_code == 422
    installation.clock.move(30)
    code = pyotp.TOTP(secret).at(installation.clock.now())
    entered = second.post("/console/login/second", data={**fields, "code": code})
    assert (entered.status_code, entered.headers["Location"]) == (303, "/console/tokens")
    assert second.get("/console/account").status_code == 200


def test_codes_cannot_be_tried_without_end(installation):
    set_password(installation)
    from signage.services.users import second_factors as factors

    account = people.find_account(installation.office, "li")
    factors.set_totp(installation.office, people.create_actor(account.user, "console"), pyotp.random_base32())
    client = Client(installation.app)
    token = extract_csrf_token(try_login(client).text)
    data = {"code": "000000", "csrf_token": token}
    answers = [client.post("/console/login/second", data=data).status_code for _ in range(6)]
    assert answers == [422] * 5 + [429]
    assert try_login(client).status_code == 429
