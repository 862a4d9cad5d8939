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
def context(tmp_path, clock):
    return create_app_context(tmp_path, clock)


def refused_code(act, *arguments):
    with pytest.raises(Refused) as refused:
        act(*arguments)
    return refused.value.faults[0].code


def test_a_token_lets_its_person_in_until_it_ends(context, clock):
    create_user(context, ROOT, "li", ["operator"], "bureau")
    token = create_token(context, ROOT, "li", 2)
    assert authenticate_token(context, token) == Actor("li", frozenset({"operator"}), "bureau", "api")
    assert authenticate_token(context, token + "0") is None
    clock.move(2 * 86400)
    assert authenticate_token(context, token) is None
    assert token.encode() not in context.store.path.read_bytes()


def test_a_token_can_be_revoked(context):
    create_user(context, ROOT, "li", ["operator"])
    token = create_token(context, ROOT, "li")
    revoke_token(context, ROOT, list_tokens(context)[0].number)
    assert authenticate_token(context, token) is None
    assert refused_code(revoke_token, context, ROOT, 99) == "token-unknown"


def test_nobody_gets_a_token_in_the_name_of_another(context):
    create_user(context, ROOT, "li", ["admin"])
    create_user(context, ROOT, "wang", ["operator"])
    wang = Actor("wang", frozenset({"operator"}), channel="api")
    assert refused_code(create_token, context, wang, "li") == "duty-missing"
    assert create_token(context, wang, "wang")
