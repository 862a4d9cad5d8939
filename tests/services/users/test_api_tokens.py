"""API tokens: valid until they expire or are revoked, for their owner alone."""

import pytest

from signage.faults import Refused
from signage.model.users import Actor, make_cli_actor
from signage.services.users.accounts import (
    create_user,
)
from signage.services.users.api_tokens import authenticate_token, create_token, list_tokens, revoke_token
from tests.support.app_context import create_app_context
from tests.support.clocks import ManualClock

ROOT = make_cli_actor("root")


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def office(tmp_path, clock):
    return create_app_context(tmp_path, clock)


def refused_code(act, *arguments):
    with pytest.raises(Refused) as refused:
        act(*arguments)
    return refused.value.faults[0].code


def test_a_token_lets_its_person_in_until_it_ends(office, clock):
    create_user(office, ROOT, "li", ["operator"], "bureau")
    token = create_token(office, ROOT, "li", 2)
    assert authenticate_token(office, token) == Actor("li", frozenset({"operator"}), "bureau", "api")
    assert authenticate_token(office, token + "0") is None
    clock.move(2 * 86400)
    assert authenticate_token(office, token) is None
    assert token.encode() not in office.store.path.read_bytes()


def test_a_token_can_be_revoked(office):
    create_user(office, ROOT, "li", ["operator"])
    token = create_token(office, ROOT, "li")
    revoke_token(office, ROOT, list_tokens(office)[0].number)
    assert authenticate_token(office, token) is None
    assert refused_code(revoke_token, office, ROOT, 99) == "token-unknown"


def test_nobody_gets_a_token_in_the_name_of_another(office):
    create_user(office, ROOT, "li", ["admin"])
    create_user(office, ROOT, "wang", ["operator"])
    wang = Actor("wang", frozenset({"operator"}), channel="api")
    assert refused_code(create_token, office, wang, "li") == "duty-missing"
    assert create_token(office, wang, "wang")
