"""The database: durable, safe between processes, up to date at a glance."""

import multiprocessing
import sqlite3
import sys
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from signage.faults import Refused
from signage.store import change_counter as revision
from signage.store.engine import Store, StoreError, is_wal_safe
from signage.store.migrate import get_schema_version, migrate_database
from signage.store.migrations import HEAD


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(tmp_path / "signage.db")
    migrate_database(made)
    return made


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 4), True),
    ],
)
def test_the_log_is_used_only_where_it_cannot_corrupt(version, safe):
    assert is_wal_safe(version) is safe


def test_with_an_unsafe_sqlite_the_rollback_journal_is_used(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pysqlite3", None)
    monkeypatch.setitem(sys.modules, "pysqlite3.dbapi2", None)
    store = Store(tmp_path / "signage.db")
    migrate_database(store)
    with store.read() as connection:
        mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
    assert mode == ("wal" if is_wal_safe(sqlite3.sqlite_version_info) else "truncate")


def test_what_is_committed_is_on_disk(store):
    with store.read() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_an_exception_leaves_everything_as_it_was(store):
    with pytest.raises(ZeroDivisionError), store.write() as connection:
        revision.increment(connection, "screens")
        raise ZeroDivisionError
    with store.read() as connection:
        assert revision.get_current(connection) == 0


def test_a_reader_keeps_nothing(store):
    with store.read() as connection:
        revision.increment(connection, "screens")
    with store.read() as connection:
        assert revision.get_current(connection) == 0


def test_a_transaction_inside_a_transaction_is_told_and_does_not_hang(store):
    with store.write(), pytest.raises(RuntimeError), store.write():
        pass


def test_the_revision_tells_which_subject_changed(store):
    with store.write() as connection:
        revision.increment(connection, "screens")
        revision.increment(connection, "campaigns", "clips")
    with store.read() as connection:
        assert revision.get_current(connection) == 2
        assert revision.get_counters(connection) == {"screens": 1, "campaigns": 2, "clips": 2}


def _bump(path: str, times: int) -> None:
    store = Store(path)
    for _ in range(times):
        with store.write() as connection:
            revision.increment(connection, "screens")


def test_processes_and_threads_take_turns(store, tmp_path):
    path = str(tmp_path / "signage.db")
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_bump, args=(path, 50)) for _ in range(2)]
    workers += [threading.Thread(target=_bump, args=(path, 50)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    with store.read() as connection:
        assert revision.get_current(connection) == 200


def test_a_start_with_nothing_to_do_does_not_load_the_machinery(store, tmp_path, monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "alembic"]:
        monkeypatch.delitem(sys.modules, name)
    begin = time.monotonic()
    assert migrate_database(Store(tmp_path / "signage.db")) is False
    assert time.monotonic() - begin < 0.5
    assert "alembic" not in sys.modules


def test_the_newest_step_is_the_one_that_is_named(store):
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", "signage.store:migrations")
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD
    with store.read() as connection:
        assert get_schema_version(connection) == HEAD


def test_a_database_of_a_newer_program_is_refused(store):
    with store.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Refused) as refused:
        migrate_database(store)
    assert refused.value.faults[0].code == "store-newer"


def test_a_file_that_is_no_database_is_told_by_name(tmp_path):
    (tmp_path / "signage.db").write_bytes(b"this is no database" * 1000)
    with pytest.raises(StoreError) as told:
        migrate_database(Store(tmp_path / "signage.db"))
    assert told.value.fault.location.file == "signage.db"
