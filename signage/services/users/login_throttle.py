"""Limits log-in attempts: by a password, a second factor or a pairing code.

1. Failed attempts are counted by account and by address and written to the audit log; above the limits the next attempt
   must wait. The limit of an account alone is the highest, so that a stranger cannot easily lock a user out.
2. An attempt counts as failed from its beginning until it succeeds: simultaneous attempts are not more than the limit.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from signage.model.users import SYSTEM_ACTOR
from signage.services.context import AppContext
from signage.store.audit_log import PersonalValue
from signage.store.engine import Connection
from signage.store.users import sessions

FAILURE_WINDOW = timedelta(minutes=15)
MAX_FAILURES_PER_PAIR, MAX_FAILURES_PER_ADDRESS, MAX_FAILURES_PER_ACCOUNT = 5, 30, 50


@dataclass(frozen=True, slots=True)
class LoginAttempt:
    """An attempt to log in, counted as *number*; *delay_s*: it must wait and was not counted."""

    account: str
    address: str
    number: int = 0
    delay_s: int = 0


def begin_login_attempt(context: AppContext, account: str, address: str) -> LoginAttempt:
    """Count an attempt before its password or code is looked at (rules 1, 2)."""
    with context.store.write() as connection:
        now = context.clock.now()
        delay_s = _get_delay_s(connection, account, address, now)
        if delay_s:
            return LoginAttempt(account, address, delay_s=delay_s)
        number = sessions.record_login_failure(connection, account, address, now, now - FAILURE_WINDOW)
    return LoginAttempt(account, address, number)


def finish_login_attempt(context: AppContext, attempt: LoginAttempt, failure: str | None = None) -> None:
    """Count an attempt no more after its success; write its *failure* to the audit log (rules 1, 2)."""
    if failure is None:
        with context.store.write() as connection:
            sessions.delete_login_failure(connection, attempt.number)
        return
    remote = PersonalValue(attempt.address)
    with context.transaction(SYSTEM_ACTOR, "session.refused", attempt.account[:64], why=failure, remote=remote):
        pass


def _get_delay_s(connection: Connection, account: str, address: str, now: datetime) -> int:
    """Return how many seconds the next attempt must wait; 0 where it need not (rules 1, 2)."""
    since = now - FAILURE_WINDOW
    limiting_failures = (
        sessions.find_nth_last_failure(connection, MAX_FAILURES_PER_PAIR, since, account, address),
        sessions.find_nth_last_failure(connection, MAX_FAILURES_PER_ADDRESS, since, address=address),
        sessions.find_nth_last_failure(connection, MAX_FAILURES_PER_ACCOUNT, since, account),
    )
    return max((_compute_delay_s(at, now) for at in limiting_failures if at is not None), default=0)


def _compute_delay_s(at: datetime, now: datetime) -> int:
    return max(1, int((at + FAILURE_WINDOW - now).total_seconds()) + 1)
