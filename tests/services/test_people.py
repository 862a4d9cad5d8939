"""People: let in by a link that is good once, never auditor with another role."""

import pytest

from signage.faults import Refused
from signage.model.users import Actor, owner
from signage.services.users.accounts import (
    add,
    add_token,
    authenticate,
    change,
    disable,
    enable,
    every,
    first_link,
    new_link,
    redeem,
    revoke_token,
    tokens,
)
from tests.support.clocks import HandClock
from tests.support.offices import entries, make_office

ROOT = owner("root")
ADMIN = Actor("admin", frozenset({"admin"}), via="console")


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def office(tmp_path, clock):
    return make_office(tmp_path, clock)


def refused_code(act, *arguments):
    with pytest.raises(Refused) as refused:
        act(*arguments)
    return refused.value.faults[0].code


def test_a_link_is_good_once(office):
    secret = add(office, ROOT, "li", ["operator"], "bureau")
    assert redeem(office, secret, "hash") == "li"
    assert refused_code(redeem, office, secret, "other") == "link-void"
    assert every(office)[0].password == "hash"


def test_a_link_is_good_for_a_while_and_replaced_by_the_next(office, clock):
    first = add(office, ROOT, "li", ["operator"])
    second = new_link(office, ROOT, "li")
    assert refused_code(redeem, office, first, "hash") == "link-void"
    clock.move(73 * 3600)
    assert refused_code(redeem, office, second, "hash") == "link-void"


def test_the_first_start_lets_an_administrator_in_and_later_ones_nobody(office):
    lost, secret = (first_link(office).removeprefix("/console/link/") for _ in range(2))
    assert refused_code(redeem, office, lost, "hash") == "link-void"
    assert redeem(office, secret, "hash") == "admin"
    assert first_link(office) is None


@pytest.mark.parametrize(
    ("roles", "code"),
    [(["auditor", "admin"], "auditor-mixed"), ([], "roles-missing"), (["boss"], "role-unknown")],
)
def test_roles_that_cannot_be(office, roles, code):
    assert refused_code(add, office, ROOT, "li", roles) == code
    add(office, ROOT, "wang", ["operator"])
    assert refused_code(change, office, ROOT, "wang", roles, None) == code


def test_a_token_lets_its_person_in_until_it_ends(office, clock):
    add(office, ROOT, "li", ["operator"], "bureau")
    token = add_token(office, ROOT, "li", 2)
    assert authenticate(office, token) == Actor("li", frozenset({"operator"}), "bureau", "api")
    assert authenticate(office, token + "0") is None
    clock.move(2 * 86400)
    assert authenticate(office, token) is None
    assert token.encode() not in office.store.path.read_bytes()


def test_disabling_ends_everything_that_could_let_a_person_in(office):
    secret = add(office, ROOT, "li", ["operator"])
    token = add_token(office, ROOT, "li")
    disable(office, ADMIN, "li")
    assert authenticate(office, token) is None
    assert refused_code(redeem, office, secret, "hash") == "link-void"
    assert refused_code(add_token, office, ROOT, "li") == "user-disabled"
    redeem(office, enable(office, ADMIN, "li"), "hash")
    assert authenticate(office, token) is None


def test_a_token_can_be_revoked(office):
    add(office, ROOT, "li", ["operator"])
    token = add_token(office, ROOT, "li")
    revoke_token(office, ROOT, tokens(office)[0].number)
    assert authenticate(office, token) is None
    assert refused_code(revoke_token, office, ROOT, 99) == "token-unknown"


def test_nobody_gets_a_token_in_the_name_of_another(office):
    add(office, ROOT, "li", ["admin"])
    add(office, ROOT, "wang", ["operator"])
    wang = Actor("wang", frozenset({"operator"}), via="api")
    assert refused_code(add_token, office, wang, "li") == "duty-missing"
    assert add_token(office, wang, "wang")


def test_no_secret_is_in_the_audit_log(office):
    secret = add(office, ROOT, "li", ["operator"])
    token = add_token(office, ROOT, "li")
    assert secret not in str(entries(office))
    assert token not in str(entries(office))
