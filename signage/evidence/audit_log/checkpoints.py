"""A checkpoint each minute in which something happened: the log's size and root, signed by a key of its own."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from signage.clock import Clock
from signage.evidence.audit_log.merkle_tree import Frontier
from signage.evidence.audit_log.signed_note import format_checkpoint, sign_note
from signage.store import audit_checkpoints as checkpoints
from signage.store import audit_log as audit
from signage.store import signing_keys as keys
from signage.store.audit_checkpoints import CheckpointRow
from signage.store.engine import Connection, Store

KEY_PURPOSE = "audit"
ORIGIN_PREFIX = "signage/audit/"


def create_checkpoint(store: Store, clock: Clock) -> CheckpointRow | None:
    """Sign the log as it stands; None where nothing happened since the last time."""
    with store.read() as connection:
        before = checkpoints.get_latest_checkpoint(connection)
        if audit.count_entries(connection) == (before.size if before else 0):
            return None
    with store.write() as connection:
        made = get_or_create_checkpoint(connection, clock.now())
    return None if before is not None and made.size == before.size else made


def get_or_create_checkpoint(connection: Connection, at: datetime, *, shown: bool = False) -> CheckpointRow:
    """Sign the log as it stands in the caller's transaction; the one that is there where nothing happened since.

    *shown*: it leaves the house.
    """
    signers = ensure_signing_keys(connection, at)
    before = checkpoints.get_latest_checkpoint(connection)
    size = audit.count_entries(connection)
    if before is not None and before.size == size:
        if shown:
            checkpoints.mark_published(connection, size)
        return before
    frontier = _restore_frontier(before)
    for _, digest in audit.iter_leaf_hashes(connection, frontier.size):
        frontier.append(digest)
    origin = before.origin if before is not None else ORIGIN_PREFIX + signers[0].id
    root = frontier.compute_root()
    note = sign_note(format_checkpoint(origin, size, root), origin, [key.private for key in signers])
    made = CheckpointRow(size, root, at, origin, note, b"".join(frontier.hashes), shown)
    checkpoints.create_checkpoint(connection, made)
    return made


def ensure_signing_keys(connection: Connection, at: datetime) -> Sequence[keys.SigningKey]:
    """The keys that sign checkpoints, one made (and logged) where there is none."""
    found = keys.list_active_keys(connection, KEY_PURPOSE)
    if found:
        return found
    made = keys.create_key(connection, at, KEY_PURPOSE)
    audit.append_entry(connection, at, "system", "key.make", made.id, {"purpose": KEY_PURPOSE, "public": made.public})
    return (made,)


def write_checkpoint_file(made: CheckpointRow, folder: Path) -> Path:
    """Put a checkpoint into a folder outside (a share, a stick), under its size; never over another."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"checkpoint-{made.size:010}.txt"
    if not path.exists():
        partial = path.with_suffix(".partial")
        partial.write_text(made.note, "utf-8")
        partial.replace(path)
    return path


def _restore_frontier(before: CheckpointRow | None) -> Frontier:
    if before is None:
        return Frontier()
    hashes = [before.frontier[place : place + 32] for place in range(0, len(before.frontier), 32)]
    return Frontier(before.size, hashes)
