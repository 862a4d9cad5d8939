"""Consents between units: asked for, given, declined, withdrawn, listed (contract, rule 9).

1. An approver of a unit, or without a unit, gives its consent; what they give without being asked holds at once.
2. An operator or approver of another unit asks for it; an approver of the unit whose screens are meant answers. Nobody
   answers their own request, nor that of an account that could be the same person (``account_control``).
3. The unit withdraws what it gave at any time, and the other unit what it asked for or was given. Playlists without it
   are published within a second.
4. A consent covers screens of its own unit alone, whatever its selectors match beside.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from signage.faults import Fault, FaultLocation, Refused, refuse
from signage.model import permissions
from signage.model.consent import (
    MAX_PRIORITY,
    MAX_SHARE,
    MIN_PRIORITY,
    MIN_SHARE,
    Consent,
    ConsentHours,
    parse_consent_hours,
)
from signage.model.toml.findings import ellipsize, find_closest_match
from signage.model.users import Actor
from signage.schedule import targets
from signage.services.context import AppContext, AuditedTransaction
from signage.services.selector_input import parse_selectors
from signage.services.users.account_control import HUMAN_CHANNELS, find_same_operator_fault
from signage.store import consents
from signage.store.campaigns import campaign_lists, campaigns
from signage.store.consents import ConsentRow
from signage.store.engine import Connection
from signage.store.screens import screens
from signage.store.users import users

__all__ = ["ConsentRow"]
_ID_SUFFIXES = range(2, 10_000)
_STEPS = ("asked_by", "asked_at", "given_by", "given_at", "ended_by", "ended_at")


@dataclass(frozen=True, slots=True)
class ConsentTerms:
    """What *unit* is to permit *to*, as a person writes it. *campaign*: this one alone; None: all of *to*."""

    unit: str
    to: str
    screens: tuple[str, ...]
    campaign: str | None = None
    hours: str | None = None
    max_share: int | None = None
    max_priority: int | None = None
    until: datetime | None = None


def give_consent(context: AppContext, actor: Actor, terms: ConsentTerms) -> ConsentRow:
    """Give a consent that nobody asked for (1). Raises Refused with all faults of *terms*."""
    with context.transaction(actor, "consent.give", "") as tx:
        _require_unit(actor, terms.unit)
        consent = _build_consent(context, tx, terms)
        row = consents.create_consent(tx.connection, ConsentRow(consent, "given", given_by=actor.id, given_at=tx.at))
        _log_consent(tx, row)
    return row


def ask_consent(context: AppContext, actor: Actor, terms: ConsentTerms) -> ConsentRow:
    """Ask another unit for its consent (2). Raises Refused with all faults of *terms*."""
    with context.transaction(actor, "consent.ask", "") as tx:
        _require_unit(actor, terms.to)
        consent = _build_consent(context, tx, terms)
        row = consents.create_consent(tx.connection, ConsentRow(consent, "asked", asked_by=actor.id, asked_at=tx.at))
        _log_consent(tx, row)
    return row


def answer_request(context: AppContext, actor: Actor, consent_id: str, terms: ConsentTerms | None = None) -> ConsentRow:
    """Give the consent that was asked for, on its own terms or on *terms*. Raises Refused: not *actor*'s to give."""
    with context.transaction(actor, "consent.give", consent_id) as tx:
        row = require_consent(tx.connection, consent_id)
        _require_unit(actor, row.consent.unit)
        if row.state != "asked":
            raise refuse("consent-answered", consent_id, id=consent_id)
        _check_two_people(tx, actor, row)
        kept = ConsentTerms(row.consent.unit, row.consent.to, row.consent.screens, row.consent.campaign)
        consent = row.consent
        if terms is not None:
            terms = replace(terms, unit=kept.unit, to=kept.to, campaign=kept.campaign)
            consent = replace(_build_consent(context, tx, terms), id=row.id, number=row.consent.number)
        consents.give_consent(tx.connection, consent, tx.at, actor.id)
        given = require_consent(tx.connection, consent_id)
        _log_consent(tx, given)
    return given


def withdraw_consent(context: AppContext, actor: Actor, consent_id: str) -> ConsentRow:
    """Withdraw a consent or a request, or decline a request (3). Raises Refused: not *actor*'s, or over already."""
    with context.transaction(actor, "consent.withdraw", consent_id) as tx:
        row = require_consent(tx.connection, consent_id)
        owner = "approver" in actor.roles and permissions.may_manage_unit(actor, row.consent.unit)
        if not owner and not permissions.may_manage_unit(actor, row.consent.to):
            raise refuse("not-your-unit", consent_id, unit=row.consent.unit, own=actor.unit)
        if row.state not in ("asked", "given"):
            raise refuse("consent-over", consent_id, id=consent_id)
        declined = row.state == "asked" and owner and actor.id != row.asked_by
        consents.end_consent(tx.connection, consent_id, "declined" if declined else "withdrawn", tx.at, actor.id)
        ended = require_consent(tx.connection, consent_id)
        _log_consent(tx, ended)
    return ended


def list_consents(context: AppContext) -> tuple[ConsentRow, ...]:
    """List all consents, the newest first."""
    with context.store.read() as connection:
        return tuple(reversed(consents.list_consents(connection)))


def list_open_requests(context: AppContext, actor: Actor) -> tuple[ConsentRow, ...]:
    """List the requests that *actor* may answer, the oldest first."""
    if not permissions.is_allowed(actor, "consent.give"):
        return ()
    with context.store.read() as connection:
        asked = consents.list_consents(connection, "asked")
    return tuple(
        row for row in asked if permissions.may_manage_unit(actor, row.consent.unit) and row.asked_by != actor.id
    )


def list_given_between(context: AppContext, unit: str, to: str) -> tuple[ConsentRow, ...]:
    """List the consents in effect that *unit* gave to *to*. Raises Refused: there is none."""
    with context.store.read() as connection:
        given = consents.list_consents(connection, "given")
    found = tuple(row for row in given if (row.consent.unit, row.consent.to) == (unit, to))
    if not found:
        raise refuse("consent-none-between", "unit", unit=unit, to=to)
    return found


def list_units(context: AppContext) -> tuple[str, ...]:
    """List the units that screens, campaigns and people belong to."""
    with context.store.read() as connection:
        units = {row.screen.unit for row in screens.iter_screens(connection)}
        units |= {row.summary.unit for row in campaign_lists.list_campaigns(connection)}
        units |= {account.user.unit for account in users.list_users(connection)}
    return tuple(sorted(unit for unit in units if unit is not None))


def list_current_consents(context: AppContext) -> tuple[Consent, ...] | None:
    """List the given consents whose end is not reached; None where campaigns need none."""
    with context.store.read() as connection:
        return consents.list_enforced_consents(connection, context.enforce_consent, context.clock.now())


def get_consent(context: AppContext, consent_id: str) -> ConsentRow:
    """Return a consent. Raises Refused: it does not exist."""
    with context.store.read() as connection:
        return require_consent(connection, consent_id)


def require_consent(connection: Connection, consent_id: str) -> ConsentRow:
    """Return a consent. Raises Refused: it does not exist."""
    row = consents.get_consent(connection, consent_id)
    if row is None:
        raise refuse("consent-unknown", consent_id[:64], id=ellipsize(consent_id))
    return row


def describe_consent(row: ConsentRow) -> dict[str, Any]:
    """Return a consent as its JSON form shows it: for the command, the API and the log alike."""
    consent = row.consent
    return {
        "id": consent.id,
        "state": row.state,
        "unit": consent.unit,
        "to": consent.to,
        "screens": consent.screens,
        "campaign": consent.campaign,
        "hours": None if consent.hours is None else str(consent.hours),
        "max_share": consent.max_share,
        "max_priority": consent.max_priority,
        "until": consent.until,
        **{name: getattr(row, name) for name in _STEPS},
    }


def make_consent_id(connection: Connection, at: datetime, zone: ZoneInfo) -> str:
    """Return an id that no consent has, from the local time."""
    base = at.astimezone(zone).strftime("c-%Y%m%d-%H%M%S")
    ids = (base, *(f"{base}-{n}" for n in _ID_SUFFIXES))
    return next(id_ for id_ in ids if consents.get_consent(connection, id_) is None)


def _require_unit(actor: Actor, unit: str) -> None:
    if not permissions.may_manage_unit(actor, unit):
        raise refuse("not-your-unit", "unit", unit=unit, own=actor.unit)


def _check_two_people(tx: AuditedTransaction, actor: Actor, row: ConsentRow) -> None:
    if actor.channel not in HUMAN_CHANNELS or row.asked_by is None:
        return
    if actor.id == row.asked_by:
        raise refuse("consent-own-request", row.id, id=row.id, who=actor.id)
    fault = find_same_operator_fault(tx.connection, actor.id, row.asked_by, row.id)
    if fault is not None:
        raise Refused([fault])


def _build_consent(context: AppContext, tx: AuditedTransaction, terms: ConsentTerms) -> Consent:
    """Return the consent of *terms*. Raises Refused with all faults."""
    faults = [_fault("consent-unit-missing", key) for key, unit in (("unit", terms.unit), ("to", terms.to)) if not unit]
    if terms.unit and terms.unit == terms.to:
        faults.append(_fault("consent-self", "to", unit=terms.unit))
    for key, value, least, most in (
        ("max_share", terms.max_share, MIN_SHARE, MAX_SHARE),
        ("max_priority", terms.max_priority, MIN_PRIORITY, MAX_PRIORITY),
    ):
        if value is not None and not least <= value <= most:
            faults.append(_fault("consent-number", key, name=key, value=value, least=least, most=most))
    if terms.until is not None and terms.until <= tx.at:
        faults.append(_fault("consent-ends-before", "until", until=terms.until.isoformat(timespec="seconds")))
    hours = _parse_hours(terms.hours, faults)
    selectors = _parse_screens(tx, terms, faults)
    if terms.campaign is not None:
        faults += _check_campaign(tx, terms.campaign, terms.to)
    if faults:
        raise Refused(faults)
    id_ = make_consent_id(tx.connection, tx.at, ZoneInfo(context.timezone))
    caps = (terms.max_share, terms.max_priority)
    return Consent(id_, 0, terms.unit, terms.to, selectors, terms.campaign, hours, *caps, terms.until)


def _parse_hours(text: str | None, faults: list[Fault]) -> ConsentHours | None:
    if text is None:
        return None
    try:
        return parse_consent_hours(text)
    except ValueError:
        faults.append(_fault("consent-hours-unreadable", "hours", text=ellipsize(text)))
        return None


def _parse_screens(tx: AuditedTransaction, terms: ConsentTerms, faults: list[Fault]) -> tuple[str, ...]:
    try:
        selectors = parse_selectors(terms.screens)
    except Refused as refused:
        faults += refused.faults
        return ()
    if not selectors:
        faults.append(_fault("selectors-missing", "screens"))
        return ()
    enrolled = [row.screen for row in screens.iter_screens(tx.connection)]
    own = [screen for screen in enrolled if screen.unit == terms.unit]
    if terms.unit and not own:
        nearest = find_closest_match(terms.unit, sorted({screen.unit for screen in enrolled if screen.unit}))
        code = "consent-unit-without-screens" if nearest is None else "consent-unit-without-screens-near"
        faults.append(_fault(code, "unit", unit=terms.unit, nearest=nearest))
    elif terms.unit and not any(targets.matches_screen(selectors, screen) for screen in own):
        faults.append(_fault("consent-screens-of-others", "screens", selectors=" ".join(selectors), unit=terms.unit))
    return selectors


def _check_campaign(tx: AuditedTransaction, campaign_id: str, to: str) -> list[Fault]:
    row = campaigns.get_campaign(tx.connection, campaign_id)
    version = row and campaigns.get_version(tx.connection, campaign_id, row.current_version)
    if not version:
        return [_fault("campaign-unknown", "campaign", id=ellipsize(campaign_id))]
    if version.campaign.unit != to:
        return [_fault("consent-campaign-of-others", "campaign", id=campaign_id, unit=to)]
    return []


def _log_consent(tx: AuditedTransaction, row: ConsentRow) -> None:
    tx.object_id = row.id
    tx.add_details(**describe_consent(row))


def _fault(code: str, key: str, **facts: object) -> Fault:
    return Fault("error", code, FaultLocation(key=key), facts)
