"""Errors inside long-lived loops: none ends its loop, and readiness names the one that fails (M5)."""

import os
import signal
import sqlite3
import threading
from datetime import timedelta

import pytest
import requests

from signage import loops
from signage.faults import Fault
from signage.library.rendition_worker import LOOP, RenditionWorker
from signage.services.loop_health import list_background_faults, write_loop_report
from signage.store.engine import StoreError
from tests.support.app_context import create_app_context
from tests.support.clocks import ManualClock
from tests.support.installation import wait_until


@pytest.fixture(autouse=True)
def no_loops(monkeypatch):
    monkeypatch.setattr(loops, "_states", {})


def test_a_loop_goes_on_after_every_kind_of_error_and_counts_as_failing_after_its_limit():
    errors = [StoreError(Fault("error", "store-unavailable")), ValueError("odd answer"), RecursionError(), OSError(28)]

    def fail() -> None:
        raise errors.pop()

    while errors:
        assert not loops.guard_turn("renditions", fail, max_turn_s=5.0)
    (fault,) = loops.list_loop_faults(now_s=loops.time.monotonic() + 10)
    assert fault.loop == "renditions" and fault.seconds >= 10 and "StoreError" in fault.why
    assert loops.guard_turn("renditions", lambda: None, max_turn_s=5.0)
    assert loops.list_loop_faults() == []


def test_the_rendition_thread_survives_a_locked_database(monkeypatch, tmp_path):
    worker = RenditionWorker.__new__(RenditionWorker)
    turns, stop = [], threading.Event()

    def take_turn(self, stop, clean_up) -> None:
        turns.append(1)
        if len(turns) > 3:
            stop.set()
        raise sqlite3.OperationalError("database is locked")

    monkeypatch.setattr(RenditionWorker, "reclaim_orphaned", lambda self: 1 / 0)
    monkeypatch.setattr(RenditionWorker, "_take_turn", take_turn)
    monkeypatch.setattr("signage.library.rendition_worker._FAILURE_WAIT_S", 0.0)
    worker._sandbox = type("Pool", (), {"close": lambda self: None})()
    worker._store = create_app_context(tmp_path).store
    worker._name = "here"
    worker.run(stop)
    assert len(turns) == 4 and LOOP not in loops._states


def test_the_background_process_tells_the_web_workers(tmp_path):
    clock = ManualClock("2021-03-15T08:00:00+08:00")
    assert [fault.code for fault in list_background_faults(tmp_path, clock)] == ["loops-silent"]
    loops.guard_turn("renditions", lambda: 1 / 0, max_turn_s=-1.0)
    write_loop_report(tmp_path, clock)
    (fault,) = list_background_faults(tmp_path, clock)
    assert fault.code == "loop-failing" and fault.facts["loop"] == "renditions"
    clock.move(timedelta(minutes=1).total_seconds())
    assert [fault.code for fault in list_background_faults(tmp_path, clock)] == ["loops-silent"]


@pytest.mark.slow
def test_readiness_of_the_program_sees_a_background_process_that_stands_still(running):
    assert running.is_ready()
    os.kill(running.process.pid, signal.SIGSTOP)
    try:
        wait_until(lambda: not running.is_ready(), "readiness tells", running.read_log)
        answer = requests.get(running.url + "/readyz", timeout=5)
        codes = {fault["code"] for fault in answer.json()["faults"]}
        assert codes & {"nobody-keeps-the-timetable", "loops-silent"}
    finally:
        os.kill(running.process.pid, signal.SIGCONT)
    wait_until(running.is_ready, "all is well again", running.read_log)
