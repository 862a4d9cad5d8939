"""What was committed stays, what was not leaves no trace: kill -9, a full disk, a lock held for too long."""

import signal
import subprocess
import sys
import time

import pytest

from signage.faults import Refused
from signage.model.users import make_cli_actor
from signage.services.screens.registry import create_screen
from signage.store import audit_log as audit
from signage.store import engine
from signage.store.engine import Store, StoreError
from signage.store.migrate import migrate_database
from signage.store.screens import screens
from tests.support.app_context import create_app_context, make_screen

ROOT = make_cli_actor("root")

WORKER = """
import sys
from pathlib import Path
from signage.services.screens.registry import create_screen
from signage.model.users import make_cli_actor
from tests.support.app_context import create_app_context, make_screen
office = create_app_context(Path(sys.argv[1]))
for n in range(int(sys.argv[2]), 10**6):
    create_screen(office, make_cli_actor("root"), screen(f"taxi-{n}"))
    print(n, flush=True)
"""


def _kill_in_the_middle(root, first):
    """Let a process enrol screens, kill it; returns the numbers that it said were done."""
    args = [sys.executable, "-c", WORKER, str(root), str(first)]
    with subprocess.Popen(args, stdout=subprocess.PIPE, text=True) as process:
        said = [int(process.stdout.readline()) for _ in range(3)]
        time.sleep((first % 7) / 1000)
        process.send_signal(signal.SIGKILL)
        said += [int(line) for line in process.stdout.read().split("\n")[:-1]]
    return said


def test_kill_9_leaves_each_act_whole(tmp_path):
    said, first = [], 0
    for _ in range(5):
        said += _kill_in_the_middle(tmp_path, first)
        first = said[-1] + 10
    store = create_app_context(tmp_path).store
    with store.read() as connection:
        there = set(screens.list_screen_ids(connection))
        entered = {e.parse()["object"] for e in audit.iter_entries(connection) if e.parse()["verb"] == "screen.add"}
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    assert {f"taxi-{n}" for n in said} <= there
    assert there == entered


def test_a_full_disk_is_told_and_leaves_everything_as_it_was(tmp_path):
    office = create_app_context(tmp_path)
    create_screen(office, ROOT, make_screen())
    with office.store.read() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    with pytest.raises(StoreError) as told:
        for n in range(2, 2000):
            create_screen(office, ROOT, make_screen(f"taxi-{n}", groups=tuple(f"g{k}" for k in range(20))))
    assert told.value.fault.code == "store-unavailable"
    with office.store.read() as connection:
        there = screens.list_screen_ids(connection)
        entered = [e.parse()["object"] for e in audit.iter_entries(connection) if e.parse()["verb"] == "screen.add"]
        connection.exec_driver_sql("PRAGMA max_page_count=1000000")
    assert sorted(entered) == there
    create_screen(office, ROOT, make_screen("taxi-after"))


def test_a_lock_held_by_another_for_too_long_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "BUSY_MS", 50)
    path = tmp_path / "signage.db"
    first, second = Store(path), Store(path)
    migrate_database(first)
    with first.write(), pytest.raises(StoreError) as told, second.write():
        pass
    assert "locked" in str(told.value.fault.facts["why"])


def test_readers_go_on_while_one_writes(tmp_path):
    office = create_app_context(tmp_path)
    with office.store.write(), office.store.read() as connection:
        assert screens.list_screen_ids(connection) == []


def test_two_screens_of_one_id_at_once_are_one(tmp_path):
    office = create_app_context(tmp_path)
    other = create_app_context(tmp_path)
    create_screen(office, ROOT, make_screen())
    with pytest.raises(Refused):
        create_screen(other, ROOT, make_screen())
