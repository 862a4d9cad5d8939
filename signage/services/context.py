"""The shape of an act: a duty, one transaction, its audit entry in it, and what others must look at anew.

1. An act is refused before anything is opened when the actor has no role for it; the refusal is an entry itself.
2. What it changes and its audit entry are one transaction: either both are there or neither is.
3. What lets people in, or things onto screens, is done only while that holds by which its actor came in: a request that
   was held back until its session or token had ended does nothing.
4. It moves the revision on, by which the scheduler and the web workers see it.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from signage.clock import Clock
from signage.faults import Fault, FaultLocation, Refused, refuse
from signage.model import permissions
from signage.model.panel import PRESET_KIND_LABELS, Panel
from signage.model.users import Actor
from signage.schedule.snapshot import KeyPeriod
from signage.services.clip_port import ClipLibrary
from signage.services.settings import ApprovalConfig, FolderConfig, TakeoverConfig
from signage.store import audit_log, change_counter, consents
from signage.store.engine import Connection, Store
from signage.store.users import sessions, users

MAX_OBJECT_CHARS = 300
_NEEDS_VALID_CREDENTIAL = ("user.", "token.", "campaign.")
_TOPIC_BY_VERB_PREFIX = {
    "screen": "screens",
    "campaign": "campaigns",
    "takeover": "takeovers",
    "clip": "clips",
    "user": "people",
    "token": "people",
    "session": "sessions",
    "key": "keys",
    "incident": "incidents",
    "consent": "consents",
}


@dataclass(slots=True)
class AuditedTransaction:
    """One act under way. *at*: its instant; *connection*: where it reads and writes."""

    connection: Connection
    at: datetime
    actor_id: str
    verb: str
    object_id: str
    details: dict[str, Any] = field(default_factory=dict)
    topics: set[str] = field(default_factory=set)
    is_unchanged: bool = False

    def add_details(self, **more: object) -> None:
        """Add to the audit entry."""
        self.details.update(more)

    def mark_changed(self, *subjects: str) -> None:
        """Say that further subjects changed."""
        self.topics.update(subjects)

    def add_entry(self, verb: str, object_id: str, **facts: object) -> None:
        """A further audit entry in the same transaction, for what the act did beside."""
        _append_entry(self.connection, self.at, self.actor_id, verb, object_id, facts)

    def mark_unchanged(self) -> None:
        """Say that there was nothing to do: no entry, nobody need look."""
        self.is_unchanged = True


@dataclass(frozen=True, slots=True)
class AppContext:
    """All that acts stand on. *root*: the configuration's folder; *timezone*: the server's, where a screen has none.

    *enforce_consent*: ``[consent] enforce``; None where it is not set (``store.consents.is_enforced``).
    """

    store: Store
    clock: Clock
    root: Path
    state: Path
    timezone: str = "Asia/Shanghai"
    poll_seconds: int = 30
    panels: Mapping[str, Panel] = field(default_factory=dict)
    kind_labels: Mapping[str, str] = field(default_factory=lambda: PRESET_KIND_LABELS)
    approval: ApprovalConfig = field(default_factory=ApprovalConfig)
    takeover: TakeoverConfig = field(default_factory=TakeoverConfig)
    folder: FolderConfig = field(default_factory=FolderConfig)
    key_periods: tuple[KeyPeriod, ...] = ()
    enforce_consent: bool | None = None
    clips: ClipLibrary | None = None

    @contextmanager
    def transaction(self, actor: Actor, verb: str, object_id: str, **facts: object) -> Iterator[AuditedTransaction]:
        """Do *verb* to *object_id* as *actor*; what happens inside is one transaction.

        Raises Refused when the actor has no duty for it; an exception inside leaves everything as it was.
        """
        self.check_permission(actor, verb, object_id)
        with self.store.write() as connection:
            if verb.startswith(_NEEDS_VALID_CREDENTIAL) and not _is_credential_valid(
                connection, actor, self.clock.now()
            ):
                raise refuse("session-needed", object_id)
            prefix = verb.partition(".")[0]
            tx = AuditedTransaction(
                connection, self.clock.now(), actor.id, verb, object_id, {"via": actor.channel, **facts}
            )
            tx.topics.add(_TOPIC_BY_VERB_PREFIX.get(prefix, prefix))
            yield tx
            if not tx.is_unchanged:
                _append_entry(connection, tx.at, actor.id, verb, tx.object_id, tx.details)
                change_counter.increment(connection, *sorted(tx.topics))

    def check_permission(self, actor: Actor, verb: str, object_id: str) -> None:
        """Refuse *actor*, with an audit entry, unless a role permits *verb*; for acts that begin before they write.

        Raises Refused.
        """
        if permissions.is_allowed(actor, verb):
            return
        with self.store.write() as connection:
            facts = {"via": actor.channel, "refused": "duty-missing", "roles": sorted(actor.roles)}
            _append_entry(connection, self.clock.now(), actor.id, verb, object_id, facts)
        needed = ", ".join(sorted(permissions.PERMISSIONS.get(verb, frozenset())))
        raise refuse("duty-missing", object_id, who=actor.id, verb=verb, needed=needed)


def check_unit(actor: Actor, unit: str | None, object_id: str) -> None:
    """Raise Refused unless *actor* may change what belongs to *unit* (``model.permissions``, rule 4)."""
    if not permissions.may_edit_unit(actor, unit):
        raise refuse("not-your-unit", object_id, unit=unit, own=actor.unit)


def check_governed(context: AppContext, tx: AuditedTransaction, actor: Actor, unit: str | None, name: str) -> None:
    """Raise Refused unless *actor* decides on what belongs to *unit*, or, with None, to the whole installation."""
    fault = find_unit_fault(context, tx.connection, actor, unit, name)
    if fault is not None:
        raise Refused([fault])


def find_unit_fault(
    context: AppContext, connection: Connection, actor: Actor, unit: str | None, name: str
) -> Fault | None:
    """Return why *actor* may not decide on *name*, which belongs to *unit*; None where they may.

    While units need each other's consent, what has no unit is the whole installation's (contract, rule 9).
    """
    if not permissions.may_edit_unit(actor, unit):
        return Fault("error", "not-your-unit", FaultLocation(key=name), {"unit": unit, "own": actor.unit})
    if unit is None and actor.unit is not None and consents.is_enforced(connection, context.enforce_consent):
        return Fault("error", "installation-wide", FaultLocation(key=name), {"name": name, "own": actor.unit})
    return None


def _is_credential_valid(connection: Connection, actor: Actor, at: datetime) -> bool:
    kind, _, key = actor.credential.partition(":")
    if kind == "session":
        return sessions.has_session(connection, int(key))
    return kind != "token" or users.find_user_of_token(connection, key, at) is not None


def _append_entry(
    connection: Connection, at: datetime, who: str, verb: str, object_id: str, details: Mapping[str, object]
) -> None:
    audit_log.append_entry(connection, at, who, verb, object_id[:MAX_OBJECT_CHARS], details)
