"""What the system itself finds wrong (silent screens, faults they tell of, reports soon due); it raises incidents.

1. A screen of a kind that moves (``[incident] mobile_kinds``) loses its power whenever its vehicle stops: it is missed
   only after ``mobile_silent_hours``; others after ``silent_minutes``.
2. Many that fall silent at once are one incident: a line is down, not so many screens.
3. What is found again while its incident is open is the same incident; what is over is noted.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from signage.model.local_time import to_instant
from signage.model.users import SYSTEM_ACTOR
from signage.services.context import AppContext, AuditedTransaction
from signage.services.incidents import incidents
from signage.services.screen_health import MAX_CLOCK_SKEW, MIN_FREE_BYTES, get_clock_skew_s
from signage.services.settings import IncidentConfig
from signage.store import incidents as rows
from signage.store.campaigns import campaigns
from signage.store.engine import Connection
from signage.store.screens.heartbeats import HeartbeatRow

MAX_SINGLE_OFFLINE_INCIDENTS = 20
MAX_SCREENS_CHECKED = 20_000
REPORT_DUE_NOTICE = timedelta(hours=24)
_MAX_OFFLINE_AGE = timedelta(days=14)
_DOCUMENT_FAULT_WORDS = ("signature", "serial", "document", "screen-other", "key")
IncidentFinding = dict[str, object]


def detect_incidents(office: AppContext, config: IncidentConfig, since: datetime | None) -> datetime:
    """Raise what is found wrong now, and note what is over; returns the *since* of the next look."""
    now = office.clock.now()
    looked_from = since or now - timedelta(minutes=10)
    with office.store.read() as connection:
        known = rows.get_open_by_cause(connection)
        found = {str(one["cause"]): one for one in _detect_findings(connection, config, looked_from, now)}
        gone = [one for cause, one in known.items() if one.over_at is None and _is_over(connection, config, one, now)]
    fresh = [one for cause, one in found.items() if cause not in known]
    back = [known[cause] for cause in found if cause in known and known[cause].over_at is not None]
    if fresh or gone or back:
        with office.transaction(SYSTEM_ACTOR, "incident.report", "watch") as tx:
            tx.add_details(raised=len(fresh), over=len(gone))
            _record_findings(tx, config, fresh, gone, back)
    return now


def _record_findings(
    tx: AuditedTransaction,
    config: IncidentConfig,
    fresh: list[IncidentFinding],
    gone: list[rows.IncidentRow],
    back: list[rows.IncidentRow],
) -> None:
    there = rows.get_open_by_cause(tx.connection)
    for one in fresh:
        if one["cause"] not in there:
            incidents.raise_incident(tx, config, one)
    for incident in gone:
        rows.set_cleared(tx.connection, incident.number, tx.at)
    for incident in back:
        rows.set_cleared(tx.connection, incident.number, None)


def _detect_findings(
    connection: Connection, config: IncidentConfig, since: datetime, now: datetime
) -> Iterator[IncidentFinding]:
    yield from _detect_offline_screens(connection, config, now)
    for contact, unit in rows.list_statuses_since(connection, since, MAX_SCREENS_CHECKED):
        yield from _detect_status_faults(contact, unit)
    for campaign in campaigns.list_approved_campaigns(connection):
        if campaign.report_due is not None:
            due = to_instant(campaign.report_due, campaign.zone)
            if due - REPORT_DUE_NOTICE <= now < due:
                facts = {"campaign": campaign.id, "title": campaign.title, "due": due.isoformat()}
                cause = f"report-due {campaign.id} {due.isoformat()}"
                yield {"kind": "report-due", "cause": cause, "screen": None, "unit": campaign.unit, "facts": facts}


def _detect_offline_screens(connection: Connection, config: IncidentConfig, now: datetime) -> Iterator[IncidentFinding]:
    after = timedelta(minutes=config.silent_minutes)
    found = [
        (screen, unit, seen)
        for screen, kind, unit, seen in rows.list_offline_screens(connection, now - after, MAX_SCREENS_CHECKED)
        if now - seen <= _MAX_OFFLINE_AGE and now - seen > _get_offline_limit(config, kind)
    ]
    if len(found) > MAX_SINGLE_OFFLINE_INCIDENTS:
        facts = {"count": len(found), "screens": [screen for screen, _, _ in found[:MAX_SINGLE_OFFLINE_INCIDENTS]]}
        yield {"kind": "silent-many", "cause": "silent-many", "screen": None, "unit": None, "facts": facts}
        return
    for screen, unit, seen in found:
        facts_ = {"seen_at": seen.isoformat()}
        yield {"kind": "silent", "cause": f"silent {screen}", "screen": screen, "unit": unit, "facts": facts_}


def _get_offline_limit(config: IncidentConfig, kind: str) -> timedelta:
    if kind in config.mobile_kinds:
        return timedelta(hours=config.mobile_silent_hours)
    return timedelta(minutes=config.silent_minutes)


def _detect_status_faults(contact: HeartbeatRow, unit: str | None) -> Iterator[IncidentFinding]:
    status = contact.status or {}
    base = {"screen": contact.screen, "unit": unit}
    for text in (status.get("faults") or ())[:10]:
        code = str(text).partition(" ")[0]
        kind = _classify_fault(code)
        yield {
            "kind": kind,
            "cause": f"{kind} {contact.screen} {code}"[:200],
            "facts": {"fault": str(text)[:300]},
            **base,
        }
    skew = get_clock_skew_s(contact)
    if skew is not None and abs(skew) > MAX_CLOCK_SKEW.total_seconds():
        yield {"kind": "clock", "cause": f"clock {contact.screen}", "facts": {"seconds": round(skew)}, **base}
    free = status.get("free_bytes")
    if isinstance(free, int) and free < MIN_FREE_BYTES:
        yield {"kind": "disk", "cause": f"disk {contact.screen}", "facts": {"megabytes": free >> 20}, **base}


def _classify_fault(code: str) -> str:
    if code.startswith(("media", "item", "film", "picture")):
        return "failed-item"
    return "refused-document" if any(word in code for word in _DOCUMENT_FAULT_WORDS) else "faults"


def _is_over(connection: Connection, config: IncidentConfig, one: rows.IncidentRow, now: datetime) -> bool:
    if one.kind == "silent-many":
        return not any(True for _ in _detect_offline_screens(connection, config, now))
    if one.screen is None:
        return False
    heard = rows.find_heartbeat(connection, one.screen)
    if heard is None:
        return True
    if one.kind == "silent":
        return heard.seen_at is not None and now - heard.seen_at <= timedelta(minutes=config.silent_minutes)
    if heard.status_at is None or heard.status_at < one.raised_at:
        return False
    return one.cause not in {found["cause"] for found in _detect_status_faults(heard, one.unit)}
