"""What the system itself finds wrong (silent screens, faults they tell of, reports soon due); it raises incidents.

1. A screen of a kind that moves (``[incident] mobile_kinds``) loses its power whenever its vehicle stops: it is missed
   only after ``mobile_silent_hours``; others after ``silent_minutes``.
2. Many that fall silent at once are one incident: a line is down, not so many screens.
3. What is found again while its incident is open is the same incident; what is over is noted.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from signage.model.local_time import instant
from signage.model.users import SYSTEM
from signage.services.context import Office, Transaction
from signage.services.incidents import incidents
from signage.services.screen_health import LEAST_FREE_BYTES, SKEW, skew_s
from signage.services.settings import IncidentConfig
from signage.store import incidents as rows
from signage.store.campaigns import campaigns
from signage.store.engine import Connection
from signage.store.screens.heartbeats import Contact

MANY = 20
MOST_LOOKED_AT = 20_000
REPORT_SOON = timedelta(hours=24)
_FORGOTTEN = timedelta(days=14)
_REFUSALS = ("signature", "serial", "document", "screen-other", "key")
Finding = dict[str, object]


def watch(office: Office, config: IncidentConfig, since: datetime | None) -> datetime:
    """Raise what is found wrong now, and note what is over; returns the *since* of the next look."""
    now = office.clock.now()
    looked_from = since or now - timedelta(minutes=10)
    with office.store.read() as connection:
        known = rows.open_causes(connection)
        found = {str(one["cause"]): one for one in _findings(connection, config, looked_from, now)}
        gone = [one for cause, one in known.items() if one.over_at is None and _is_over(connection, config, one, now)]
    fresh = [one for cause, one in found.items() if cause not in known]
    back = [known[cause] for cause in found if cause in known and known[cause].over_at is not None]
    if fresh or gone or back:
        with office.act(SYSTEM, "incident.report", "watch") as tx:
            tx.note(raised=len(fresh), over=len(gone))
            _keep(tx, config, fresh, gone, back)
    return now


def _keep(
    tx: Transaction,
    config: IncidentConfig,
    fresh: list[Finding],
    gone: list[rows.Incident],
    back: list[rows.Incident],
) -> None:
    there = rows.open_causes(tx.connection)
    for one in fresh:
        if one["cause"] not in there:
            incidents.raise_in(tx, config, one)
    for incident in gone:
        rows.over(tx.connection, incident.number, tx.at)
    for incident in back:
        rows.over(tx.connection, incident.number, None)


def _findings(connection: Connection, config: IncidentConfig, since: datetime, now: datetime) -> Iterator[Finding]:
    yield from _silent(connection, config, now)
    for contact, unit in rows.said_since(connection, since, MOST_LOOKED_AT):
        yield from _of_status(contact, unit)
    for campaign in campaigns.approved(connection):
        if campaign.report_due is not None:
            due = instant(campaign.report_due, campaign.zone)
            if due - REPORT_SOON <= now < due:
                facts = {"campaign": campaign.id, "title": campaign.title, "due": due.isoformat()}
                cause = f"report-due {campaign.id} {due.isoformat()}"
                yield {"kind": "report-due", "cause": cause, "screen": None, "unit": campaign.unit, "facts": facts}


def _silent(connection: Connection, config: IncidentConfig, now: datetime) -> Iterator[Finding]:
    after = timedelta(minutes=config.silent_minutes)
    found = [
        (screen, unit, seen)
        for screen, kind, unit, seen in rows.silent_since(connection, now - after, MOST_LOOKED_AT)
        if now - seen <= _FORGOTTEN and now - seen > _patience(config, kind)
    ]
    if len(found) > MANY:
        facts = {"count": len(found), "screens": [screen for screen, _, _ in found[:MANY]]}
        yield {"kind": "silent-many", "cause": "silent-many", "screen": None, "unit": None, "facts": facts}
        return
    for screen, unit, seen in found:
        facts_ = {"seen_at": seen.isoformat()}
        yield {"kind": "silent", "cause": f"silent {screen}", "screen": screen, "unit": unit, "facts": facts_}


def _patience(config: IncidentConfig, kind: str) -> timedelta:
    if kind in config.mobile_kinds:
        return timedelta(hours=config.mobile_silent_hours)
    return timedelta(minutes=config.silent_minutes)


def _of_status(contact: Contact, unit: str | None) -> Iterator[Finding]:
    status = contact.status or {}
    base = {"screen": contact.screen, "unit": unit}
    for text in (status.get("faults") or ())[:10]:
        code = str(text).partition(" ")[0]
        kind = _kind_of(code)
        yield {
            "kind": kind,
            "cause": f"{kind} {contact.screen} {code}"[:200],
            "facts": {"fault": str(text)[:300]},
            **base,
        }
    skew = skew_s(contact)
    if skew is not None and abs(skew) > SKEW.total_seconds():
        yield {"kind": "clock", "cause": f"clock {contact.screen}", "facts": {"seconds": round(skew)}, **base}
    free = status.get("free_bytes")
    if isinstance(free, int) and free < LEAST_FREE_BYTES:
        yield {"kind": "disk", "cause": f"disk {contact.screen}", "facts": {"megabytes": free >> 20}, **base}


def _kind_of(code: str) -> str:
    if code.startswith(("media", "item", "film", "picture")):
        return "failed-item"
    return "refused-document" if any(word in code for word in _REFUSALS) else "faults"


def _is_over(connection: Connection, config: IncidentConfig, one: rows.Incident, now: datetime) -> bool:
    if one.kind == "silent-many":
        return not any(True for _ in _silent(connection, config, now))
    if one.screen is None:
        return False
    heard = rows.heard(connection, one.screen)
    if heard is None:
        return True
    if one.kind == "silent":
        return heard.seen_at is not None and now - heard.seen_at <= timedelta(minutes=config.silent_minutes)
    if heard.status_at is None or heard.status_at < one.raised_at:
        return False
    return one.cause not in {found["cause"] for found in _of_status(heard, one.unit)}
