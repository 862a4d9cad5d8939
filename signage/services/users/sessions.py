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
from signage.model.users import SYSTEM, Actor, Person
from signage.services.context import Office
from signage.services.settings import SessionConfig
from signage.services.users.accounts import actor_of
from signage.store.audit_log import Personal
from signage.store.screens.screens import digest
from signage.store.users import sessions
from signage.store.users import users as people
from signage.store.users.sessions import Level, Session

__all__ = ["Known", "Level", "Session", "begin", "end", "end_others", "failed", "find", "of", "remember", "wait_s"]

WINDOW = timedelta(minutes=15)
PER_PAIR, PER_ADDRESS, PER_ACCOUNT = 5, 30, 50
_SECRET_BYTES = 32
_SEEN_EVERY = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Known:
    """A session with its person."""

    session: Session
    person: Person

    @property
    def actor(self) -> Actor:
        """The person as one who acts in the console."""
        return replace(actor_of(self.person, "console"), came_by=f"session:{self.session.number}")


def begin(office: Office, config: SessionConfig, person: Person, level: Level, address: str, agent: str) -> str:
    """Let a person in, by a new session; returns its secret."""
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    actor = actor_of(person, "console")
    with office.act(actor, "session.open", person.id, level=level, remote=Personal(address)) as tx:
        sessions.end_old(tx.connection, tx.at, tx.at - timedelta(minutes=config.idle_minutes))
        expires_at = tx.at + timedelta(hours=config.hours)
        sessions.add(tx.connection, digest(secret), person.id, level, tx.at, expires_at, address, agent)
        if level == "full":
            sessions.clear_failures(tx.connection, person.id, address)
    return secret


def step_up(office: Office, config: SessionConfig, known: Known, address: str, agent: str) -> str:
    """The second factor was right too: a new, full session in place of *known*'s; returns its secret."""
    with office.store.write() as connection:
        sessions.end(connection, known.session.number)
    return begin(office, config, known.person, "full", address, agent)


def find(office: Office, config: SessionConfig, secret: str) -> Known | None:
    """The session of that secret and its person; None where it is over."""
    now = office.clock.now()
    with office.store.read() as connection:
        session = sessions.get(connection, digest(secret))
        account = session and people.get(connection, session.person)
    if not session or not account or account.disabled_at is not None:
        return None
    if session.expires_at <= now or session.seen_at + timedelta(minutes=config.idle_minutes) <= now:
        return None
    if now - session.seen_at >= _SEEN_EVERY:
        with office.store.write() as connection:
            sessions.seen(connection, session.number, now)
    return Known(session, account.person)


def remember(office: Office, known: Known, facts: Mapping[str, Any]) -> None:
    """Keep what a log-in under way has to remember."""
    with office.store.write() as connection:
        sessions.set_facts(connection, known.session.number, facts)


def end(office: Office, actor: Actor, number: int) -> None:
    """End one of the actor's own sessions."""
    with office.act(actor, "session.close", actor.id, session=number) as tx:
        if number not in {one.number for one in sessions.of(tx.connection, actor.id)}:
            raise refuse("session-unknown", str(number))
        sessions.end(tx.connection, number)


def end_others(office: Office, known: Known) -> int:
    """End all sessions of a person but this one; returns how many there were."""
    with office.act(known.actor, "session.close", known.person.id, session="others") as tx:
        return sessions.end_of(tx.connection, known.person.id, known.session.number)


def of(office: Office, person_id: str) -> list[Session]:
    """The sessions of a person, the newest first."""
    with office.store.read() as connection:
        return sessions.of(connection, person_id)


def failed(office: Office, account: str, address: str, why: str) -> None:
    """Count a failed log-in, and tell it."""
    with office.act(SYSTEM, "session.refused", account[:64], why=why, remote=Personal(address)) as tx:
        sessions.add_failure(tx.connection, account, address, tx.at, tx.at - WINDOW)


def wait_s(office: Office, account: str, address: str) -> int:
    """How many seconds the next try has to wait; 0 where it need not."""
    now = office.clock.now()
    since = now - WINDOW
    with office.store.read() as connection:
        last = (
            sessions.nth_last_failure(connection, PER_PAIR, since, account, address),
            sessions.nth_last_failure(connection, PER_ADDRESS, since, address=address),
            sessions.nth_last_failure(connection, PER_ACCOUNT, since, account),
        )
    return max((_left(at, now) for at in last if at is not None), default=0)


def _left(at: datetime, now: datetime) -> int:
    return max(1, int((at + WINDOW - now).total_seconds()) + 1)
