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
def office(tmp_path, clock):
    return create_app_context(tmp_path, clock)


def refused_code(act, *arguments):
    with pytest.raises(Refused) as refused:
        act(*arguments)
    return refused.value.faults[0].code


def test_a_link_is_good_once(office):
    secret = create_user(office, ROOT, "li", ["operator"], "bureau")
    assert redeem_link(office, secret, "hash") == "li"
    assert refused_code(redeem_link, office, secret, "other") == "link-void"
    assert list_accounts(office)[0].password_hash == "hash"


def test_a_link_is_good_for_a_while_and_replaced_by_the_next(office, clock):
    first = create_user(office, ROOT, "li", ["operator"])
    second = create_link(office, ROOT, "li")
    assert refused_code(redeem_link, office, first, "hash") == "link-void"
    clock.move(73 * 3600)
    assert refused_code(redeem_link, office, second, "hash") == "link-void"


@pytest.mark.parametrize(
    ("roles", "code"),
    [(["auditor", "admin"], "auditor-mixed"), ([], "roles-missing"), (["boss"], "role-unknown")],
)
def test_roles_that_cannot_be(office, roles, code):
    assert refused_code(create_user, office, ROOT, "li", roles) == code
    create_user(office, ROOT, "wang", ["operator"])
    assert refused_code(update_user, office, ROOT, "wang", roles, None) == code


def test_disabling_ends_everything_that_could_let_a_person_in(office):
    secret = create_user(office, ROOT, "li", ["operator"])
    token = create_token(office, ROOT, "li")
    disable_user(office, ADMIN, "li")
    assert authenticate_token(office, token) is None
    assert refused_code(redeem_link, office, secret, "hash") == "link-void"
    assert refused_code(create_token, office, ROOT, "li") == "user-disabled"
    redeem_link(office, enable_user(office, ADMIN, "li"), "hash")
    assert authenticate_token(office, token) is None


def test_no_secret_is_in_the_audit_log(office):
    secret = create_user(office, ROOT, "li", ["operator"])
    token = create_token(office, ROOT, "li")
    assert secret not in str(list_audit_entries(office))
    assert token not in str(list_audit_entries(office))
