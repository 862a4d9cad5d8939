"""The decision that an upgrade asks for: whether units need each other's consent from now on (``[consent] enforce``).

A new installation begins with the rule. One that is older goes on as before, and says what the rule would change, until
its administrator writes the setting.
"""

from dataclasses import dataclass

from signage.faults import Fault, FaultLocation
from signage.schedule.analysis.consent_coverage import find_foreign_screens
from signage.services.context import AppContext
from signage.store import consents
from signage.store.campaigns import campaigns
from signage.store.engine import Connection
from signage.store.pending_decisions import CONSENT, is_pending
from signage.store.screens import screens
from signage.store.users import users

_MAX_NAMED = 10


@dataclass(frozen=True, slots=True)
class ConsentEffects:
    """What the rule would change: campaigns that lose screens of other units (id, unit of the screens, how many), and
    duty officers that could take over the screens of their own unit alone."""

    campaigns: tuple[tuple[str, str, int], ...]
    officers: tuple[str, ...]


def is_consent_enforced(context: AppContext, connection: Connection) -> bool:
    """Return whether units need each other's consent."""
    return consents.is_enforced(connection, context.enforce_consent)


def find_pending_effects(context: AppContext) -> ConsentEffects | None:
    """Return what the rule would change; None where there is nothing to decide."""
    if context.enforce_consent is not None:
        return None
    with context.store.read() as connection:
        if not is_pending(connection, CONSENT):
            return None
        enrolled = [row.screen for row in screens.iter_screens(connection)]
        given = [row.consent for row in consents.list_consents(connection, "given")]
        approved = campaigns.list_approved_campaigns(connection)
        accounts = users.list_users(connection)
    now = context.clock.now()
    losses = [
        (campaign.id, found.unit, len(found.screens))
        for campaign in approved
        if campaign.ends_at > now
        for found in find_foreign_screens(campaign, enrolled, given)
        if found.consent is None
    ]
    officers = [
        account.user.id
        for account in accounts
        if "duty" in account.user.roles and account.user.unit and not account.user.all_units
    ]
    return ConsentEffects(tuple(losses), tuple(officers))


def describe_pending_decision(context: AppContext, file: str = "") -> Fault | None:
    """Return the warning that the decision is due, with what the rule would change; None where there is nothing to
    decide. *file*: the configuration's name, for the place of the warning."""
    effects = find_pending_effects(context)
    if effects is None:
        return None
    named = [f"{campaign} → {unit} ({count})" for campaign, unit, count in effects.campaigns[:_MAX_NAMED]]
    facts = {
        "campaigns": len(effects.campaigns),
        "named": ", ".join(named) or "—",
        "officers": len(effects.officers),
        "people": ", ".join(effects.officers[:_MAX_NAMED]) or "—",
    }
    return Fault("warning", "consent-undecided", FaultLocation(file, None, "consent.enforce"), facts)
