"""Console sessions, started by a password, a second factor or a passkey.

1. The secret of a session is new after each step (log-in, second factor); only its sha256 is stored.
2. A session ends ``idle_minutes`` after its last use, ``hours`` after its start, when its user is disabled or gets
   another password, or when the user ends it.
3. Failed log-ins slow down the next ones (``login_throttle``).
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from signage.faults import refuse
from signage.model.line_text import clean_line
from signage.model.users import Actor, User
from signage.services.context import AppContext
from signage.services.settings import SessionConfig
from signage.services.users.accounts import create_actor
from signage.store.audit_log import PersonalValue
from signage.store.token_hash import hash_token
from signage.store.users import sessions, users
from signage.store.users.sessions import SessionLevel as SessionLevel
from signage.store.users.sessions import SessionRow as SessionRow

MAX_AGENT_CHARS = 300
_SECRET_BYTES = 32
_SEEN_UPDATE_INTERVAL = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class UserSession:
    """A session with its user."""

    session: SessionRow
    user: User

    @property
    def actor(self) -> Actor:
        """The user as an actor of the console."""
        return replace(create_actor(self.user, "console"), credential=f"session:{self.session.number}")


def start_session(
    context: AppContext, config: SessionConfig, user: User, level: SessionLevel, address: str, agent: str
) -> str:
    """Start a session of *user*; returns its secret."""
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    actor = create_actor(user, "console")
    with context.transaction(actor, "session.open", user.id, level=level, remote=PersonalValue(address)) as tx:
        sessions.end_expired_sessions(tx.connection, tx.at, tx.at - timedelta(minutes=config.idle_minutes))
        expires_at = tx.at + timedelta(hours=config.hours)
        agent_line = clean_line(agent, MAX_AGENT_CHARS)
        sessions.create_session(
            tx.connection, hash_token(secret), user.id, level, tx.at, expires_at, address, agent_line
        )
        if level == "full":
            sessions.clear_login_failures(tx.connection, user.id, address)
    return secret


def step_up_session(context: AppContext, config: SessionConfig, partial: UserSession, address: str, agent: str) -> str:
    """Replace the session *partial* by a full one after the second factor was verified; returns its secret."""
    with context.store.write() as connection:
        sessions.end_session(connection, partial.session.number)
    return start_session(context, config, partial.user, "full", address, agent)


def find_session(context: AppContext, config: SessionConfig, secret: str) -> UserSession | None:
    """Return the session of *secret* with its user; None where it ended or expired (rule 2)."""
    now = context.clock.now()
    with context.store.read() as connection:
        session = sessions.get_session(connection, hash_token(secret))
        account = session and users.get_user(connection, session.user_id)
    if not session or not account or account.disabled_at is not None:
        return None
    if session.expires_at <= now or session.seen_at + timedelta(minutes=config.idle_minutes) <= now:
        return None
    if now - session.seen_at >= _SEEN_UPDATE_INTERVAL:
        with context.store.write() as connection:
            sessions.touch_session(connection, session.number, now)
    return UserSession(session, account.user)


def set_session_facts(context: AppContext, session: UserSession, facts: Mapping[str, Any]) -> None:
    """Store what an unfinished log-in needs to remember."""
    with context.store.write() as connection:
        sessions.set_session_facts(connection, session.session.number, facts)


def end_session(context: AppContext, actor: Actor, number: int) -> None:
    """End one of the actor's own sessions. Raises Refused: it does not exist."""
    with context.transaction(actor, "session.close", actor.id, session=number) as tx:
        if number not in {session.number for session in sessions.list_sessions(tx.connection, actor.id)}:
            raise refuse("session-unknown", str(number))
        sessions.end_session(tx.connection, number)


def end_other_sessions(context: AppContext, current: UserSession) -> int:
    """End all sessions of a user except *current*; returns how many."""
    user_id = current.user.id
    with context.transaction(current.actor, "session.close", user_id, session="others") as tx:
        return sessions.end_user_sessions(tx.connection, user_id, current.session.number)


def list_sessions(context: AppContext, user_id: str) -> list[SessionRow]:
    """List the sessions of a user, the newest first."""
    with context.store.read() as connection:
        return sessions.list_sessions(connection, user_id)
