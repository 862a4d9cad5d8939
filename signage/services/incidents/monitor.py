"""Detects incidents: offline screens, faults that screens report, campaign reports that are due soon.

1. A screen that is offline (``screen_health``, rule 2) is an incident ``silent_minutes`` later. A screen of a kind in
   ``[incident] mobile_kinds`` loses its power when its vehicle stops: an incident only after ``mobile_silent_hours``.
2. Many screens that are offline at the same time are one incident: their connection is down, not each screen.
3. A cause that is detected again while its incident is open belongs to that incident; a cleared cause is recorded.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from signage.model.line_text import clean_line
from signage.model.local_time import to_instant
from signage.model.users import SYSTEM_ACTOR
from signage.services.context import AppContext, AuditedTransaction
from signage.services.incidents.incidents import DetectedIncident, raise_incident
from signage.services.screen_health import (
    MAX_CLOCK_SKEW,
    MIN_FREE_BYTES,
    get_clock_skew_s,
    get_offline_limit,
    is_offline,
)
from signage.services.settings import IncidentConfig
from signage.store import incidents
from signage.store.campaigns import campaigns
from signage.store.engine import Connection
from signage.store.incidents import IncidentRow
from signage.store.screens.heartbeats import HeartbeatRow

_log = logging.getLogger(__name__)
MAX_SINGLE_OFFLINE_INCIDENTS = 20
MAX_SCREENS_CHECKED = 20_000
REPORT_DUE_NOTICE = timedelta(hours=24)
_FIRST_STATUS_PERIOD = timedelta(minutes=10)
_MAX_OFFLINE_AGE = timedelta(days=14)
_DOCUMENT_FAULT_WORDS = ("signature", "serial", "document", "screen-other", "key")


def detect_incidents(context: AppContext, config: IncidentConfig, since: datetime | None) -> datetime:
    """Raise incidents for what is detected now and record cleared causes.

    *since*: the return value of the call before (None: the first call); statuses older than that are not read again.
    """
    now = context.clock.now()
    with context.store.read() as connection:
        scan = _Scan(connection, config, context.poll_seconds, now)
        open_by_cause = incidents.get_open_by_cause(connection)
        detected = {found.cause: found for found in scan.detect(since or now - _FIRST_STATUS_PERIOD)}
        open_incidents = [incident for incident in open_by_cause.values() if incident.over_at is None]
        cleared = [incident for incident in open_incidents if scan.is_cleared(incident)]
    new = [found for cause, found in detected.items() if cause not in open_by_cause]
    known = [incident for cause, incident in open_by_cause.items() if cause in detected]
    returned = [incident for incident in known if incident.over_at is not None]
    if new or cleared or returned:
        with context.transaction(SYSTEM_ACTOR, "incident.report", "watch") as tx:
            tx.add_details(raised=len(new), over=len(cleared))
            _record_detected(tx, config, new, cleared, returned)
    return now


def _record_detected(
    tx: AuditedTransaction,
    config: IncidentConfig,
    new: list[DetectedIncident],
    cleared: list[IncidentRow],
    returned: list[IncidentRow],
) -> None:
    open_by_cause = incidents.get_open_by_cause(tx.connection)
    for detected in new:
        if detected.cause not in open_by_cause:
            raise_incident(tx, config, detected)
    for incident in cleared:
        incidents.set_cleared(tx.connection, incident.number, tx.at)
    for incident in returned:
        incidents.set_cleared(tx.connection, incident.number, None)


@dataclass(frozen=True, slots=True)
class _Scan:
    """One search for incidents at the instant *now*."""

    connection: Connection
    config: IncidentConfig
    poll_seconds: int
    now: datetime

    def detect(self, since: datetime) -> Iterator[DetectedIncident]:
        """Yield every cause of an incident; statuses only from *since* on."""
        yield from self._detect_offline_screens()
        for heartbeat, unit in incidents.list_statuses_since(self.connection, since, MAX_SCREENS_CHECKED):
            try:
                yield from list(_detect_status_faults(heartbeat, unit))
            except Exception:  # one screen's status never hides the others'
                _log.exception("the status of screen %s cannot be read", heartbeat.screen)
        yield from self._detect_due_reports()

    def is_cleared(self, incident: IncidentRow) -> bool:
        """Return whether the cause of an open incident is gone."""
        if incident.kind == "silent-many":
            return not any(True for _ in self._detect_offline_screens())
        if incident.screen is None:
            return False
        heartbeat = incidents.find_heartbeat(self.connection, incident.screen)
        if heartbeat is None:
            return True
        if incident.kind == "silent":
            return heartbeat.seen_at is not None and not is_offline(heartbeat.seen_at, self.now, self.poll_seconds)
        if heartbeat.status_at is None or heartbeat.status_at < incident.raised_at:
            return False
        return incident.cause not in {found.cause for found in _detect_status_faults(heartbeat, incident.unit)}

    def _detect_offline_screens(self) -> Iterator[DetectedIncident]:
        latest = self.now - self._get_tolerance("")
        missing = [
            (screen, unit, seen_at)
            for screen, kind, unit, seen_at in incidents.list_offline_screens(
                self.connection, latest, MAX_SCREENS_CHECKED
            )
            if self._get_tolerance(kind) < self.now - seen_at <= _MAX_OFFLINE_AGE
        ]
        if len(missing) > MAX_SINGLE_OFFLINE_INCIDENTS:
            screens = [screen for screen, _, _ in missing[:MAX_SINGLE_OFFLINE_INCIDENTS]]
            yield DetectedIncident("silent-many", "silent-many", facts={"count": len(missing), "screens": screens})
            return
        for screen, unit, seen_at in missing:
            yield DetectedIncident("silent", f"silent {screen}", screen, unit, {"seen_at": seen_at.isoformat()})

    def _get_tolerance(self, kind: str) -> timedelta:
        """Return how long after its last poll a screen of *kind* is an incident (rule 1)."""
        if kind in self.config.mobile_kinds:
            return get_offline_limit(self.poll_seconds) + timedelta(hours=self.config.mobile_silent_hours)
        return get_offline_limit(self.poll_seconds) + timedelta(minutes=self.config.silent_minutes)

    def _detect_due_reports(self) -> Iterator[DetectedIncident]:
        for campaign in campaigns.list_approved_campaigns(self.connection):
            if campaign.report_due is None:
                continue
            due = to_instant(campaign.report_due, campaign.zone)
            if due - REPORT_DUE_NOTICE <= self.now < due:
                facts = {"campaign": campaign.id, "title": campaign.title, "due": due.isoformat()}
                cause = f"report-due {campaign.id} {due.isoformat()}"
                yield DetectedIncident("report-due", cause, None, campaign.unit, facts)


def _detect_status_faults(heartbeat: HeartbeatRow, unit: str | None) -> Iterator[DetectedIncident]:
    screen, status = heartbeat.screen, heartbeat.status or {}
    for fault in (status.get("faults") or ())[:10]:
        text = clean_line(str(fault), 300)
        code = text.partition(" ")[0]
        kind = _classify_fault(code)
        yield DetectedIncident(kind, f"{kind} {screen} {code}"[:200], screen, unit, {"fault": text})
    skew_s = get_clock_skew_s(heartbeat)
    if skew_s is not None and abs(skew_s) > MAX_CLOCK_SKEW.total_seconds():
        yield DetectedIncident("clock", f"clock {screen}", screen, unit, {"seconds": round(skew_s)})
    free_bytes = status.get("free_bytes")
    if isinstance(free_bytes, int) and free_bytes < MIN_FREE_BYTES:
        yield DetectedIncident("disk", f"disk {screen}", screen, unit, {"megabytes": free_bytes >> 20})


def _classify_fault(code: str) -> str:
    if code.startswith(("media", "item", "film", "picture")):
        return "failed-item"
    return "refused-document" if any(word in code for word in _DOCUMENT_FAULT_WORDS) else "faults"
