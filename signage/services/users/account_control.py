"""Hands: who could be whom, because they had a hand in how that one is let in.

1. Who gives a person an account, a link, roles, or a token in their name, or takes their second step away, could come
   in as them; and so could whoever has a hand in that one. This is kept, and adds up.
2. Two accounts count as one person where one let the other in, or somebody has a hand in both.
3. The machine's owner is nobody's second self: what is let in anew at the machine is in nobody's hands.
4. Whenever hands are forgotten, all by which they could still come in ends; whom the account let in until then stay in
   those hands; what it submitted and is still in review is a draft again, and what it approved it approves anew: that
   may have been the hands' work.
"""

from signage.faults import Fault, Place
from signage.model.users import Actor
from signage.services.context import Transaction
from signage.store.campaigns import campaign_lists as campaign_desk
from signage.store.campaigns import campaigns
from signage.store.engine import Connection
from signage.store.users import account_control as hands
from signage.store.users import second_factors as factors
from signage.store.users import sessions
from signage.store.users import users as people

OF_PEOPLE = ("console", "api")


def note(tx: Transaction, actor: Actor, person_id: str, *, anew: bool = False) -> None:
    """Keep that *actor* had a hand in it; *anew*: a link goes out by which the person is let in from the beginning."""
    if actor.via in OF_PEOPLE:
        if actor.id != person_id:
            hands.note(tx.connection, person_id, actor.id, tx.at)
    elif anew and hands.let_in_by(tx.connection, person_id):
        forget(tx, person_id)
        people.set_password(tx.connection, person_id, None)
        factors.forget(tx.connection, person_id)


def forget(tx: Transaction, person_id: str) -> None:
    """Leave a person in nobody's hands, with their password (and what is asked for beside it) alone (4)."""
    tx.note(let_in_by=sorted(hands.let_in_by(tx.connection, person_id)))
    hands.forget(tx.connection, person_id)
    people.end_ways_in(tx.connection, person_id, tx.at)
    sessions.end_of(tx.connection, person_id)
    factors.forget_passkeys(tx.connection, person_id)
    for campaign_id, (makers, approvers) in campaign_desk.in_review(tx.connection).items():
        if person_id in makers | approvers:
            _take_back(tx, person_id, campaign_id, made=person_id in makers)


def _take_back(tx: Transaction, person_id: str, campaign_id: str, *, made: bool) -> None:
    kept = campaigns.get(tx.connection, campaign_id)
    if kept is None or kept.source == "file":
        return
    if made:
        campaigns.set_state(tx.connection, campaign_id, kept.current, "draft", tx.at)
    campaigns.drop_approvals(tx.connection, campaign_id, kept.current, None if made else person_id)
    tx.touch("campaigns")
    tx.also("campaign.withdraw", campaign_id, version=kept.current, confirmed=person_id, approval_alone=not made)


def could_be(connection: Connection, person_id: str) -> set[str]:
    """Everybody who could come in as that person, they themselves among them."""
    return {person_id} | hands.let_in_by(connection, person_id)


def one_person(connection: Connection, who: str, maker: str, key: str) -> Fault | None:
    """Why *who* does not judge what *maker* did, and whose confirmation mends it; None where they are two people."""
    behind_who, behind_maker = could_be(connection, who), could_be(connection, maker)
    shared = behind_who & behind_maker
    if not shared:
        return None
    others = sorted(shared - {who, maker})
    confirm = maker if who in behind_maker else who
    hand = others[0] if others else maker if confirm == who else who
    facts = {"who": who, "maker": maker, "hand": hand, "confirm": confirm}
    return Fault("error", "same-hand" if others else "second-self", Place(key=key), facts)
