"""User accounts: one-time links, roles, disabling."""

import pytest

from signage.faults import Refused
from signage.model.users import Actor, make_cli_actor
from signage.services.users.accounts import (
    create_link,
    create_user,
    disable_user,
    enable_user,
    list_accounts,
    redeem_link,
    update_user,
)
from signage.services.users.api_tokens import authenticate_token, create_token
from tests.support.app_context import create_app_context, list_audit_entries
from tests.support.clocks import ManualClock

ROOT = make_cli_actor("root")


ADMIN = Actor("admin", frozenset({"admin"}), channel="console")


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


def test_a_link_is_good_once(context):
    secret = create_user(context, ROOT, "li", ["operator"], "bureau")
    assert redeem_link(context, secret, "hash") == "li"
    assert refused_code(redeem_link, context, secret, "other") == "link-void"
    assert list_accounts(context)[0].password_hash == "hash"


def test_a_link_is_good_for_a_while_and_replaced_by_the_next(context, clock):
    first = create_user(context, ROOT, "li", ["operator"])
    second = create_link(context, ROOT, "li")
    assert refused_code(redeem_link, context, first, "hash") == "link-void"
    clock.move(73 * 3600)
    assert refused_code(redeem_link, context, second, "hash") == "link-void"


@pytest.mark.parametrize(
    ("roles", "code"),
    [(["auditor", "admin"], "auditor-mixed"), ([], "roles-missing"), (["boss"], "role-unknown")],
)
def test_roles_that_cannot_be(context, roles, code):
    assert refused_code(create_user, context, ROOT, "li", roles) == code
    create_user(context, ROOT, "wang", ["operator"])
    assert refused_code(update_user, context, ROOT, "wang", roles, None) == code


def test_disabling_ends_everything_that_could_let_a_person_in(context):
    secret = create_user(context, ROOT, "li", ["operator"])
    token = create_token(context, ROOT, "li")
    disable_user(context, ADMIN, "li")
    assert authenticate_token(context, token) is None
    assert refused_code(redeem_link, context, secret, "hash") == "link-void"
    assert refused_code(create_token, context, ROOT, "li") == "user-disabled"
    redeem_link(context, enable_user(context, ADMIN, "li"), "hash")
    assert authenticate_token(context, token) is None


def test_no_secret_is_in_the_audit_log(context):
    secret = create_user(context, ROOT, "li", ["operator"])
    token = create_token(context, ROOT, "li")
    assert secret not in str(list_audit_entries(context))
    assert token not in str(list_audit_entries(context))
