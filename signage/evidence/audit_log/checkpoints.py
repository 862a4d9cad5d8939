"""Creates checkpoints of the audit log: its size and root, signed with a key of their own, when it has new entries."""

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
    """Sign a checkpoint of the whole log; None where it has no new entries."""
    with store.read() as connection:
        previous = checkpoints.get_latest_checkpoint(connection)
        if audit.count_entries(connection) == (previous.size if previous else 0):
            return None
    with store.write() as connection:
        checkpoint = get_or_create_checkpoint(connection, clock.now())
    return None if previous is not None and checkpoint.size == previous.size else checkpoint


def get_or_create_checkpoint(connection: Connection, at: datetime, *, shown: bool = False) -> CheckpointRow:
    """Return a checkpoint of the whole log, signed in the caller's transaction where the latest one is outdated.

    *shown*: it is published (in a bundle, a report, a mail).
    """
    signers = ensure_signing_keys(connection, at)
    previous = checkpoints.get_latest_checkpoint(connection)
    size = audit.count_entries(connection)
    if previous is not None and previous.size == size:
        if shown:
            checkpoints.mark_published(connection, size)
        return previous
    frontier = _restore_frontier(previous)
    for _, digest in audit.iter_leaf_hashes(connection, frontier.size):
        frontier.append(digest)
    origin = previous.origin if previous is not None else ORIGIN_PREFIX + signers[0].id
    root = frontier.compute_root()
    note = sign_note(format_checkpoint(origin, size, root), origin, [key.private for key in signers])
    checkpoint = CheckpointRow(size, root, at, origin, note, b"".join(frontier.hashes), shown)
    checkpoints.create_checkpoint(connection, checkpoint)
    return checkpoint


def ensure_signing_keys(connection: Connection, at: datetime) -> Sequence[keys.SigningKey]:
    """Return the active keys that sign checkpoints; create and log one where there is none."""
    active_keys = keys.list_active_keys(connection, KEY_PURPOSE)
    if active_keys:
        return active_keys
    key = keys.create_key(connection, at, KEY_PURPOSE)
    audit.append_entry(connection, at, "system", "key.make", key.id, {"purpose": KEY_PURPOSE, "public": key.public})
    return (key,)


def write_checkpoint_file(checkpoint: CheckpointRow, folder: Path) -> Path:
    """Write a checkpoint to an external folder (a share, a USB stick), named by its size; never overwrite one."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"checkpoint-{checkpoint.size:010}.txt"
    if not path.exists():
        partial = path.with_suffix(".partial")
        partial.write_text(checkpoint.note, "utf-8")
        partial.replace(path)
    return path


def _restore_frontier(checkpoint: CheckpointRow | None) -> Frontier:
    if checkpoint is None:
        return Frontier()
    hashes = [checkpoint.frontier[start : start + 32] for start in range(0, len(checkpoint.frontier), 32)]
    return Frontier(checkpoint.size, hashes)
