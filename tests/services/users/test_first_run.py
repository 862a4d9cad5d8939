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
def context(tmp_path, clock):
    return create_app_context(tmp_path, clock)


def refused_code(act, *arguments):
    with pytest.raises(Refused) as refused:
        act(*arguments)
    return refused.value.faults[0].code


def first_secrets(context):
    return {role: path.removeprefix("/console/link/") for role, path in create_first_links(context)}


def test_the_first_start_lets_two_people_in_and_later_ones_nobody(context):
    lost, links = first_secrets(context), first_secrets(context)
    assert list(links) == ["admin", "approver"]
    assert refused_code(redeem_link, context, lost["admin"], "hash") == "link-void"
    assert redeem_link(context, links["admin"], "hash", "192.0.2.7") == "admin"
    assert first_secrets(context) == {}
    assert redeem_link(context, links["approver"], "hash") == "first-approver"
    assert first_secrets(context) == {}


def test_a_first_person_who_comes_too_late_has_a_new_link_at_the_next_start(context, clock):
    redeem_link(context, first_secrets(context)["admin"], "hash")
    clock.move(73 * 3600)
    assert list(first_secrets(context)) == ["approver"]


def test_an_installation_with_people_has_no_first_ones(context):
    redeem_link(context, create_user(context, ROOT, "li", ["admin"]), "hash")
    assert first_secrets(context) == {}


def test_the_log_says_which_link_was_used_from_where(context):
    redeem_link(context, first_secrets(context)["approver"], "hash", "192.0.2.7")
    (entry,) = log_queries.list_audit_entries(context, log_queries.AuditFilter(verb="user.redeem"))
    assert (entry.object, entry.details["roles"]) == ("first-approver", ["approver"])
    assert "192.0.2.7" in entry.details["remote"]
    assert entry.details["issued_at"]
