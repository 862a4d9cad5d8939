"""Account control, and how the confirmation by a second person ends it."""

import pytest

from signage.faults import Refused
from signage.model.campaign import Campaign, Placement
from signage.model.campaign_file.write import format_campaign_file
from signage.model.item import Item
from signage.model.users import make_cli_actor
from signage.services.campaigns import approval_rules, drafts
from signage.services.settings import ApprovalConfig, SessionConfig
from signage.services.users import account_control, second_factors
from signage.services.users.accounts import (
    create_actor,
    create_link,
    create_user,
    disable_user,
    enable_user,
    find_account,
    redeem_link,
    reset_second_factors,
    update_user,
)
from signage.services.users.api_tokens import authenticate_token, create_token
from signage.services.users.confirmation import (
    confirm_account,
    list_all_controllers,
    list_controllers,
    list_pending_confirmations,
)
from signage.services.users.sessions import find_session, start_session
from signage.store.campaigns import campaigns
from signage.store.users.second_factors import PasskeyRow
from tests.support.app_context import create_app_context, list_audit_entries
from tests.support.clocks import ManualClock, parse_instant

ROOT = make_cli_actor("root")


@pytest.fixture
def context(tmp_path):
    return create_app_context(tmp_path, ManualClock())


def someone(context, name, *roles, by=ROOT, unit=None):
    """A person with a password of their own, let in by *by*; as one who acts in the console."""
    redeem_link(context, create_user(context, by, name, roles, unit), "hash")
    return the(context, name)


def the(context, name):
    return create_actor(find_account(context, name).user, "console")


@pytest.fixture
def boss(context):
    return someone(context, "boss", "admin", "operator", "approver")


@pytest.fixture
def wu(context):
    """A colleague whom nobody in the console let in."""
    return someone(context, "wu", "approver")


def submitted(context, maker):
    items, placements = (Item("s1", text="诚信经营"),), (Placement(("*",), ("*",)),)
    begins, ends = parse_instant("2021-03-10T00:00:00+08:00"), parse_instant("2021-03-19T00:00:00+08:00")
    made = Campaign("spring", "spring", "Asia/Shanghai", begins, ends, items, placements)
    drafts.save_draft(context, maker, made, format_campaign_file(made), None)
    drafts.submit_draft(context, maker, "spring", 1, campaigns.compute_version_hash(made))
    return campaigns.compute_version_hash(made)


def refused(act, *arguments):
    with pytest.raises(Refused) as found:
        act(*arguments)
    return found.value.faults[0]


def test_whoever_creates_two_accounts_cannot_submit_as_one_and_approve_as_the_other(context, boss):
    maker, approver = someone(context, "b", "operator", by=boss), someone(context, "c", "approver", by=boss)
    meaning = submitted(context, maker)
    fault = refused(approval_rules.record_approval, context, approver, "spring", 1, meaning)
    assert (fault.code, fault.facts["hand"], fault.facts["confirm"]) == ("same-hand", "boss", "c")
    assert approval_rules.find_approval_conflict(context, approver, "spring", 1) == fault


def test_whoever_created_the_author_is_told_which_account_to_have_confirmed(context, boss):
    maker = someone(context, "b", "operator", by=boss)
    fault = refused(approval_rules.record_approval, context, boss, "spring", 1, submitted(context, maker))
    assert (fault.code, fault.facts["hand"], fault.facts["confirm"]) == ("second-self", "boss", "b")


@pytest.mark.parametrize("confirmer", ["wu", "the machine"])
def test_once_a_second_person_confirms_it_the_approval_counts(context, boss, wu, confirmer):
    maker, approver = someone(context, "b", "operator", by=boss), someone(context, "c", "approver", by=boss)
    meaning = submitted(context, maker)
    confirm_account(context, wu if confirmer == "wu" else ROOT, "c")
    assert approval_rules.record_approval(context, approver, "spring", 1, meaning)
    entry = next(entry for entry in list_audit_entries(context) if entry["verb"] == "user.confirm")
    assert (entry["object"], entry["details"]["let_in_by"]) == ("c", ["boss"])


def test_nobody_confirms_an_account_that_they_may_operate(context, boss, wu):
    for name, by in (("b", "boss"), ("c", "boss"), ("d", "c")):
        someone(context, name, "approver", "admin", by=the(context, by))
    for who, whom in (("boss", "b"), ("b", "b"), ("c", "b"), ("d", "b"), ("boss", "d"), ("c", "d")):
        assert refused(confirm_account, context, the(context, who), whom).code == "confirm-own", (who, whom)
    create_link(context, boss, "wu")
    assert refused(confirm_account, context, wu, "b").code == "confirm-own"


def test_an_operator_confirms_nobody_and_a_unit_none_of_anothers(context, boss):
    operator, foreign = someone(context, "o", "operator"), someone(context, "f", "admin", unit="station")
    someone(context, "b", "approver", by=boss, unit="bureau")
    assert refused(confirm_account, context, operator, "b").code == "duty-missing"
    assert refused(confirm_account, context, foreign, "b").code == "not-your-unit"
    assert list_pending_confirmations(context, operator) == list_pending_confirmations(context, foreign) == []


def test_an_account_without_password_or_disabled_cannot_be_confirmed(context, boss, wu):
    secret = create_user(context, boss, "b", ["approver"])
    for who in (wu, ROOT):
        assert refused(confirm_account, context, who, "b").code == "confirm-invited"
    redeem_link(context, secret, "hash")
    disable_user(context, boss, "b")
    assert refused(confirm_account, context, wu, "b").code == "user-disabled"
    assert refused(confirm_account, context, wu, "nobody").code == "user-unknown"


def test_pending_confirmations_are_listed_for_those_who_may_confirm(context, boss, wu):
    someone(context, "b", "approver", by=boss)
    someone(context, "c", "operator", by=boss)
    create_user(context, boss, "invited", ["approver"])
    assert [(one.account.user.id, one.controllers) for one in list_pending_confirmations(context, wu)] == [
        ("b", ("boss",)),
        ("c", ("boss",)),
    ]
    assert [one.account.user.id for one in list_pending_confirmations(context, wu, "approver")] == ["b"]
    assert list_pending_confirmations(context, boss) == []


@pytest.mark.parametrize(
    "act",
    [
        lambda context, boss: create_link(context, boss, "wu"),
        lambda context, boss: (disable_user(context, boss, "wu"), enable_user(context, boss, "wu")),
        lambda context, boss: update_user(context, boss, "wu", ["operator"], None),
        lambda context, boss: create_token(context, boss, "wu"),
        lambda context, boss: reset_second_factors(context, boss, "wu"),
    ],
    ids=["link", "enable", "roles", "token", "factors"],
)
def test_every_act_that_gives_access_to_an_account_is_control(context, boss, wu, act):
    act(context, boss)
    assert list_controllers(context, "wu") == ("boss",)


def test_an_act_that_changes_nothing_is_no_control(context, boss, wu):
    update_user(context, boss, "wu", ["approver"], None)
    assert list_controllers(context, "wu") == ()


def test_control_is_transitive_also_in_a_circle(context, boss):
    someone(context, "b", "admin", by=boss)
    someone(context, "c", "admin", by=the(context, "b"))
    create_link(context, the(context, "c"), "boss")
    assert list_all_controllers(context) == {"boss": ("b", "c"), "b": ("boss", "c"), "c": ("b", "boss")}
    assert {name: list_controllers(context, name) for name in ("boss", "b", "c")} == list_all_controllers(context)


def ways_in(context, name, by):
    """Whatever *by* may have kept for coming in as *name*: a token, a session, a passkey, a link that is not used."""
    kept_token = create_token(context, the(context, name), name)
    given_token = create_token(context, by, name)
    session = start_session(context, SessionConfig(), find_account(context, name).user, "full", "127.0.0.1", "x")
    second_factors.add_passkey(
        context, the(context, name), PasskeyRow("cred", name, "x", b"x", 0, context.clock.now(), None)
    )
    link = create_link(context, by, name)
    return kept_token, given_token, session, link


def test_a_confirmation_leaves_the_controllers_no_access(context, boss, wu):
    someone(context, "b", "approver", by=boss)
    kept_token, given_token, session, link = ways_in(context, "b", boss)
    confirm_account(context, wu, "b")
    assert list_controllers(context, "b") == ()
    assert authenticate_token(context, kept_token) is authenticate_token(context, given_token) is None
    assert find_session(context, SessionConfig(), session) is None
    assert second_factors.get_second_factors(context, "b").passkeys == []
    assert refused(redeem_link, context, link, "other").code == "link-void"
    assert find_account(context, "b").password_hash == "hash"


def test_a_request_held_back_until_the_confirmation_does_nothing(context, boss, wu):
    approver = someone(context, "b", "approver", "admin", by=boss)
    meaning = submitted(context, boss)
    session = start_session(context, SessionConfig(), find_account(context, "b").user, "full", "127.0.0.1", "x")
    held = (
        find_session(context, SessionConfig(), session).actor,
        authenticate_token(context, create_token(context, approver, "b")),
    )
    confirm_account(context, wu, "b")
    for actor in held:
        assert refused(approval_rules.record_approval, context, actor, "spring", 1, meaning).code == "session-needed"
        assert refused(create_user, context, actor, "c", ["approver"]).code == "session-needed"
        assert refused(create_token, context, actor, "b").code == "session-needed"


def test_versions_that_a_controlled_account_submitted_are_drafts_after_its_confirmation(context, boss, wu):
    maker = someone(context, "b", "operator", by=boss)
    meaning = submitted(context, maker)
    confirm_account(context, wu, "b")
    assert refused(approval_rules.record_approval, context, boss, "spring", 1, meaning).code == "version-not-in-review"
    drafts.submit_draft(context, boss, "spring", 1, meaning)
    assert refused(approval_rules.record_approval, context, boss, "spring", 1, meaning).code == "own-work"
    assert approval_rules.record_approval(context, wu, "spring", 1, meaning)


def test_approvals_of_a_controlled_account_are_void_after_its_confirmation(tmp_path):
    context = create_app_context(tmp_path, ManualClock(), approval=ApprovalConfig(required=2))
    maker, wu = someone(context, "li", "operator"), someone(context, "wu", "approver")
    boss = someone(context, "boss", "admin", "approver")
    puppet = someone(context, "b", "approver", by=boss)
    meaning = submitted(context, maker)
    assert not approval_rules.record_approval(context, puppet, "spring", 1, meaning)
    confirm_account(context, wu, "b")
    assert not approval_rules.record_approval(context, boss, "spring", 1, meaning)
    assert approval_rules.record_approval(context, the(context, "b"), "spring", 1, meaning)


@pytest.mark.parametrize("at_the_machine", [create_link, enable_user], ids=["link", "enable"])
def test_a_link_created_at_the_machine_leaves_the_controllers_no_access(context, boss, at_the_machine):
    someone(context, "b", "approver", by=boss)
    kept_token, given_token, session, link = ways_in(context, "b", boss)
    if at_the_machine is enable_user:
        disable_user(context, ROOT, "b")
    at_the_machine(context, ROOT, "b")
    assert list_controllers(context, "b") == ()
    assert authenticate_token(context, kept_token) is authenticate_token(context, given_token) is None
    assert find_session(context, SessionConfig(), session) is None
    assert not second_factors.get_second_factors(context, "b").is_required
    assert find_account(context, "b").password_hash is None
    assert refused(redeem_link, context, link, "other").code == "link-void"


def test_a_link_for_an_account_without_controllers_ends_nothing_before_it_is_used(context, wu):
    token = create_token(context, wu, "wu")
    create_link(context, ROOT, "wu")
    assert authenticate_token(context, token) and find_account(context, "wu").password_hash == "hash"


def test_accounts_that_a_controlled_account_created_stay_controlled_after_its_confirmation(context, boss, wu):
    someone(context, "b", "admin", by=boss)
    approver = someone(context, "c", "approver", by=the(context, "b"))
    confirm_account(context, wu, "b")
    assert list_controllers(context, "c") == ("b", "boss")
    assert (
        refused(approval_rules.record_approval, context, approver, "spring", 1, submitted(context, boss)).code
        == "second-self"
    )
    confirm_account(context, wu, "c")
    assert list_controllers(context, "c") == ()


def test_a_new_link_after_the_confirmation_is_control_again(context, boss, wu):
    someone(context, "b", "approver", by=boss)
    confirm_account(context, wu, "b")
    create_link(context, boss, "b")
    assert list_controllers(context, "b") == ("boss",)


def test_two_approvals_by_one_person_count_once(tmp_path):
    context = create_app_context(tmp_path, ManualClock(), approval=ApprovalConfig(required=2))
    maker = someone(context, "li", "operator")
    boss, wu = someone(context, "boss", "admin", "approver"), someone(context, "wu", "approver")
    puppet = someone(context, "b", "approver", by=boss)
    meaning = submitted(context, maker)
    assert not approval_rules.record_approval(context, boss, "spring", 1, meaning)
    assert refused(approval_rules.record_approval, context, puppet, "spring", 1, meaning).code == "second-self"
    assert approval_rules.record_approval(context, wu, "spring", 1, meaning)


def test_the_rule_holds_both_ways(context, boss):
    """A judges B's work as little as B judges A's."""
    someone(context, "b", "operator", "approver", by=boss)
    someone(context, "c", "operator", "approver", by=boss)
    with context.store.read() as connection:
        for one, other in (("b", "c"), ("boss", "b"), ("c", "boss")):
            assert account_control.find_same_operator_fault(connection, one, other, "x")
            assert account_control.find_same_operator_fault(connection, other, one, "x")
