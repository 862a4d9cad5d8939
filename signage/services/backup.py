"""Backup and restore of the whole state, each with its entry in the audit log.

A restored office goes on above every serial that it may have served since the backup was made: a document changes at
most ``_CHANGES_S`` times a second, so the time that has passed bounds how many there were.
"""

import os
import shutil
import tempfile
from datetime import datetime
from pathlib import Path

from signage.clock import Clock
from signage.faults import Fault, Place, Refused
from signage.model.users import Actor
from signage.services.bootstrap import DATABASE, open_store
from signage.services.context import Office
from signage.store import audit_log as audit
from signage.store import backup, lease, playlists
from signage.store import change_counter as revision
from signage.store.backup import Progress
from signage.store.engine import Connection, Store, StoreError
from signage.store.settings import StorageConfig

_CHANGES_S = 5
_AT_LEAST = 1000


def make(office: Office, actor: Actor, target: Path, progress: Progress | None = None) -> int:
    """Write the whole state into the file *target*, while the office works; returns its size."""
    with office.act(actor, "state.backup", target.name) as tx:
        at = tx.at
    return backup.write(office.store, office.state, target, at, progress)


def restore(
    state: Path,
    storage: StorageConfig,
    clock: Clock,
    actor: Actor,
    source: Path,
    replace: bool = False,
    progress: Progress | None = None,
) -> Path | None:
    """Put the state of a backup in place of *state*; returns where the old one was laid aside, if there was one.

    Raises Refused: a state is there and *replace* is not said, a server runs on it, the backup does not hold.
    """
    if storage.database:
        raise Refused([Fault("error", "backup-elsewhere", Place(key="storage.database"))])
    there = _there(state)
    if there and not replace:
        raise Refused([Fault("error", "restore-over", Place(str(state)))])
    floors = _floors(state, clock) if there else {}
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=state, prefix=".restore-") as name:
        fresh = Path(name) / "state"
        fresh.mkdir(mode=0o700)
        manifest = backup.unpack(source, fresh, progress)
        _go_on(fresh, clock, actor, source, manifest.made_at, floors)
        aside = _swap(state, fresh, clock.now()) if there else None
        _move(fresh, state)
    return aside


def _there(state: Path) -> bool:
    return (state / DATABASE).exists()


def _floors(state: Path, clock: Clock) -> dict[str, int]:
    """The serials of the state that is there; none where its database can no longer be read."""
    try:
        store = Store(state / DATABASE)
        if lease.is_held(store, clock.now()):
            raise Refused([Fault("error", "restore-running", Place(str(state)))])
        with store.read() as connection:
            found = _serials(connection)
        store.close()
    except StoreError:
        return {}
    return found


def _go_on(fresh: Path, clock: Clock, actor: Actor, source: Path, made_at: datetime, floors: dict[str, int]) -> None:
    """Make the restored database one that goes on: up to date, serials above, the entry that says so."""
    store = open_store(fresh, StorageConfig())
    now = clock.now()
    passed = _AT_LEAST + _CHANGES_S * max(0, int((now - made_at).total_seconds()))
    with store.write() as connection:
        for screen, serial in _serials(connection).items():
            playlists.report_serial(connection, screen, max(serial, floors.get(screen, 0)) + passed)
        for screen in floors.keys() - _serials(connection).keys():
            playlists.report_serial(connection, screen, floors[screen] + passed)
        lease.clear(connection)
        details = {"via": actor.via, "backup": source.name, "made_at": made_at}
        audit.append(connection, now, actor.id, "state.restore", source.name, details)
        revision.bump(connection, "state", *revision.subjects(connection))
    store.close()
    if store.path is not None:
        for ending in ("-wal", "-shm"):
            store.path.with_name(store.path.name + ending).unlink(missing_ok=True)


def _serials(connection: Connection) -> dict[str, int]:
    found = dict(playlists.reported_serials(connection))
    for one in playlists.newest(connection):
        found[one.screen] = max(one.serial, found.get(one.screen, 0))
    return found


def _swap(state: Path, fresh: Path, at: datetime) -> Path:
    """Lay everything that is in *state* aside, into a folder of it."""
    aside = Path(tempfile.mkdtemp(dir=state, prefix=at.strftime(".replaced-%Y%m%d-%H%M%S-")))
    # The database goes first: a restore that is cut off here leaves no state that looks whole.
    for entry in sorted(state.iterdir(), key=lambda e: not e.name.startswith(DATABASE)):
        if entry not in (aside, fresh.parent) and not entry.name.startswith(".replaced-"):
            shutil.move(entry, aside / entry.name)
    return aside


def _move(fresh: Path, state: Path) -> None:
    for entry in sorted(fresh.iterdir(), key=lambda e: e.name.startswith(DATABASE)):  # the database last
        entry.rename(state / entry.name)
    descriptor = os.open(state, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
