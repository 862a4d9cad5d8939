"""Account control: which accounts one person may operate, so that they do not count as two people in a review.

1. Whoever creates an account, issues its first or a new link, sets its roles, issues a token in its name or removes its
   second factor *controls* it: they could log in as it. Control is recorded, adds up, and is transitive.
2. Two accounts count as one person where one controls the other, or where somebody controls both.
3. Only people at the console or the API control accounts. An account whose access is reset at the machine itself has no
   controllers afterwards.
4. When the controllers of an account are cleared, everything by which they could still log in ends. Accounts that it
   gave access to before stay under their control. In reviews, what it submitted is a draft again, and its approvals are
   removed: both may have been the controllers' work.
"""

from signage.faults import Fault, FaultLocation
from signage.model.users import Actor
from signage.services.context import AuditedTransaction
from signage.store.campaigns import approval_decisions, campaign_lists, campaigns
from signage.store.engine import Connection
from signage.store.users import account_control, second_factors, sessions, users

HUMAN_CHANNELS = ("console", "api")


def record_control(tx: AuditedTransaction, actor: Actor, user_id: str, *, resets_access: bool = False) -> None:
    """Record that *actor* controls the account *user_id* from now on (rule 1).

    *resets_access*: a new link makes all former access void; at the machine this clears the controllers (rule 3).
    """
    if actor.channel in HUMAN_CHANNELS:
        if actor.id != user_id:
            account_control.add_controller(tx.connection, user_id, actor.id, tx.at)
    elif resets_access and account_control.find_controllers(tx.connection, user_id):
        clear_controllers(tx, user_id)
        users.set_password_hash(tx.connection, user_id, None)
        second_factors.delete_second_factors(tx.connection, user_id)


def clear_controllers(tx: AuditedTransaction, user_id: str) -> None:
    """Clear the controllers of an account and end their access (rule 4); its password and authenticator app stay."""
    tx.add_details(let_in_by=sorted(account_control.find_controllers(tx.connection, user_id)))
    account_control.delete_controllers(tx.connection, user_id)
    users.revoke_credentials(tx.connection, user_id, tx.at)
    sessions.end_user_sessions(tx.connection, user_id)
    second_factors.delete_passkeys(tx.connection, user_id)
    participants = campaign_lists.get_review_participants(tx.connection)
    for campaign_id, (submitters, approvers) in participants.items():
        if user_id in submitters | approvers:
            _withdraw_from_review(tx, user_id, campaign_id, is_submitter=user_id in submitters)


def _withdraw_from_review(tx: AuditedTransaction, user_id: str, campaign_id: str, *, is_submitter: bool) -> None:
    campaign = campaigns.get_campaign(tx.connection, campaign_id)
    if campaign is None or campaign.source == "file":
        return
    version = campaign.current_version
    if is_submitter:
        campaigns.set_version_state(tx.connection, campaign_id, version, "draft", tx.at)
    approval_decisions.delete_approvals(tx.connection, campaign_id, version, None if is_submitter else user_id)
    tx.mark_changed("campaigns")
    tx.add_entry("campaign.withdraw", campaign_id, version=version, confirmed=user_id, approval_alone=not is_submitter)


def list_possible_operators(connection: Connection, user_id: str) -> set[str]:
    """Return every account that could log in as *user_id*, itself among them."""
    return {user_id} | account_control.find_controllers(connection, user_id)


def find_same_operator_fault(connection: Connection, reviewer: str, author: str, key: str) -> Fault | None:
    """Return why *reviewer* may not review the work of *author*: they count as one person (rule 2).

    The fault names the account whose confirmation resolves it. None where they are two people.
    """
    reviewer_operators = list_possible_operators(connection, reviewer)
    author_operators = list_possible_operators(connection, author)
    shared = reviewer_operators & author_operators
    if not shared:
        return None
    third_parties = sorted(shared - {reviewer, author})
    confirm = author if reviewer in author_operators else reviewer
    controller = third_parties[0] if third_parties else author if confirm == reviewer else reviewer
    facts = {"who": reviewer, "maker": author, "hand": controller, "confirm": confirm}
    return Fault("error", "same-hand" if third_parties else "second-self", FaultLocation(key=key), facts)
