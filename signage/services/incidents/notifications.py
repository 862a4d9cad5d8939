"""Notices of incidents: one message for all that is new, by e-mail and webhooks, quiet at night.

1. What is new is told together, at most once in ``every_minutes``.
2. In the quiet hours (of the server's zone) only urgent kinds are told at once; the rest waits for the morning.
3. Who is told: ``mail_to``, those of the roster for that day, every webhook. A channel that fails keeps no other back;
   where all fail, it is tried again.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from signage.messages import Language, render_message
from signage.model.daypart import DateRangeRule, WeekdayRule, parse_day_rule
from signage.services.context import AppContext
from signage.services.settings import NoticeConfig
from signage.store import incidents
from signage.store.incidents import IncidentRow

MAX_LINES = 20
NoticeSender = Callable[[str, str, Sequence[IncidentRow]], None]
"""Takes a subject, a text, and the incidents; raises OSError where it could not be sent."""
_log = logging.getLogger(__name__)


def send_due_notices(context: AppContext, config: NoticeConfig, channels: Sequence[tuple[str, NoticeSender]]) -> int:
    """Tell what is new, if it is time; returns of how many incidents it was told."""
    now = context.clock.now()
    with context.store.read() as connection:
        new = incidents.list_unnotified(connection)
        last = incidents.get_last_notified_at(connection)
    due = [one for one in new if is_urgent(config, one) or not is_quiet_hour(config, now, ZoneInfo(context.timezone))]
    if not due or (last is not None and now - last < timedelta(minutes=config.every_minutes)):
        return 0
    if channels and not _send_to_channels(due, config, channels):
        return 0
    with context.store.write() as connection:
        incidents.mark_notified(connection, [one.number for one in due], now)
    return len(due)


def _send_to_channels(
    due: Sequence[IncidentRow], config: NoticeConfig, channels: Sequence[tuple[str, NoticeSender]]
) -> bool:
    subject, text = format_message(due, config)
    good = False
    for name, send in channels:
        try:
            send(subject, text, due)
            good = True
        except OSError as error:
            _log.warning("a notice could not be sent by %s: %s", name, error)
    return good


def format_message(due: Sequence[IncidentRow], config: NoticeConfig) -> tuple[str, str]:
    """Subject and text of one message about all of *due*."""
    spoken: Language = "en" if config.language == "en" else "zh"
    lines = [format_line(one, spoken) for one in due[:MAX_LINES]]
    if len(due) > MAX_LINES:
        lines.append(render_message("notice-more", spoken, {"count": len(due) - MAX_LINES}))
    subject = render_message("notice-subject", spoken, {"count": len(due), "first": format_line(due[0], spoken)[:80]})
    return subject, "\n".join(lines)


def format_line(one: IncidentRow, spoken: Language) -> str:
    """An incident in one line."""
    return f"#{one.number} {describe_incident(one, spoken)}"


def describe_incident(one: IncidentRow, spoken: Language) -> str:
    """What an incident is, in words: as it was reported, or as the system found it."""
    screen = one.screen or ""
    if one.what:
        return f"{screen} {one.what}".strip()
    return render_message(f"incident-{one.kind}", spoken, {"screen": screen, **one.facts})


def is_urgent(config: NoticeConfig, one: IncidentRow) -> bool:
    """Whether it is told at any hour."""
    return one.kind in config.urgent


def is_quiet_hour(config: NoticeConfig, now: datetime, zone: ZoneInfo) -> bool:
    """Whether these are the quiet hours; over midnight where the end is not later than the beginning."""
    if not config.quiet_from or not config.quiet_until:
        return False
    at = now.astimezone(zone).strftime("%H:%M")
    if config.quiet_from < config.quiet_until:
        return config.quiet_from <= at < config.quiet_until
    return at >= config.quiet_from or at < config.quiet_until


def list_on_duty(config: NoticeConfig, day: date) -> tuple[str, ...]:
    """The addresses of those who are on duty on *day*: a row for a date stands before one for days of the week."""
    dated, weekly = [], []
    for row in config.roster:
        word, _, who = row.partition("=")
        rule = parse_day_rule(word.strip())
        if isinstance(rule, DateRangeRule) and rule.first <= day <= rule.last:
            dated.append(who.strip())
        elif isinstance(rule, WeekdayRule) and day.weekday() in rule.days:
            weekly.append(who.strip())
    return tuple(dict.fromkeys(dated or weekly))
