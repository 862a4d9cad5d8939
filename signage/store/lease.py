"""Leader election by a lease in the database: one process at a time runs the scheduler.

1. The holder renews the lease more often than it expires; any process may acquire an expired lease.
2. A holder on this machine whose process has ended loses the lease at once: a start after a crash does not wait.
3. A lease renewed in the future (a clock was set back) lasts no longer than any other.
"""

import os
import secrets
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Column, Connection, Integer, String, Table, delete, insert, select, update

from signage.clock import Clock
from signage.store.column_types import Instant
from signage.store.engine import Store, metadata

LEASE_TTL = timedelta(seconds=15)

leases = Table(
    "leases",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("holder", String(64), nullable=False),
    Column("host", String(255), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("started", String(64), nullable=False),
    Column("taken_at", Instant, nullable=False),
    Column("renewed_at", Instant, nullable=False),
)


@dataclass(frozen=True, slots=True)
class LeaseRow:
    """The holder of a lease. *process_start* distinguishes a process from a later one with the same *pid*."""

    holder_id: str
    host: str
    pid: int
    process_start: str
    acquired_at: datetime
    renewed_at: datetime


class Lease:
    """The lease *name* as acquired and renewed by this process."""

    def __init__(self, store: Store, clock: Clock, name: str = "scheduler", ttl: timedelta = LEASE_TTL) -> None:
        self._store, self._clock, self._name, self._ttl = store, clock, name, ttl
        self._holder_id = secrets.token_hex(16)

    def acquire(self) -> bool:
        """Acquire or renew the lease; return False when another process holds it. To be called every few seconds."""
        with self._store.read() as connection:
            holder = get_holder(connection, self._name)
        if holder is not None and holder.holder_id != self._holder_id and self._is_valid(holder):
            return False
        with self._store.write() as connection:
            holder = get_holder(connection, self._name)
            if holder is not None and holder.holder_id == self._holder_id:
                query = update(leases).where(leases.c.name == self._name)
                connection.execute(query.values(renewed_at=self._clock.now()))
                return True
            if holder is not None and self._is_valid(holder):
                return False
            self._insert(connection)
        return True

    def renew(self) -> bool:
        """Renew the lease; return False when this process does not hold it any more, even if nobody else does."""
        with self._store.write() as connection:
            is_held = self.is_held(connection)
            if is_held:
                query = update(leases).where(leases.c.name == self._name)
                connection.execute(query.values(renewed_at=self._clock.now()))
        return is_held

    def is_held(self, connection: Connection) -> bool:
        """Return whether no other process has acquired the lease; in a write transaction none can until its end."""
        holder = get_holder(connection, self._name)
        return holder is not None and holder.holder_id == self._holder_id

    def release(self) -> None:
        """Release the lease, if this process holds it."""
        with self._store.write() as connection:
            query = delete(leases).where(leases.c.name == self._name, leases.c.holder == self._holder_id)
            connection.execute(query)

    def _is_valid(self, lease: LeaseRow) -> bool:
        return is_lease_valid(lease, self._clock.now(), self._ttl) and not _is_holder_dead(lease)

    def _insert(self, connection: Connection) -> None:
        now = self._clock.now()
        connection.execute(delete(leases).where(leases.c.name == self._name))
        connection.execute(
            insert(leases).values(
                name=self._name,
                holder=self._holder_id,
                host=socket.gethostname(),
                pid=os.getpid(),
                started=_get_process_start(os.getpid()),
                taken_at=now,
                renewed_at=now,
            )
        )


def get_holder(connection: Connection, name: str = "scheduler") -> LeaseRow | None:
    """Return the last process that acquired the lease and has not released it."""
    row = connection.execute(select(leases).where(leases.c.name == name)).first()
    if row is None:
        return None
    return LeaseRow(row.holder, row.host, row.pid, row.started, row.taken_at, row.renewed_at)


def is_lease_valid(lease: LeaseRow, at: datetime, ttl: timedelta = LEASE_TTL) -> bool:
    """Return whether a lease has not expired at *at* (1, 3)."""
    return abs(at - lease.renewed_at) < ttl


def is_lease_held(store: Store, at: datetime, name: str = "scheduler") -> bool:
    """Return whether a process that is alive, as far as this machine can see, holds the lease."""
    with store.read() as connection:
        holder = get_holder(connection, name)
    return holder is not None and is_lease_valid(holder, at) and not _is_holder_dead(holder)


def _is_holder_dead(lease: LeaseRow) -> bool:
    """Return whether the holder was a process of this machine that has ended (2)."""
    return lease.host == socket.gethostname() and _get_process_start(lease.pid) != lease.process_start


def _get_process_start(pid: int) -> str:
    """Return the start time of a process of this machine as its system writes it; empty where it does not run."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
    except OSError:
        return "" if not _is_process_running(pid) else "there"
    boot = Path("/proc/sys/kernel/random/boot_id")
    return f"{boot.read_text().strip()}/{fields[19]}" if boot.exists() else fields[19]


def _is_process_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def clear_leases(connection: Connection) -> None:
    """Delete all leases, after a restore."""
    connection.execute(delete(leases))
