"""Session cookies."""

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


def test_the_cookie_is_for_the_browser_alone(installation):
    set_password(installation)
    plain = try_login(Client(installation.app)).headers.getlist("Set-Cookie")[0]
    assert "HttpOnly" in plain
    assert "SameSite=Lax" in plain
    client = Client(installation.app)
    https = "https://signage.example.cn"
    token = extract_csrf_token(client.get("/console/login", base_url=https).text)
    safe = client.post(
        "/console/login", base_url=https, data={"user": "li", "password": PASSWORD, "csrf_token": token}
    ).headers.getlist("Set-Cookie")[0]
    assert safe.startswith("__Host-signage_session=")
    assert "Secure" in safe
