"""Sessions: a person let into the console by their password, a second factor or a passkey.

1. The secret of a session is new at every step up (log-in, second factor), and is kept as its sha256 alone.
2. It ends when it was not used for ``idle_minutes``, ``hours`` after it began, when its person is disabled, gets
   another password, or ends it.
3. Failed log-ins are counted by account and address, and told in the audit log; past the limits the next try has to
   wait. The account's own limit is the widest, so that a stranger cannot easily keep a person out.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from signage.faults import refuse
from signage.model.users import SYSTEM_ACTOR, Actor, User
from signage.services.context import AppContext
from signage.services.settings import SessionConfig
from signage.services.users.accounts import create_actor
from signage.store.audit_log import PersonalValue
from signage.store.token_hash import hash_token
from signage.store.users import sessions
from signage.store.users import users as people
from signage.store.users.sessions import SessionLevel, SessionRow

__all__ = [
    "SessionLevel",
    "SessionRow",
    "UserSession",
    "end_other_sessions",
    "end_session",
    "find_session",
    "get_login_delay_s",
    "list_sessions",
    "record_failed_login",
    "set_session_facts",
    "start_session",
]

FAILURE_WINDOW = timedelta(minutes=15)
MAX_FAILURES_PER_PAIR, MAX_FAILURES_PER_ADDRESS, MAX_FAILURES_PER_ACCOUNT = 5, 30, 50
_SECRET_BYTES = 32
_SEEN_UPDATE_INTERVAL = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class UserSession:
    """A session with its person."""

    session: SessionRow
    person: User

    @property
    def actor(self) -> Actor:
        """The person as one who acts in the console."""
        return replace(create_actor(self.person, "console"), credential=f"session:{self.session.number}")


def start_session(
    office: AppContext, config: SessionConfig, person: User, level: SessionLevel, address: str, agent: str
) -> str:
    """Let a person in, by a new session; returns its secret."""
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    actor = create_actor(person, "console")
    with office.transaction(actor, "session.open", person.id, level=level, remote=PersonalValue(address)) as tx:
        sessions.end_expired_sessions(tx.connection, tx.at, tx.at - timedelta(minutes=config.idle_minutes))
        expires_at = tx.at + timedelta(hours=config.hours)
        sessions.create_session(tx.connection, hash_token(secret), person.id, level, tx.at, expires_at, address, agent)
        if level == "full":
            sessions.clear_login_failures(tx.connection, person.id, address)
    return secret


def step_up_session(office: AppContext, config: SessionConfig, known: UserSession, address: str, agent: str) -> str:
    """The second factor was right too: a new, full session in place of *known*'s; returns its secret."""
    with office.store.write() as connection:
        sessions.end_session(connection, known.session.number)
    return start_session(office, config, known.person, "full", address, agent)


def find_session(office: AppContext, config: SessionConfig, secret: str) -> UserSession | None:
    """The session of that secret and its person; None where it is over."""
    now = office.clock.now()
    with office.store.read() as connection:
        session = sessions.get_session(connection, hash_token(secret))
        account = session and people.get_user(connection, session.user_id)
    if not session or not account or account.disabled_at is not None:
        return None
    if session.expires_at <= now or session.seen_at + timedelta(minutes=config.idle_minutes) <= now:
        return None
    if now - session.seen_at >= _SEEN_UPDATE_INTERVAL:
        with office.store.write() as connection:
            sessions.touch_session(connection, session.number, now)
    return UserSession(session, account.user)


def set_session_facts(office: AppContext, known: UserSession, facts: Mapping[str, Any]) -> None:
    """Keep what a log-in under way has to remember."""
    with office.store.write() as connection:
        sessions.set_session_facts(connection, known.session.number, facts)


def end_session(office: AppContext, actor: Actor, number: int) -> None:
    """End one of the actor's own sessions."""
    with office.transaction(actor, "session.close", actor.id, session=number) as tx:
        if number not in {one.number for one in sessions.list_sessions(tx.connection, actor.id)}:
            raise refuse("session-unknown", str(number))
        sessions.end_session(tx.connection, number)


def end_other_sessions(office: AppContext, known: UserSession) -> int:
    """End all sessions of a person but this one; returns how many there were."""
    with office.transaction(known.actor, "session.close", known.person.id, session="others") as tx:
        return sessions.end_user_sessions(tx.connection, known.person.id, known.session.number)


def list_sessions(office: AppContext, person_id: str) -> list[SessionRow]:
    """The sessions of a person, the newest first."""
    with office.store.read() as connection:
        return sessions.list_sessions(connection, person_id)


def record_failed_login(office: AppContext, account: str, address: str, why: str) -> None:
    """Count a failed log-in, and tell it."""
    with office.transaction(
        SYSTEM_ACTOR, "session.refused", account[:64], why=why, remote=PersonalValue(address)
    ) as tx:
        sessions.record_login_failure(tx.connection, account, address, tx.at, tx.at - FAILURE_WINDOW)


def get_login_delay_s(office: AppContext, account: str, address: str) -> int:
    """How many seconds the next try has to wait; 0 where it need not."""
    now = office.clock.now()
    since = now - FAILURE_WINDOW
    with office.store.read() as connection:
        last = (
            sessions.find_nth_last_failure(connection, MAX_FAILURES_PER_PAIR, since, account, address),
            sessions.find_nth_last_failure(connection, MAX_FAILURES_PER_ADDRESS, since, address=address),
            sessions.find_nth_last_failure(connection, MAX_FAILURES_PER_ACCOUNT, since, account),
        )
    return max((_compute_delay_s(at, now) for at in last if at is not None), default=0)


def _compute_delay_s(at: datetime, now: datetime) -> int:
    return max(1, int((at + FAILURE_WINDOW - now).total_seconds()) + 1)
