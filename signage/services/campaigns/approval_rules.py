"""Decides who may approve or return a version, and records the decision.

1. The version is the newest one of its campaign, in review, and unchanged since the approver saw it (``version_hash``).
2. Four-eyes rule: nobody approves a version that they submitted or edited, or that an account submitted or edited which
   counts as the same person (``account_control``).
3. ``[approval] required`` people must approve, in a key period one more; no two of them count as one person.
4. An approver of a unit decides on that unit's campaigns alone (contract, rule 9).
"""

from collections.abc import Callable
from datetime import datetime

from signage.faults import Fault, Refused, refuse
from signage.model.users import Actor
from signage.services.campaigns.queries import require_campaign, require_version
from signage.services.context import AppContext, AuditedTransaction, check_governed, find_unit_fault
from signage.services.users import account_control
from signage.store.campaigns import approval_decisions, campaigns
from signage.store.campaigns.campaigns import CampaignVersionRow
from signage.store.engine import Connection


def record_approval(
    context: AppContext,
    actor: Actor,
    campaign_id: str,
    number: int,
    version_hash: str,
    check_views: Callable[[AuditedTransaction, CampaignVersionRow], None] | None = None,
) -> bool:
    """Record *actor*'s approval of exactly the version with that hash; returns whether it is approved thereby.

    *check_views* raises Refused where the actor has not viewed the version as required (``approval``). Raises Refused:
    not the newest version, not in review, changed since, or the actor's own work (rule 4).
    """
    with context.transaction(actor, "campaign.approve", campaign_id, version=number, meaning=version_hash) as tx:
        version = _get_reviewable_version(context, tx, actor, campaign_id, number, version_hash)
        if check_views is not None:
            check_views(tx, version)
        approval_decisions.record_decision(tx.connection, campaign_id, number, actor.id, "approved", tx.at)
        approvers = approval_decisions.list_approvers(tx.connection, campaign_id, number)
        is_approved = len(approvers) >= count_required_approvals(context, tx.at)
        if is_approved:
            campaigns.set_version_state(tx.connection, campaign_id, number, "approved", tx.at)
        tx.add_details(live=is_approved)
    return is_approved


def count_required_approvals(context: AppContext, at: datetime) -> int:
    """Return how many people must approve at the instant *at*: in a key period one more."""
    return context.approval.required + any(period.from_ <= at < period.until for period in context.key_periods)


def return_version(
    context: AppContext, actor: Actor, campaign_id: str, number: int, version_hash: str, note: str
) -> None:
    """Return a submitted version to its author with a *note*. Raises Refused as :func:`record_approval` does."""
    if not note.strip():
        raise refuse("said-missing", "note")
    details = {"version": number, "meaning": version_hash, "note": note}
    with context.transaction(actor, "campaign.return", campaign_id, **details) as tx:
        _get_reviewable_version(context, tx, actor, campaign_id, number, version_hash)
        approval_decisions.record_decision(tx.connection, campaign_id, number, actor.id, "returned", tx.at, note)
        campaigns.set_version_state(tx.connection, campaign_id, number, "returned", tx.at)


def _get_reviewable_version(
    context: AppContext, tx: AuditedTransaction, actor: Actor, campaign_id: str, number: int, version_hash: str
) -> CampaignVersionRow:
    row = require_campaign(tx.connection, campaign_id)
    version = campaigns.get_version(tx.connection, campaign_id, number)
    if version is None or row.current_version != number or version.version_hash != version_hash:
        raise refuse("version-changed", campaign_id, id=campaign_id, version=number, newest=row.current_version)
    if version.state != "submitted" or row.status != "active":
        raise refuse("version-not-in-review", campaign_id, id=campaign_id, version=number)
    check_governed(context, tx, actor, version.campaign.unit, campaign_id)
    if actor.id in list_contributors(tx.connection, campaign_id, number):
        raise refuse("own-work", campaign_id, id=campaign_id, who=actor.id)
    fault = _find_same_operator_fault(tx.connection, actor.id, campaign_id, number)
    if fault is not None:
        raise Refused([fault])
    return version


def list_contributors(connection: Connection, campaign_id: str, number: int) -> set[str]:
    """Return who submitted a version, or made any version since the approved one."""
    authors = {version.made_by for version in campaigns.iter_versions_since_approval(connection, campaign_id)}
    decisions = approval_decisions.list_decisions(connection, campaign_id, number)
    return authors | {decision.who for decision in decisions if decision.decision == "submitted"}


def find_approval_conflict(context: AppContext, actor: Actor, campaign_id: str, number: int) -> Fault | None:
    """Return why *actor* may not approve a version: not their unit's, or one person with a contributor or approver.

    None where they may. Raises Refused: it does not exist.
    """
    with context.store.read() as connection:
        unit = require_version(connection, campaign_id, number).campaign.unit
        fault = find_unit_fault(context, connection, actor, unit, campaign_id)
        return fault or _find_same_operator_fault(connection, actor.id, campaign_id, number)


def _find_same_operator_fault(connection: Connection, user_id: str, campaign_id: str, number: int) -> Fault | None:
    participants = list_contributors(connection, campaign_id, number)
    participants |= set(approval_decisions.list_approvers(connection, campaign_id, number))
    faults = (
        account_control.find_same_operator_fault(connection, user_id, other, campaign_id)
        for other in sorted(participants - {user_id})
    )
    return next((fault for fault in faults if fault is not None), None)
