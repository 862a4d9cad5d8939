"""Who could be one person, and how a second person's confirmation makes them two."""

import pytest

from signage.faults import Refused
from signage.model.campaign import Campaign, Placement
from signage.model.campaign_file.write import write
from signage.model.item import Item
from signage.model.users import owner
from signage.services.campaigns import drafts as campaign_drafts
from signage.services.campaigns import versions as campaigns
from signage.services.settings import ApprovalConfig, SessionConfig
from signage.services.users import account_control as hands
from signage.services.users import second_factors as factors
from signage.services.users.accounts import (
    account,
    actor_of,
    add,
    add_token,
    authenticate,
    change,
    disable,
    enable,
    forget_factors,
    new_link,
    redeem,
)
from signage.services.users.confirmation import confirm, everybodys, let_in_by, waiting_for
from signage.services.users.sessions import begin, find
from signage.store.campaigns import campaigns as kept
from signage.store.users.second_factors import Passkey
from tests.support.clocks import HandClock, at
from tests.support.offices import entries, make_office

ROOT = owner("root")


@pytest.fixture
def office(tmp_path):
    return make_office(tmp_path, HandClock())


def someone(office, name, *roles, by=ROOT, unit=None):
    """A person with a password of their own, let in by *by*; as one who acts in the console."""
    redeem(office, add(office, by, name, roles, unit), "hash")
    return the(office, name)


def the(office, name):
    return actor_of(account(office, name).person, "console")


@pytest.fixture
def boss(office):
    return someone(office, "boss", "admin", "operator", "approver")


@pytest.fixture
def wu(office):
    """A colleague whom nobody in the console let in."""
    return someone(office, "wu", "approver")


def submitted(office, maker):
    items, placements = (Item("s1", text="诚信经营"),), (Placement(("*",), ("*",)),)
    begins, ends = at("2021-03-10T00:00:00+08:00"), at("2021-03-19T00:00:00+08:00")
    made = Campaign("spring", "spring", "Asia/Shanghai", begins, ends, items, placements)
    campaign_drafts.save(office, maker, made, write(made), None)
    campaign_drafts.submit_saved(office, maker, "spring", 1, kept.meaning(made))
    return kept.meaning(made)


def refused(act, *arguments):
    with pytest.raises(Refused) as found:
        act(*arguments)
    return found.value.faults[0]


def test_who_makes_up_two_colleagues_is_neither(office, boss):
    maker, approver = someone(office, "b", "operator", by=boss), someone(office, "c", "approver", by=boss)
    meaning = submitted(office, maker)
    fault = refused(campaigns.approve, office, approver, "spring", 1, meaning)
    assert (fault.code, fault.facts["hand"], fault.facts["confirm"]) == ("same-hand", "boss", "c")
    assert campaigns.doubt(office, approver, "spring", 1) == fault


def test_who_let_in_the_other_is_told_whom_to_have_confirmed(office, boss):
    maker = someone(office, "b", "operator", by=boss)
    fault = refused(campaigns.approve, office, boss, "spring", 1, submitted(office, maker))
    assert (fault.code, fault.facts["hand"], fault.facts["confirm"]) == ("second-self", "boss", "b")


@pytest.mark.parametrize("confirmer", ["wu", "the machine"])
def test_once_a_second_person_confirms_it_the_approval_counts(office, boss, wu, confirmer):
    maker, approver = someone(office, "b", "operator", by=boss), someone(office, "c", "approver", by=boss)
    meaning = submitted(office, maker)
    confirm(office, wu if confirmer == "wu" else ROOT, "c")
    assert campaigns.approve(office, approver, "spring", 1, meaning)
    entry = next(entry for entry in entries(office) if entry["verb"] == "user.confirm")
    assert (entry["object"], entry["details"]["let_in_by"]) == ("c", ["boss"])


def test_nobody_confirms_whom_they_could_be(office, boss, wu):
    for name, by in (("b", "boss"), ("c", "boss"), ("d", "c")):
        someone(office, name, "approver", "admin", by=the(office, by))
    for who, whom in (("boss", "b"), ("b", "b"), ("c", "b"), ("d", "b"), ("boss", "d"), ("c", "d")):
        assert refused(confirm, office, the(office, who), whom).code == "confirm-own", (who, whom)
    new_link(office, boss, "wu")
    assert refused(confirm, office, wu, "b").code == "confirm-own"


def test_an_operator_confirms_nobody_and_a_unit_none_of_anothers(office, boss):
    operator, foreign = someone(office, "o", "operator"), someone(office, "f", "admin", unit="station")
    someone(office, "b", "approver", by=boss, unit="bureau")
    assert refused(confirm, office, operator, "b").code == "duty-missing"
    assert refused(confirm, office, foreign, "b").code == "not-your-unit"
    assert waiting_for(office, operator) == waiting_for(office, foreign) == []


def test_there_must_be_somebody_to_confirm(office, boss, wu):
    secret = add(office, boss, "b", ["approver"])
    for who in (wu, ROOT):
        assert refused(confirm, office, who, "b").code == "confirm-invited"
    redeem(office, secret, "hash")
    disable(office, boss, "b")
    assert refused(confirm, office, wu, "b").code == "user-disabled"
    assert refused(confirm, office, wu, "nobody").code == "user-unknown"


def test_who_may_confirm_is_shown_who_waits(office, boss, wu):
    someone(office, "b", "approver", by=boss)
    someone(office, "c", "operator", by=boss)
    add(office, boss, "invited", ["approver"])
    assert [(one.account.person.id, one.let_in_by) for one in waiting_for(office, wu)] == [
        ("b", ("boss",)),
        ("c", ("boss",)),
    ]
    assert [one.account.person.id for one in waiting_for(office, wu, "approver")] == ["b"]
    assert waiting_for(office, boss) == []


@pytest.mark.parametrize(
    "act",
    [
        lambda office, boss: new_link(office, boss, "wu"),
        lambda office, boss: (disable(office, boss, "wu"), enable(office, boss, "wu")),
        lambda office, boss: change(office, boss, "wu", ["operator"], None),
        lambda office, boss: add_token(office, boss, "wu"),
        lambda office, boss: forget_factors(office, boss, "wu"),
    ],
    ids=["link", "enable", "roles", "token", "factors"],
)
def test_whatever_could_let_another_in_is_a_hand(office, boss, wu, act):
    act(office, boss)
    assert let_in_by(office, "wu") == ("boss",)


def test_what_changes_nothing_is_no_hand(office, boss, wu):
    change(office, boss, "wu", ["approver"], None)
    assert let_in_by(office, "wu") == ()


def test_hands_are_told_through_others_and_in_a_ring(office, boss):
    someone(office, "b", "admin", by=boss)
    someone(office, "c", "admin", by=the(office, "b"))
    new_link(office, the(office, "c"), "boss")
    assert everybodys(office) == {"boss": ("b", "c"), "b": ("boss", "c"), "c": ("b", "boss")}
    assert {name: let_in_by(office, name) for name in ("boss", "b", "c")} == everybodys(office)


def ways_in(office, name, by):
    """Whatever *by* may have kept for coming in as *name*: a token, a session, a passkey, a link that is not used."""
    kept_token = add_token(office, the(office, name), name)
    given_token = add_token(office, by, name)
    session = begin(office, SessionConfig(), account(office, name).person, "full", "127.0.0.1", "x")
    factors.add_passkey(office, the(office, name), Passkey("cred", name, "x", b"x", 0, office.clock.now(), None))
    link = new_link(office, by, name)
    return kept_token, given_token, session, link


def test_a_confirmation_leaves_the_one_who_let_them_in_no_way_in(office, boss, wu):
    someone(office, "b", "approver", by=boss)
    kept_token, given_token, session, link = ways_in(office, "b", boss)
    confirm(office, wu, "b")
    assert let_in_by(office, "b") == ()
    assert authenticate(office, kept_token) is authenticate(office, given_token) is None
    assert find(office, SessionConfig(), session) is None
    assert factors.of(office, "b").passkeys == []
    assert refused(redeem, office, link, "other").code == "link-void"
    assert account(office, "b").password == "hash"


def test_a_request_held_back_until_the_confirmation_does_nothing(office, boss, wu):
    approver = someone(office, "b", "approver", "admin", by=boss)
    meaning = submitted(office, boss)
    session = begin(office, SessionConfig(), account(office, "b").person, "full", "127.0.0.1", "x")
    held = find(office, SessionConfig(), session).actor, authenticate(office, add_token(office, approver, "b"))
    confirm(office, wu, "b")
    for actor in held:
        assert refused(campaigns.approve, office, actor, "spring", 1, meaning).code == "session-needed"
        assert refused(add, office, actor, "c", ["approver"]).code == "session-needed"
        assert refused(add_token, office, actor, "b").code == "session-needed"


def test_what_was_submitted_by_those_hands_is_a_draft_again(office, boss, wu):
    maker = someone(office, "b", "operator", by=boss)
    meaning = submitted(office, maker)
    confirm(office, wu, "b")
    assert refused(campaigns.approve, office, boss, "spring", 1, meaning).code == "version-not-in-review"
    campaign_drafts.submit_saved(office, boss, "spring", 1, meaning)
    assert refused(campaigns.approve, office, boss, "spring", 1, meaning).code == "own-work"
    assert campaigns.approve(office, wu, "spring", 1, meaning)


def test_what_was_approved_by_those_hands_is_approved_anew(tmp_path):
    office = make_office(tmp_path, HandClock(), approval=ApprovalConfig(required=2))
    maker, wu = someone(office, "li", "operator"), someone(office, "wu", "approver")
    boss = someone(office, "boss", "admin", "approver")
    puppet = someone(office, "b", "approver", by=boss)
    meaning = submitted(office, maker)
    assert not campaigns.approve(office, puppet, "spring", 1, meaning)
    confirm(office, wu, "b")
    assert not campaigns.approve(office, boss, "spring", 1, meaning)
    assert campaigns.approve(office, the(office, "b"), "spring", 1, meaning)


@pytest.mark.parametrize("at_the_machine", [new_link, enable], ids=["link", "enable"])
def test_a_link_given_out_at_the_machine_leaves_them_none_either(office, boss, at_the_machine):
    someone(office, "b", "approver", by=boss)
    kept_token, given_token, session, link = ways_in(office, "b", boss)
    if at_the_machine is enable:
        disable(office, ROOT, "b")
    at_the_machine(office, ROOT, "b")
    assert let_in_by(office, "b") == ()
    assert authenticate(office, kept_token) is authenticate(office, given_token) is None
    assert find(office, SessionConfig(), session) is None
    assert not factors.of(office, "b").asked
    assert account(office, "b").password is None
    assert refused(redeem, office, link, "other").code == "link-void"


def test_a_link_for_one_in_nobodys_hands_ends_nothing_before_it_is_used(office, wu):
    token = add_token(office, wu, "wu")
    new_link(office, ROOT, "wu")
    assert authenticate(office, token) and account(office, "wu").password == "hash"


def test_whom_an_account_let_in_before_stays_in_the_hands_that_were_in_it(office, boss, wu):
    someone(office, "b", "admin", by=boss)
    approver = someone(office, "c", "approver", by=the(office, "b"))
    confirm(office, wu, "b")
    assert let_in_by(office, "c") == ("b", "boss")
    assert refused(campaigns.approve, office, approver, "spring", 1, submitted(office, boss)).code == "second-self"
    confirm(office, wu, "c")
    assert let_in_by(office, "c") == ()


def test_a_new_link_after_the_confirmation_is_a_hand_again(office, boss, wu):
    someone(office, "b", "approver", by=boss)
    confirm(office, wu, "b")
    new_link(office, boss, "b")
    assert let_in_by(office, "b") == ("boss",)


def test_two_approvals_of_one_hand_are_one(tmp_path):
    office = make_office(tmp_path, HandClock(), approval=ApprovalConfig(required=2))
    maker = someone(office, "li", "operator")
    boss, wu = someone(office, "boss", "admin", "approver"), someone(office, "wu", "approver")
    puppet = someone(office, "b", "approver", by=boss)
    meaning = submitted(office, maker)
    assert not campaigns.approve(office, boss, "spring", 1, meaning)
    assert refused(campaigns.approve, office, puppet, "spring", 1, meaning).code == "second-self"
    assert campaigns.approve(office, wu, "spring", 1, meaning)


def test_the_rule_holds_both_ways(office, boss):
    """A judges B's work as little as B judges A's."""
    someone(office, "b", "operator", "approver", by=boss)
    someone(office, "c", "operator", "approver", by=boss)
    with office.store.read() as connection:
        for one, other in (("b", "c"), ("boss", "b"), ("c", "boss")):
            assert hands.one_person(connection, one, other, "x")
            assert hands.one_person(connection, other, one, "x")
