"""The application context, and the audited transaction in which every act is done.

1. An act without the permission is refused before the transaction begins; the refusal has an audit entry.
2. The changes of an act and its audit entry are one transaction.
3. Acts on users, tokens and campaigns need a session or token that is still valid in the transaction: a request that
   was delayed until its session had ended changes nothing.
4. An act increments the change counters of its topics, by which the scheduler and the web workers notice it.
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
from signage.store.engine import StoreError as StoreError
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
    """The transaction of one act: its *connection*, its instant *at*, and the details of its audit entry."""

    connection: Connection
    at: datetime
    actor_id: str
    verb: str
    object_id: str
    details: dict[str, Any] = field(default_factory=dict)
    topics: set[str] = field(default_factory=set)
    is_unchanged: bool = False

    def add_details(self, **details: object) -> None:
        """Add *details* to the audit entry."""
        self.details.update(details)

    def mark_changed(self, *topics: str) -> None:
        """Increment the change counters of further *topics*."""
        self.topics.update(topics)

    def add_entry(self, verb: str, object_id: str, **details: object) -> None:
        """Append another audit entry in the same transaction, for a further effect of the act."""
        _append_entry(self.connection, self.at, self.actor_id, verb, object_id, details)

    def mark_unchanged(self) -> None:
        """Record that nothing changed: no audit entry, no change counter."""
        self.is_unchanged = True


@dataclass(frozen=True, slots=True)
class AppContext:
    """Everything that services need. *root*: the folder of the configuration; *timezone*: the server's.

    *poll_seconds*: how often screens poll; *clips*: adds the clip files that campaign files name.
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
    def transaction(self, actor: Actor, verb: str, object_id: str, **details: object) -> Iterator[AuditedTransaction]:
        """Begin the transaction of the act *verb* on *object_id* by *actor*; *details* are those of its audit entry.

        An exception inside rolls everything back. Raises Refused: permission missing, session or token ended.

            with context.transaction(actor, "clip.remove", sha256, name=name) as tx:
                clips.delete_clip(tx.connection, sha256)
        """
        self.check_permission(actor, verb, object_id)
        with self.store.write() as connection:
            if verb.startswith(_NEEDS_VALID_CREDENTIAL) and not _is_credential_valid(
                connection, actor, self.clock.now()
            ):
                raise refuse("session-needed", object_id)
            prefix = verb.partition(".")[0]
            tx = AuditedTransaction(
                connection, self.clock.now(), actor.id, verb, object_id, {"via": actor.channel, **details}
            )
            tx.topics.add(_TOPIC_BY_VERB_PREFIX.get(prefix, prefix))
            yield tx
            if not tx.is_unchanged:
                _append_entry(connection, tx.at, actor.id, verb, tx.object_id, tx.details)
                change_counter.increment(connection, *sorted(tx.topics))

    def check_permission(self, actor: Actor, verb: str, object_id: str) -> None:
        """Raise Refused, with an audit entry, unless *actor* may do *verb*: for work that precedes the transaction."""
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
    connection: Connection, at: datetime, actor_id: str, verb: str, object_id: str, details: Mapping[str, object]
) -> None:
    audit_log.append_entry(connection, at, actor_id, verb, object_id[:MAX_OBJECT_CHARS], details)
