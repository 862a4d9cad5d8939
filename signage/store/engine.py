"""The database engine with two kinds of transaction (``read`` and ``write``): durable, and safe between processes.

1. A write transaction takes the write lock when it begins (``BEGIN IMMEDIATE``): what it read is still true when it
   writes, and no lock upgrade can fail.
2. ``synchronous=FULL``: committed data survives a power failure.
3. SQLite 3.7.0-3.51.2 can corrupt a WAL database when several connections race at a reset of the log (fixed in 3.51.3,
   3.50.7 and 3.44.6): such versions use the slower rollback journal.
4. PostgreSQL gives the same guarantees: a write transaction takes one advisory lock, a read transaction sees one
   snapshot (REPEATABLE READ). Hand-written SQL has ``?`` as its placeholder, whatever the database.
"""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, create_engine, event
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from signage.faults import Fault, FaultLocation

__all__ = ["Connection", "IntegrityError", "Store", "StoreError", "get_sqlite_module", "is_wal_safe", "metadata"]

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""The metadata of all tables."""

BUSY_MS = 20_000
WRITE_LOCK_ID = 315
"""The advisory lock of PostgreSQL that replaces SQLite's write lock."""


_DISK_FULL_TEXTS = ("disk is full", "no space left")


class StoreError(Exception):
    """The database is unavailable (locked for too long, disk full, damaged); *fault* says why."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(f"{fault.code}: {fault.facts.get('why', '')}")


def get_sqlite_module() -> ModuleType:
    """Return the module with the newest SQLite: pysqlite3 where it is installed, else the standard library's."""
    try:
        import pysqlite3.dbapi2 as pysqlite
    except ImportError:
        return sqlite3
    return pysqlite if pysqlite.sqlite_version_info > sqlite3.sqlite_version_info else sqlite3


def is_wal_safe(version: tuple[int, ...]) -> bool:
    """Return whether this SQLite version may use the write-ahead log with several connections (3)."""
    if version[:2] in ((3, 44), (3, 50)):
        return version >= {(3, 44): (3, 44, 6), (3, 50): (3, 50, 7)}[version[0], version[1]]
    return version >= (3, 51, 3)


class Store:
    """The database at *url_or_path*: the path of a SQLite file, or an SQLAlchemy URL."""

    def __init__(self, url_or_path: str | Path) -> None:
        text = str(url_or_path)
        self.url = text if "://" in text else f"sqlite:///{Path(text).absolute()}"
        self._engine = _create_engine(self.url)
        self._pid = os.getpid()
        self._write_lock = threading.Lock()
        self._writer_thread_id: int | None = None
        self.write_fault: Fault | None = None
        """Why the last write transaction failed; None where it succeeded."""

    @property
    def path(self) -> Path | None:
        """The path of a SQLite file; None for another database."""
        return Path(self.url.removeprefix("sqlite:///")) if self.url.startswith("sqlite:///") else None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a connection that sees one snapshot of the database; its writes are rolled back."""
        with self._translate_errors(), self._get_engine().connect() as connection:
            connection.info["begin"] = "BEGIN"
            yield connection
            connection.rollback()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Begin a transaction with the write lock: committed durably at the end, rolled back on any exception."""
        if self._writer_thread_id == threading.get_ident():
            raise RuntimeError("nested write transaction: pass the connection on instead")
        # A lock in the process is fairer than SQLite's polling for its own lock.
        with self._track_write_faults(), self._translate_errors(), self._write_lock:
            self._writer_thread_id = threading.get_ident()
            try:
                with self._get_engine().connect() as connection:
                    connection.info["begin"] = "BEGIN IMMEDIATE"
                    with connection.begin():
                        yield connection
            finally:
                self._writer_thread_id = None

    def open_raw_connection(self) -> Any:
        """Open a separate DB-API connection, for the backup API. The caller closes it."""
        pooled = self._get_engine().raw_connection()
        connection = pooled.dbapi_connection
        pooled.detach()
        return connection

    def close(self) -> None:
        """Close all idle connections."""
        self._engine.dispose()

    def _get_engine(self) -> Engine:
        if self._pid != os.getpid():  # SQLite connections must not be used across a fork
            self._engine.dispose(close=False)
            self._pid = os.getpid()
        return self._engine

    @contextmanager
    def _track_write_faults(self) -> Iterator[None]:
        try:
            yield
        except StoreError as error:
            self.write_fault = error.fault
            raise
        self.write_fault = None

    @contextmanager
    def _translate_errors(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError:
            raise
        except DBAPIError as error:
            if (
                isinstance(error, OperationalError)
                or "malformed" in str(error.orig)
                or "not a database" in str(error.orig)
            ):
                name = self.path.name if self.path else self.url.partition(":")[0]
                why = str(error.orig)
                code = "store-full" if any(text in why.lower() for text in _DISK_FULL_TEXTS) else "store-unavailable"
                raise StoreError(Fault("error", code, FaultLocation(file=name), {"why": why})) from error
            raise


def _create_engine(url: str) -> Engine:
    return _create_sqlite_engine(url) if url.startswith("sqlite") else _create_postgresql_engine(url)


def _create_postgresql_engine(url: str) -> Engine:
    engine = create_engine(url, pool_size=8, max_overflow=24, pool_pre_ping=True)

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        writes = connection.info.get("begin") == "BEGIN IMMEDIATE"
        connection.exec_driver_sql(
            f"SELECT pg_advisory_xact_lock({WRITE_LOCK_ID})"
            if writes
            else "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
            execution_options={"stream_results": False},
        )

    @event.listens_for(engine, "before_cursor_execute", retval=True)
    def _(_: object, __: object, statement: str, parameters: Any, context: Any, ___: bool) -> tuple[str, Any]:
        is_text = context is None or context.compiled is None
        return statement.replace("?", "%s") if is_text else statement, parameters

    return engine


def _create_sqlite_engine(url: str) -> Engine:
    module = get_sqlite_module()
    engine = create_engine(
        url,
        module=module,
        pool_size=8,
        max_overflow=24,
        connect_args={"timeout": BUSY_MS / 1000, "check_same_thread": False},
    )
    journal = "WAL" if is_wal_safe(module.sqlite_version_info) else "TRUNCATE"

    @event.listens_for(engine, "connect")
    def _(connection: Any, _: object) -> None:
        connection.isolation_level = None  # no implicit BEGIN: see the listener below
        for pragma in (
            f"busy_timeout={BUSY_MS}",
            f"journal_mode={journal}",
            "synchronous=FULL",
            "foreign_keys=ON",
            "temp_store=MEMORY",
            "cache_size=-16000",
            "journal_size_limit=67108864",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        connection.exec_driver_sql(connection.info.get("begin", "BEGIN"))

    return engine
