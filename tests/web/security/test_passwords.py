"""Password hashing and password rules."""

import pytest

from signage.web.security import passwords
from tests.support.console import PASSWORD


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Argon2 with a hundredth of its cost: how strong it is has a test of its own."""
    from argon2 import PasswordHasher

    weak = PasswordHasher(time_cost=1, memory_cost=256, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", weak)
    monkeypatch.setattr(passwords, "_DUMMY_HASH", weak.hash("nobody"))


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
