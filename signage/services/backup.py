"""Backup and restore of the whole state, each with an audit entry.

After a restore, playlist serials continue above every serial that may have been served since the backup: a playlist
changes at most ``_MAX_CHANGES_PER_S`` times a second, so the elapsed time bounds their number.
"""

import os
import shutil
import tempfile
from datetime import datetime
from pathlib import Path

from signage.clock import Clock
from signage.faults import Fault, FaultLocation, Refused
from signage.model.users import Actor
from signage.services.bootstrap import DATABASE_FILE, open_store
from signage.services.context import AppContext
from signage.store import audit_log, backup, change_counter, lease, playlists
from signage.store.backup import ProgressCallback
from signage.store.engine import Connection, Store, StoreError
from signage.store.settings import StorageConfig

_MAX_CHANGES_PER_S = 5
_MIN_SERIAL_MARGIN = 1000


def create_backup(context: AppContext, actor: Actor, target: Path, progress: ProgressCallback | None = None) -> int:
    """Write the whole state into the file *target* while the server runs; returns its size in bytes."""
    with context.transaction(actor, "state.backup", target.name) as tx:
        at = tx.at
    return backup.write_backup(context.store, context.state, target, at, progress)


def restore_backup(
    state: Path,
    storage: StorageConfig,
    clock: Clock,
    actor: Actor,
    source: Path,
    replace: bool = False,
    progress: ProgressCallback | None = None,
) -> Path | None:
    """Replace *state* by the state of a backup; returns the folder to which the old one was moved, if there was one.

    Raises Refused: a state exists without *replace*, a server uses it, the backup is damaged.
    """
    if storage.database:
        raise Refused([Fault("error", "backup-elsewhere", FaultLocation(key="storage.database"))])
    exists = _state_exists(state)
    if exists and not replace:
        raise Refused([Fault("error", "restore-over", FaultLocation(str(state)))])
    floors = _read_current_serials(state, clock) if exists else {}
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=state, prefix=".restore-") as name:
        fresh = Path(name) / "state"
        fresh.mkdir(mode=0o700)
        manifest = backup.unpack_backup(source, fresh, progress)
        _prepare_restored_database(fresh, clock, actor, source, manifest.made_at, floors)
        aside = _move_state_aside(state, fresh, clock.now()) if exists else None
        _install_restored_state(fresh, state)
    return aside


def _state_exists(state: Path) -> bool:
    return (state / DATABASE_FILE).exists()


def _read_current_serials(state: Path, clock: Clock) -> dict[str, int]:
    """Return the serials of the existing state; none where its database is unreadable."""
    try:
        store = Store(state / DATABASE_FILE)
        if lease.is_lease_held(store, clock.now()):
            raise Refused([Fault("error", "restore-running", FaultLocation(str(state)))])
        with store.read() as connection:
            serials = _get_highest_serials(connection)
        store.close()
    except StoreError:
        return {}
    return serials


def _prepare_restored_database(
    fresh: Path, clock: Clock, actor: Actor, source: Path, made_at: datetime, floors: dict[str, int]
) -> None:
    """Prepare the restored database: migrate it, raise its serials, append the audit entry, invalidate caches."""
    store = open_store(fresh, StorageConfig())
    now = clock.now()
    margin = _MIN_SERIAL_MARGIN + _MAX_CHANGES_PER_S * max(0, int((now - made_at).total_seconds()))
    with store.write() as connection:
        for screen, serial in _get_highest_serials(connection).items():
            playlists.record_reported_serial(connection, screen, max(serial, floors.get(screen, 0)) + margin)
        for screen in floors.keys() - _get_highest_serials(connection).keys():
            playlists.record_reported_serial(connection, screen, floors[screen] + margin)
        lease.clear_leases(connection)
        details = {"via": actor.channel, "backup": source.name, "made_at": made_at}
        audit_log.append_entry(connection, now, actor.id, "state.restore", source.name, details)
        change_counter.increment(connection, "state", *change_counter.get_counters(connection))
    store.close()
    if store.path is not None:
        for ending in ("-wal", "-shm"):
            store.path.with_name(store.path.name + ending).unlink(missing_ok=True)


def _get_highest_serials(connection: Connection) -> dict[str, int]:
    serials = dict(playlists.get_reported_serials(connection))
    for playlist in playlists.iter_current_playlists(connection):
        serials[playlist.screen] = max(playlist.serial, serials.get(playlist.screen, 0))
    return serials


def _move_state_aside(state: Path, fresh: Path, at: datetime) -> Path:
    """Move everything in *state* into a sub-folder of it."""
    aside = Path(tempfile.mkdtemp(dir=state, prefix=at.strftime(".replaced-%Y%m%d-%H%M%S-")))
    # The database first: an interrupted restore leaves no state that looks complete.
    for entry in sorted(state.iterdir(), key=lambda e: not e.name.startswith(DATABASE_FILE)):
        if entry not in (aside, fresh.parent) and not entry.name.startswith(".replaced-"):
            shutil.move(entry, aside / entry.name)
    return aside


def _install_restored_state(fresh: Path, state: Path) -> None:
    for entry in sorted(fresh.iterdir(), key=lambda e: e.name.startswith(DATABASE_FILE)):  # the database last
        entry.rename(state / entry.name)
    descriptor = os.open(state, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
