"""Notices of incidents: one message about all new incidents, by every channel, with quiet hours.

1. New incidents are grouped into one message, at most one in ``every_minutes``.
2. In the quiet hours (server's zone) only urgent kinds are sent; the others wait until the quiet hours end.
3. Recipients are ``mail_to``, the roster of the day and every webhook. A failed channel does not stop the others; where
   all fail, the message is sent again later.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from signage.messages import Language, render_message
from signage.model.daypart import DateRangeRule, WeekdayRule, parse_day_rule
from signage.model.line_text import clean_line
from signage.services.context import AppContext
from signage.services.settings import NoticeConfig
from signage.store import incidents
from signage.store.incidents import IncidentRow

MAX_LINES, MAX_LINE_CHARS = 20, 500
NoticeSender = Callable[[str, str, Sequence[IncidentRow]], None]
"""Sends a subject, a text and the incidents; raises OSError on failure."""
_log = logging.getLogger(__name__)


def send_due_notices(context: AppContext, config: NoticeConfig, channels: Sequence[tuple[str, NoticeSender]]) -> int:
    """Send a message about new incidents where it is due; returns the number of incidents in it."""
    now = context.clock.now()
    with context.store.read() as connection:
        new = incidents.list_unnotified(connection)
        last = incidents.get_last_notified_at(connection)
    due = [
        incident
        for incident in new
        if is_urgent(config, incident) or not is_quiet_hour(config, now, ZoneInfo(context.timezone))
    ]
    if not due or (last is not None and now - last < timedelta(minutes=config.every_minutes)):
        return 0
    if channels and not _send_to_channels(due, config, channels):
        return 0
    with context.store.write() as connection:
        incidents.mark_notified(connection, [incident.number for incident in due], now)
    return len(due)


def _send_to_channels(
    due: Sequence[IncidentRow], config: NoticeConfig, channels: Sequence[tuple[str, NoticeSender]]
) -> bool:
    subject, text = format_message(due, config)
    was_sent = False
    for name, send in channels:
        try:
            send(subject, text, due)
            was_sent = True
        except Exception as error:  # whatever is wrong with one channel, the others are tried
            _log.warning("a notice could not be sent by %s: %s: %s", name, type(error).__name__, error)
    return was_sent


def format_message(due: Sequence[IncidentRow], config: NoticeConfig) -> tuple[str, str]:
    """Return subject and text of one message about *due*."""
    language: Language = "en" if config.language == "en" else "zh"
    lines = [format_line(incident, language) for incident in due[:MAX_LINES]]
    if len(due) > MAX_LINES:
        lines.append(render_message("notice-more", language, {"count": len(due) - MAX_LINES}))
    subject = render_message(
        "notice-subject", language, {"count": len(due), "first": format_line(due[0], language)[:80]}
    )
    return subject, "\n".join(lines)


def format_line(incident: IncidentRow, language: Language) -> str:
    """Format an incident as one line; by its kind where its facts cannot be put into words."""
    try:
        return clean_line(f"#{incident.number} {describe_incident(incident, language)}", MAX_LINE_CHARS)
    except Exception:
        _log.exception("incident %d cannot be described", incident.number)
        return clean_line(f"#{incident.number} {incident.kind} {incident.screen or ''}", MAX_LINE_CHARS)


def describe_incident(incident: IncidentRow, language: Language) -> str:
    """Describe an incident: the text of the report, or the message of the detected kind."""
    screen = incident.screen or ""
    if incident.what:
        return f"{screen} {incident.what}".strip()
    return render_message(f"incident-{incident.kind}", language, {"screen": screen, **incident.facts})


def is_urgent(config: NoticeConfig, incident: IncidentRow) -> bool:
    """Return whether an incident is sent in the quiet hours too."""
    return incident.kind in config.urgent


def is_quiet_hour(config: NoticeConfig, now: datetime, zone: ZoneInfo) -> bool:
    """Return whether *now* is in the quiet hours; they span midnight where the end is not after the beginning."""
    if not config.quiet_from or not config.quiet_until:
        return False
    at = now.astimezone(zone).strftime("%H:%M")
    if config.quiet_from < config.quiet_until:
        return config.quiet_from <= at < config.quiet_until
    return at >= config.quiet_from or at < config.quiet_until


def list_on_duty(config: NoticeConfig, day: date) -> tuple[str, ...]:
    """List the addresses on duty on *day*; a row for a date takes precedence over one for weekdays."""
    dated, weekly = [], []
    for row in config.roster:
        word, _, who = row.partition("=")
        rule = parse_day_rule(word.strip())
        if isinstance(rule, DateRangeRule) and rule.first <= day <= rule.last:
            dated.append(who.strip())
        elif isinstance(rule, WeekdayRule) and day.weekday() in rule.days:
            weekly.append(who.strip())
    return tuple(dict.fromkeys(dated or weekly))
