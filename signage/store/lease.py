"""A lease: of several processes one at a time does what must be done once.

1. The holder renews it more often than it runs out; who finds it run out takes it.
2. A holder on this machine that no longer lives has lost it at once: a start after a crash does not wait.
3. One that was renewed in the future (a clock was set back) holds for no longer than any other.
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
    """Who holds a lease. *started* tells a process from a later one of the same number."""

    holder_id: str
    host: str
    pid: int
    process_start: str
    acquired_at: datetime
    renewed_at: datetime


class Lease:
    """This process's claim on the lease *name*."""

    def __init__(self, store: Store, clock: Clock, name: str = "scheduler", ttl: timedelta = LEASE_TTL) -> None:
        self._store, self._clock, self._name, self._ttl = store, clock, name, ttl
        self._holder_id = secrets.token_hex(16)

    def acquire(self) -> bool:
        """Take it, or renew it; False when another holds it. To be called every few seconds."""
        with self._store.read() as connection:
            found = get_holder(connection, self._name)
        if found is not None and found.holder_id != self._holder_id and self._is_valid(found):
            return False
        with self._store.write() as connection:
            found = get_holder(connection, self._name)
            if found is not None and found.holder_id == self._holder_id:
                query = update(leases).where(leases.c.name == self._name)
                connection.execute(query.values(renewed_at=self._clock.now()))
                return True
            if found is not None and self._is_valid(found):
                return False
            self._insert(connection)
        return True

    def release(self) -> None:
        """Give it back, if it is held."""
        with self._store.write() as connection:
            query = delete(leases).where(leases.c.name == self._name, leases.c.holder == self._holder_id)
            connection.execute(query)

    def _is_valid(self, found: LeaseRow) -> bool:
        return is_lease_valid(found, self._clock.now(), self._ttl) and not _is_holder_dead(found)

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
    """Who took the lease last, and has not given it back."""
    row = connection.execute(select(leases).where(leases.c.name == name)).first()
    if row is None:
        return None
    return LeaseRow(row.holder, row.host, row.pid, row.started, row.taken_at, row.renewed_at)


def is_lease_valid(found: LeaseRow, at: datetime, ttl: timedelta = LEASE_TTL) -> bool:
    """Whether a holder's claim still stands at the instant *at* (1, 3)."""
    return abs(at - found.renewed_at) < ttl


def is_lease_held(store: Store, at: datetime, name: str = "scheduler") -> bool:
    """Whether some process that lives, as far as can be seen from here, holds the lease."""
    with store.read() as connection:
        found = get_holder(connection, name)
    return found is not None and is_lease_valid(found, at) and not _is_holder_dead(found)


def _is_holder_dead(found: LeaseRow) -> bool:
    """Whether the holder was a process of this machine that is no more (2)."""
    return found.host == socket.gethostname() and _get_process_start(found.pid) != found.process_start


def _get_process_start(pid: int) -> str:
    """When a process of this machine started, in its system's own words; empty where it is not there."""
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
    """Forget all leases: this is another installation now."""
    connection.execute(delete(leases))
