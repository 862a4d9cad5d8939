"""Transactions are durable, and safe between threads and processes: kill -9, a full disk, a lock held for too long."""

import multiprocessing
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from signage.faults import Refused
from signage.model.users import make_cli_actor
from signage.services.screens.registry import create_screen
from signage.store import audit_log, change_counter, engine
from signage.store.engine import Store, StoreError, is_wal_safe
from signage.store.migrate import migrate_database
from signage.store.screens import screens
from tests.support.app_context import create_app_context, list_audit_entries, make_screen

ROOT = make_cli_actor("root")

ENROL_FOREVER = """
import sys
from pathlib import Path
from signage.services.screens.registry import create_screen
from signage.model.users import make_cli_actor
from tests.support.app_context import create_app_context, make_screen
context = create_app_context(Path(sys.argv[1]))
for n in range(int(sys.argv[2]), 10**6):
    create_screen(context, make_cli_actor("root"), make_screen(f"taxi-{n}"))
    print(n, flush=True)
"""


@pytest.mark.parametrize(
    ("version", "is_safe"),
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
def test_the_write_ahead_log_is_used_only_where_sqlite_cannot_corrupt_it(version, is_safe):
    assert is_wal_safe(version) is is_safe


def test_an_unsafe_sqlite_uses_the_rollback_journal(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pysqlite3", None)
    monkeypatch.setitem(sys.modules, "pysqlite3.dbapi2", None)
    store = Store(tmp_path / "signage.db")
    migrate_database(store)
    with store.read() as connection:
        mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
    assert mode == ("wal" if is_wal_safe(sqlite3.sqlite_version_info) else "truncate")


def test_every_commit_is_synced_to_disk(store):
    with store.read() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_an_exception_rolls_the_transaction_back(store):
    with pytest.raises(ZeroDivisionError), store.write() as connection:
        change_counter.increment(connection, "screens")
        raise ZeroDivisionError
    with store.read() as connection:
        assert change_counter.get_current(connection) == 0


def test_a_read_transaction_rolls_its_writes_back(store):
    with store.read() as connection:
        change_counter.increment(connection, "screens")
    with store.read() as connection:
        assert change_counter.get_current(connection) == 0


def test_a_nested_write_transaction_raises_and_does_not_hang(store):
    with store.write(), pytest.raises(RuntimeError), store.write():
        pass


def _increment(path: str, times: int) -> None:
    store = Store(path)
    for _ in range(times):
        with store.write() as connection:
            change_counter.increment(connection, "screens")


def test_write_transactions_of_processes_and_threads_are_serialised(store, tmp_path):
    path = str(tmp_path / "signage.db")
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_increment, args=(path, 50)) for _ in range(2)]
    workers += [threading.Thread(target=_increment, args=(path, 50)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    with store.read() as connection:
        assert change_counter.get_current(connection) == 200


def _kill_while_enrolling(root: Path, first: int) -> list[int]:
    """Kill a process that enrols screens; return the numbers that it reported as enrolled."""
    args = [sys.executable, "-c", ENROL_FOREVER, str(root), str(first)]
    with subprocess.Popen(args, stdout=subprocess.PIPE, text=True) as process:
        enrolled = [int(process.stdout.readline()) for _ in range(3)]
        time.sleep((first % 7) / 1000)
        process.send_signal(signal.SIGKILL)
        enrolled += [int(line) for line in process.stdout.read().split("\n")[:-1]]
    return enrolled


def _list_enrolled_screens(context) -> tuple[list[str], list[str]]:
    """The screens in the database, and those that the audit log says were added."""
    with context.store.read() as connection:
        stored = screens.list_screen_ids(connection)
    return stored, [str(e["object"]) for e in list_audit_entries(context) if e["verb"] == "screen.add"]


@pytest.mark.slow
def test_kill_9_leaves_each_act_whole(tmp_path):
    enrolled, first = [], 0
    for _ in range(5):
        enrolled += _kill_while_enrolling(tmp_path, first)
        first = enrolled[-1] + 10
    context = create_app_context(tmp_path)
    with context.store.read() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    stored, logged = _list_enrolled_screens(context)
    assert {f"taxi-{n}" for n in enrolled} <= set(stored)
    assert set(stored) == set(logged)


def test_a_full_disk_is_reported_and_changes_nothing(tmp_path):
    context = create_app_context(tmp_path)
    create_screen(context, ROOT, make_screen())
    with context.store.read() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    with pytest.raises(StoreError) as error:
        for n in range(2, 2000):
            create_screen(context, ROOT, make_screen(f"taxi-{n}", groups=tuple(f"g{k}" for k in range(20))))
    assert error.value.fault.code == "store-full"
    with context.store.read() as connection:
        stored = screens.list_screen_ids(connection)
        entries = [entry.parse() for entry in audit_log.iter_entries(connection)]
        connection.exec_driver_sql("PRAGMA max_page_count=1000000")
    assert sorted(str(e["object"]) for e in entries if e["verb"] == "screen.add") == stored
    create_screen(context, ROOT, make_screen("taxi-after"))


def test_a_lock_held_by_another_for_too_long_is_reported(tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "BUSY_MS", 50)
    path = tmp_path / "signage.db"
    first, second = Store(path), Store(path)
    migrate_database(first)
    with first.write(), pytest.raises(StoreError) as error, second.write():
        pass
    assert "locked" in str(error.value.fault.facts["why"])


def test_a_write_transaction_does_not_block_readers(tmp_path):
    context = create_app_context(tmp_path)
    with context.store.write(), context.store.read() as connection:
        assert screens.list_screen_ids(connection) == []


def test_a_screen_id_that_another_process_stored_is_refused(tmp_path):
    context, other = create_app_context(tmp_path), create_app_context(tmp_path)
    create_screen(context, ROOT, make_screen())
    with pytest.raises(Refused):
        create_screen(other, ROOT, make_screen())
