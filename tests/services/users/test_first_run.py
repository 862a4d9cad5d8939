"""The one-time links of the first start."""

import pytest

from signage.faults import Refused
from signage.model.users import make_cli_actor
from signage.services.evidence import log_queries
from signage.services.users.accounts import (
    create_user,
    redeem_link,
)
from signage.services.users.first_run import create_first_links
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
