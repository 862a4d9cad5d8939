"""People: let in by a link that is good once, never auditor with another role."""

import pytest

from signage.faults import Refused
from signage.model.users import Actor, make_cli_actor
from signage.services.evidence import log_queries
from signage.services.users.accounts import (
    create_link,
    create_user,
    disable_user,
    enable_user,
    list_accounts,
    redeem_link,
    update_user,
)
from signage.services.users.api_tokens import authenticate_token, create_token, list_tokens, revoke_token
from signage.services.users.first_run import create_first_links
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


def first_secrets(office):
    return {role: path.removeprefix("/console/link/") for role, path in create_first_links(office)}


def test_the_first_start_lets_two_people_in_and_later_ones_nobody(office):
    lost, links = first_secrets(office), first_secrets(office)
    assert list(links) == ["admin", "approver"]
    assert refused_code(redeem_link, office, lost["admin"], "hash") == "link-void"
    assert redeem_link(office, links["admin"], "hash", "192.0.2.7") == "admin"
    assert first_secrets(office) == {}
    assert redeem_link(office, links["approver"], "hash") == "first-approver"
    assert first_secrets(office) == {}


def test_a_first_person_who_comes_too_late_has_a_new_link_at_the_next_start(office, clock):
    redeem_link(office, first_secrets(office)["admin"], "hash")
    clock.move(73 * 3600)
    assert list(first_secrets(office)) == ["approver"]


def test_an_installation_with_people_has_no_first_ones(office):
    redeem_link(office, create_user(office, ROOT, "li", ["admin"]), "hash")
    assert first_secrets(office) == {}


def test_the_log_says_which_link_was_used_from_where(office):
    redeem_link(office, first_secrets(office)["approver"], "hash", "192.0.2.7")
    (entry,) = log_queries.list_audit_entries(office, log_queries.AuditFilter(verb="user.redeem"))
    assert (entry.object, entry.details["roles"]) == ("first-approver", ["approver"])
    assert "192.0.2.7" in entry.details["remote"]
    assert entry.details["issued_at"]


@pytest.mark.parametrize(
    ("roles", "code"),
    [(["auditor", "admin"], "auditor-mixed"), ([], "roles-missing"), (["boss"], "role-unknown")],
)
def test_roles_that_cannot_be(office, roles, code):
    assert refused_code(create_user, office, ROOT, "li", roles) == code
    create_user(office, ROOT, "wang", ["operator"])
    assert refused_code(update_user, office, ROOT, "wang", roles, None) == code


def test_a_token_lets_its_person_in_until_it_ends(office, clock):
    create_user(office, ROOT, "li", ["operator"], "bureau")
    token = create_token(office, ROOT, "li", 2)
    assert authenticate_token(office, token) == Actor("li", frozenset({"operator"}), "bureau", "api")
    assert authenticate_token(office, token + "0") is None
    clock.move(2 * 86400)
    assert authenticate_token(office, token) is None
    assert token.encode() not in office.store.path.read_bytes()


def test_disabling_ends_everything_that_could_let_a_person_in(office):
    secret = create_user(office, ROOT, "li", ["operator"])
    token = create_token(office, ROOT, "li")
    disable_user(office, ADMIN, "li")
    assert authenticate_token(office, token) is None
    assert refused_code(redeem_link, office, secret, "hash") == "link-void"
    assert refused_code(create_token, office, ROOT, "li") == "user-disabled"
    redeem_link(office, enable_user(office, ADMIN, "li"), "hash")
    assert authenticate_token(office, token) is None


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


def test_no_secret_is_in_the_audit_log(office):
    secret = create_user(office, ROOT, "li", ["operator"])
    token = create_token(office, ROOT, "li")
    assert secret not in str(list_audit_entries(office))
    assert token not in str(list_audit_entries(office))
