"""Hands: who could be whom, because they had a hand in how that one is let in.

1. Who gives a person an account, a link, roles, or a token in their name, or takes their second step away, could come
   in as them; and so could whoever has a hand in that one. This is kept, and adds up.
2. Two accounts count as one person where one let the other in, or somebody has a hand in both.
3. The machine's owner is nobody's second self: what is let in anew at the machine is in nobody's hands.
4. Whenever hands are forgotten, all by which they could still come in ends; whom the account let in until then stay in
   those hands; what it submitted and is still in review is a draft again, and what it approved it approves anew: that
   may have been the hands' work.
"""

from signage.faults import Fault, FaultLocation
from signage.model.users import Actor
from signage.services.context import AuditedTransaction
from signage.store.campaigns import approval_decisions, campaigns
from signage.store.campaigns import campaign_lists as campaign_desk
from signage.store.engine import Connection
from signage.store.users import account_control as hands
from signage.store.users import second_factors as factors
from signage.store.users import sessions
from signage.store.users import users as people

HUMAN_CHANNELS = ("console", "api")


def record_control(tx: AuditedTransaction, actor: Actor, person_id: str, *, resets_access: bool = False) -> None:
    """Keep that *actor* had a hand in it; *anew*: a link goes out by which the person is let in from the beginning."""
    if actor.channel in HUMAN_CHANNELS:
        if actor.id != person_id:
            hands.add_controller(tx.connection, person_id, actor.id, tx.at)
    elif resets_access and hands.find_controllers(tx.connection, person_id):
        clear_controllers(tx, person_id)
        people.set_password_hash(tx.connection, person_id, None)
        factors.delete_second_factors(tx.connection, person_id)


def clear_controllers(tx: AuditedTransaction, person_id: str) -> None:
    """Leave a person in nobody's hands, with their password (and what is asked for beside it) alone (4)."""
    tx.add_details(let_in_by=sorted(hands.find_controllers(tx.connection, person_id)))
    hands.delete_controllers(tx.connection, person_id)
    people.revoke_credentials(tx.connection, person_id, tx.at)
    sessions.end_user_sessions(tx.connection, person_id)
    factors.delete_passkeys(tx.connection, person_id)
    for campaign_id, (makers, approvers) in campaign_desk.get_review_participants(tx.connection).items():
        if person_id in makers | approvers:
            _withdraw_review(tx, person_id, campaign_id, made=person_id in makers)


def _withdraw_review(tx: AuditedTransaction, person_id: str, campaign_id: str, *, made: bool) -> None:
    kept = campaigns.get_campaign(tx.connection, campaign_id)
    if kept is None or kept.source == "file":
        return
    if made:
        campaigns.set_version_state(tx.connection, campaign_id, kept.current_version, "draft", tx.at)
    approval_decisions.delete_approvals(tx.connection, campaign_id, kept.current_version, None if made else person_id)
    tx.mark_changed("campaigns")
    tx.add_entry(
        "campaign.withdraw", campaign_id, version=kept.current_version, confirmed=person_id, approval_alone=not made
    )


def list_possible_operators(connection: Connection, person_id: str) -> set[str]:
    """Everybody who could come in as that person, they themselves among them."""
    return {person_id} | hands.find_controllers(connection, person_id)


def find_same_operator_fault(connection: Connection, who: str, maker: str, key: str) -> Fault | None:
    """Why *who* does not judge what *maker* did, and whose confirmation mends it; None where they are two people."""
    behind_who, behind_maker = list_possible_operators(connection, who), list_possible_operators(connection, maker)
    shared = behind_who & behind_maker
    if not shared:
        return None
    others = sorted(shared - {who, maker})
    confirm = maker if who in behind_maker else who
    hand = others[0] if others else maker if confirm == who else who
    facts = {"who": who, "maker": maker, "hand": hand, "confirm": confirm}
    return Fault("error", "same-hand" if others else "second-self", FaultLocation(key=key), facts)
