"""Who could be one person, and how a second person's confirmation makes them two."""

import pytest

from signage.faults import Refused
from signage.model.campaign import Campaign, Placement
from signage.model.campaign_file.write import format_campaign_file
from signage.model.item import Item
from signage.model.users import make_cli_actor
from signage.services.campaigns import approval_rules
from signage.services.campaigns import drafts as campaign_drafts
from signage.services.settings import ApprovalConfig, SessionConfig
from signage.services.users import account_control as hands
from signage.services.users import second_factors as factors
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
from signage.store.campaigns import campaigns as kept
from signage.store.users.second_factors import PasskeyRow
from tests.support.app_context import create_app_context, list_audit_entries
from tests.support.clocks import ManualClock, parse_instant

ROOT = make_cli_actor("root")


@pytest.fixture
def office(tmp_path):
    return create_app_context(tmp_path, ManualClock())


def someone(office, name, *roles, by=ROOT, unit=None):
    """A person with a password of their own, let in by *by*; as one who acts in the console."""
    redeem_link(office, create_user(office, by, name, roles, unit), "hash")
    return the(office, name)


def the(office, name):
    return create_actor(find_account(office, name).user, "console")


@pytest.fixture
def boss(office):
    return someone(office, "boss", "admin", "operator", "approver")


@pytest.fixture
def wu(office):
    """A colleague whom nobody in the console let in."""
    return someone(office, "wu", "approver")


def submitted(office, maker):
    items, placements = (Item("s1", text="诚信经营"),), (Placement(("*",), ("*",)),)
    begins, ends = parse_instant("2021-03-10T00:00:00+08:00"), parse_instant("2021-03-19T00:00:00+08:00")
    made = Campaign("spring", "spring", "Asia/Shanghai", begins, ends, items, placements)
    campaign_drafts.save_draft(office, maker, made, format_campaign_file(made), None)
    campaign_drafts.submit_draft(office, maker, "spring", 1, kept.compute_version_hash(made))
    return kept.compute_version_hash(made)


def refused(act, *arguments):
    with pytest.raises(Refused) as found:
        act(*arguments)
    return found.value.faults[0]


def test_who_makes_up_two_colleagues_is_neither(office, boss):
    maker, approver = someone(office, "b", "operator", by=boss), someone(office, "c", "approver", by=boss)
    meaning = submitted(office, maker)
    fault = refused(approval_rules.record_approval, office, approver, "spring", 1, meaning)
    assert (fault.code, fault.facts["hand"], fault.facts["confirm"]) == ("same-hand", "boss", "c")
    assert approval_rules.find_approval_conflict(office, approver, "spring", 1) == fault


def test_who_let_in_the_other_is_told_whom_to_have_confirmed(office, boss):
    maker = someone(office, "b", "operator", by=boss)
    fault = refused(approval_rules.record_approval, office, boss, "spring", 1, submitted(office, maker))
    assert (fault.code, fault.facts["hand"], fault.facts["confirm"]) == ("second-self", "boss", "b")


@pytest.mark.parametrize("confirmer", ["wu", "the machine"])
def test_once_a_second_person_confirms_it_the_approval_counts(office, boss, wu, confirmer):
    maker, approver = someone(office, "b", "operator", by=boss), someone(office, "c", "approver", by=boss)
    meaning = submitted(office, maker)
    confirm_account(office, wu if confirmer == "wu" else ROOT, "c")
    assert approval_rules.record_approval(office, approver, "spring", 1, meaning)
    entry = next(entry for entry in list_audit_entries(office) if entry["verb"] == "user.confirm")
    assert (entry["object"], entry["details"]["let_in_by"]) == ("c", ["boss"])


def test_nobody_confirms_whom_they_could_be(office, boss, wu):
    for name, by in (("b", "boss"), ("c", "boss"), ("d", "c")):
        someone(office, name, "approver", "admin", by=the(office, by))
    for who, whom in (("boss", "b"), ("b", "b"), ("c", "b"), ("d", "b"), ("boss", "d"), ("c", "d")):
        assert refused(confirm_account, office, the(office, who), whom).code == "confirm-own", (who, whom)
    create_link(office, boss, "wu")
    assert refused(confirm_account, office, wu, "b").code == "confirm-own"


def test_an_operator_confirms_nobody_and_a_unit_none_of_anothers(office, boss):
    operator, foreign = someone(office, "o", "operator"), someone(office, "f", "admin", unit="station")
    someone(office, "b", "approver", by=boss, unit="bureau")
    assert refused(confirm_account, office, operator, "b").code == "duty-missing"
    assert refused(confirm_account, office, foreign, "b").code == "not-your-unit"
    assert list_pending_confirmations(office, operator) == list_pending_confirmations(office, foreign) == []


def test_there_must_be_somebody_to_confirm(office, boss, wu):
    secret = create_user(office, boss, "b", ["approver"])
    for who in (wu, ROOT):
        assert refused(confirm_account, office, who, "b").code == "confirm-invited"
    redeem_link(office, secret, "hash")
    disable_user(office, boss, "b")
    assert refused(confirm_account, office, wu, "b").code == "user-disabled"
    assert refused(confirm_account, office, wu, "nobody").code == "user-unknown"


def test_who_may_confirm_is_shown_who_waits(office, boss, wu):
    someone(office, "b", "approver", by=boss)
    someone(office, "c", "operator", by=boss)
    create_user(office, boss, "invited", ["approver"])
    assert [(one.account.user.id, one.controllers) for one in list_pending_confirmations(office, wu)] == [
        ("b", ("boss",)),
        ("c", ("boss",)),
    ]
    assert [one.account.user.id for one in list_pending_confirmations(office, wu, "approver")] == ["b"]
    assert list_pending_confirmations(office, boss) == []


@pytest.mark.parametrize(
    "act",
    [
        lambda office, boss: create_link(office, boss, "wu"),
        lambda office, boss: (disable_user(office, boss, "wu"), enable_user(office, boss, "wu")),
        lambda office, boss: update_user(office, boss, "wu", ["operator"], None),
        lambda office, boss: create_token(office, boss, "wu"),
        lambda office, boss: reset_second_factors(office, boss, "wu"),
    ],
    ids=["link", "enable", "roles", "token", "factors"],
)
def test_whatever_could_let_another_in_is_a_hand(office, boss, wu, act):
    act(office, boss)
    assert list_controllers(office, "wu") == ("boss",)


def test_what_changes_nothing_is_no_hand(office, boss, wu):
    update_user(office, boss, "wu", ["approver"], None)
    assert list_controllers(office, "wu") == ()


def test_hands_are_told_through_others_and_in_a_ring(office, boss):
    someone(office, "b", "admin", by=boss)
    someone(office, "c", "admin", by=the(office, "b"))
    create_link(office, the(office, "c"), "boss")
    assert list_all_controllers(office) == {"boss": ("b", "c"), "b": ("boss", "c"), "c": ("b", "boss")}
    assert {name: list_controllers(office, name) for name in ("boss", "b", "c")} == list_all_controllers(office)


def ways_in(office, name, by):
    """Whatever *by* may have kept for coming in as *name*: a token, a session, a passkey, a link that is not used."""
    kept_token = create_token(office, the(office, name), name)
    given_token = create_token(office, by, name)
    session = start_session(office, SessionConfig(), find_account(office, name).user, "full", "127.0.0.1", "x")
    factors.add_passkey(office, the(office, name), PasskeyRow("cred", name, "x", b"x", 0, office.clock.now(), None))
    link = create_link(office, by, name)
    return kept_token, given_token, session, link


def test_a_confirmation_leaves_the_one_who_let_them_in_no_way_in(office, boss, wu):
    someone(office, "b", "approver", by=boss)
    kept_token, given_token, session, link = ways_in(office, "b", boss)
    confirm_account(office, wu, "b")
    assert list_controllers(office, "b") == ()
    assert authenticate_token(office, kept_token) is authenticate_token(office, given_token) is None
    assert find_session(office, SessionConfig(), session) is None
    assert factors.get_second_factors(office, "b").passkeys == []
    assert refused(redeem_link, office, link, "other").code == "link-void"
    assert find_account(office, "b").password_hash == "hash"


def test_a_request_held_back_until_the_confirmation_does_nothing(office, boss, wu):
    approver = someone(office, "b", "approver", "admin", by=boss)
    meaning = submitted(office, boss)
    session = start_session(office, SessionConfig(), find_account(office, "b").user, "full", "127.0.0.1", "x")
    held = (
        find_session(office, SessionConfig(), session).actor,
        authenticate_token(office, create_token(office, approver, "b")),
    )
    confirm_account(office, wu, "b")
    for actor in held:
        assert refused(approval_rules.record_approval, office, actor, "spring", 1, meaning).code == "session-needed"
        assert refused(create_user, office, actor, "c", ["approver"]).code == "session-needed"
        assert refused(create_token, office, actor, "b").code == "session-needed"


def test_what_was_submitted_by_those_hands_is_a_draft_again(office, boss, wu):
    maker = someone(office, "b", "operator", by=boss)
    meaning = submitted(office, maker)
    confirm_account(office, wu, "b")
    assert refused(approval_rules.record_approval, office, boss, "spring", 1, meaning).code == "version-not-in-review"
    campaign_drafts.submit_draft(office, boss, "spring", 1, meaning)
    assert refused(approval_rules.record_approval, office, boss, "spring", 1, meaning).code == "own-work"
    assert approval_rules.record_approval(office, wu, "spring", 1, meaning)


def test_what_was_approved_by_those_hands_is_approved_anew(tmp_path):
    office = create_app_context(tmp_path, ManualClock(), approval=ApprovalConfig(required=2))
    maker, wu = someone(office, "li", "operator"), someone(office, "wu", "approver")
    boss = someone(office, "boss", "admin", "approver")
    puppet = someone(office, "b", "approver", by=boss)
    meaning = submitted(office, maker)
    assert not approval_rules.record_approval(office, puppet, "spring", 1, meaning)
    confirm_account(office, wu, "b")
    assert not approval_rules.record_approval(office, boss, "spring", 1, meaning)
    assert approval_rules.record_approval(office, the(office, "b"), "spring", 1, meaning)


@pytest.mark.parametrize("at_the_machine", [create_link, enable_user], ids=["link", "enable"])
def test_a_link_given_out_at_the_machine_leaves_them_none_either(office, boss, at_the_machine):
    someone(office, "b", "approver", by=boss)
    kept_token, given_token, session, link = ways_in(office, "b", boss)
    if at_the_machine is enable_user:
        disable_user(office, ROOT, "b")
    at_the_machine(office, ROOT, "b")
    assert list_controllers(office, "b") == ()
    assert authenticate_token(office, kept_token) is authenticate_token(office, given_token) is None
    assert find_session(office, SessionConfig(), session) is None
    assert not factors.get_second_factors(office, "b").is_required
    assert find_account(office, "b").password_hash is None
    assert refused(redeem_link, office, link, "other").code == "link-void"


def test_a_link_for_one_in_nobodys_hands_ends_nothing_before_it_is_used(office, wu):
    token = create_token(office, wu, "wu")
    create_link(office, ROOT, "wu")
    assert authenticate_token(office, token) and find_account(office, "wu").password_hash == "hash"


def test_whom_an_account_let_in_before_stays_in_the_hands_that_were_in_it(office, boss, wu):
    someone(office, "b", "admin", by=boss)
    approver = someone(office, "c", "approver", by=the(office, "b"))
    confirm_account(office, wu, "b")
    assert list_controllers(office, "c") == ("b", "boss")
    assert (
        refused(approval_rules.record_approval, office, approver, "spring", 1, submitted(office, boss)).code
        == "second-self"
    )
    confirm_account(office, wu, "c")
    assert list_controllers(office, "c") == ()


def test_a_new_link_after_the_confirmation_is_a_hand_again(office, boss, wu):
    someone(office, "b", "approver", by=boss)
    confirm_account(office, wu, "b")
    create_link(office, boss, "b")
    assert list_controllers(office, "b") == ("boss",)


def test_two_approvals_of_one_hand_are_one(tmp_path):
    office = create_app_context(tmp_path, ManualClock(), approval=ApprovalConfig(required=2))
    maker = someone(office, "li", "operator")
    boss, wu = someone(office, "boss", "admin", "approver"), someone(office, "wu", "approver")
    puppet = someone(office, "b", "approver", by=boss)
    meaning = submitted(office, maker)
    assert not approval_rules.record_approval(office, boss, "spring", 1, meaning)
    assert refused(approval_rules.record_approval, office, puppet, "spring", 1, meaning).code == "second-self"
    assert approval_rules.record_approval(office, wu, "spring", 1, meaning)


def test_the_rule_holds_both_ways(office, boss):
    """A judges B's work as little as B judges A's."""
    someone(office, "b", "operator", "approver", by=boss)
    someone(office, "c", "operator", "approver", by=boss)
    with office.store.read() as connection:
        for one, other in (("b", "c"), ("boss", "b"), ("c", "boss")):
            assert hands.find_same_operator_fault(connection, one, other, "x")
            assert hands.find_same_operator_fault(connection, other, one, "x")
