"""A checkpoint each minute in which something happened: the log's size and root, signed by a key of its own."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from signage.clock import Clock
from signage.evidence.audit_log.merkle_tree import Frontier
from signage.evidence.audit_log.signed_note import checkpoint_text, sign
from signage.store import audit_checkpoints as checkpoints
from signage.store import audit_log as audit
from signage.store import signing_keys as keys
from signage.store.audit_checkpoints import Checkpoint
from signage.store.engine import Connection, Store

PURPOSE = "audit"
ORIGIN = "signage/audit/"


def checkpoint(store: Store, clock: Clock) -> Checkpoint | None:
    """Sign the log as it stands; None where nothing happened since the last time."""
    with store.read() as connection:
        before = checkpoints.last(connection)
        if audit.size(connection) == (before.size if before else 0):
            return None
    with store.write() as connection:
        made = checkpoint_in(connection, clock.now())
    return None if before is not None and made.size == before.size else made


def checkpoint_in(connection: Connection, at: datetime, *, shown: bool = False) -> Checkpoint:
    """Sign the log as it stands in the caller's transaction; the one that is there where nothing happened since.

    *shown*: it leaves the house.
    """
    signers = signing_keys(connection, at)
    before = checkpoints.last(connection)
    size = audit.size(connection)
    if before is not None and before.size == size:
        if shown:
            checkpoints.show(connection, size)
        return before
    frontier = _frontier(before)
    for _, digest in audit.leaves(connection, frontier.size):
        frontier.add(digest)
    origin = before.origin if before is not None else ORIGIN + signers[0].id
    root = frontier.root()
    note = sign(checkpoint_text(origin, size, root), origin, [key.private for key in signers])
    made = Checkpoint(size, root, at, origin, note, b"".join(frontier.hashes), shown)
    checkpoints.add(connection, made)
    return made


def signing_keys(connection: Connection, at: datetime) -> Sequence[keys.SigningKey]:
    """The keys that sign checkpoints, one made (and logged) where there is none."""
    found = keys.active(connection, PURPOSE)
    if found:
        return found
    made = keys.make(connection, at, PURPOSE)
    audit.append(connection, at, "system", "key.make", made.id, {"purpose": PURPOSE, "public": made.public})
    return (made,)


def write_out(made: Checkpoint, folder: Path) -> Path:
    """Put a checkpoint into a folder outside (a share, a stick), under its size; never over another."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"checkpoint-{made.size:010}.txt"
    if not path.exists():
        partial = path.with_suffix(".partial")
        partial.write_text(made.note, "utf-8")
        partial.replace(path)
    return path


def _frontier(before: Checkpoint | None) -> Frontier:
    if before is None:
        return Frontier()
    hashes = [before.frontier[place : place + 32] for place in range(0, len(before.frontier), 32)]
    return Frontier(before.size, hashes)
