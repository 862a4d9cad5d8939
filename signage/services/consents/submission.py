"""Consents that a campaign lacks: asked for when it is submitted, and taken back with it (contract, rule 9).

A request is for this campaign alone. Its screens are those that the campaign names; where its placements exclude
screens, all of the unit, because the placements exclude them anyway.
"""

from zoneinfo import ZoneInfo

from signage.model.campaign import Campaign
from signage.model.consent import Consent
from signage.schedule.analysis.consent_coverage import find_foreign_screens
from signage.services.consents.consents import describe_consent, make_consent_id
from signage.services.context import AppContext, AuditedTransaction
from signage.store import consents
from signage.store.consents import ConsentRow
from signage.store.screens import screens


def request_missing_consents(context: AppContext, tx: AuditedTransaction, campaign: Campaign) -> tuple[ConsentRow, ...]:
    """Ask each unit without whose consent *campaign* would not show on its screens; returns the new requests."""
    current = consents.list_enforced_consents(tx.connection, context.enforce_consent, tx.at)
    if current is None or campaign.unit is None:
        return ()
    enrolled = [row.screen for row in screens.iter_screens(tx.connection)]
    missing = [found.unit for found in find_foreign_screens(campaign, enrolled, current) if found.consent is None]
    asked = {row.consent.unit for row in consents.list_campaign_consents(tx.connection, campaign.id, ("asked",))}
    created = [_ask(context, tx, campaign, campaign.unit, unit) for unit in missing if unit not in asked]
    if created:
        tx.mark_changed("consents")
        tx.add_details(asks=[f"{row.consent.unit}: {row.id}" for row in created])
    return tuple(created)


def take_back_requests(tx: AuditedTransaction, campaign_id: str) -> None:
    """Withdraw the requests for a campaign that are not answered yet."""
    for row in consents.list_campaign_consents(tx.connection, campaign_id, ("asked",)):
        consents.end_consent(tx.connection, row.id, "withdrawn", tx.at, tx.actor_id)
        tx.add_entry("consent.withdraw", row.id, campaign=campaign_id)
        tx.mark_changed("consents")


def _ask(context: AppContext, tx: AuditedTransaction, campaign: Campaign, to: str, unit: str) -> ConsentRow:
    selectors = tuple(dict.fromkeys(word for placement in campaign.placements for word in placement.screens))
    if any(word.startswith("!") for word in selectors):
        selectors = ("*",)
    id_ = make_consent_id(tx.connection, tx.at, ZoneInfo(context.timezone))
    consent = Consent(id_, 0, unit, to, selectors, campaign.id)
    row = consents.create_consent(tx.connection, ConsentRow(consent, "asked", asked_by=tx.actor_id, asked_at=tx.at))
    tx.add_entry("consent.ask", row.id, **describe_consent(row))
    return row
