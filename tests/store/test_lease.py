"""One scheduler at a time, and none waits for the dead."""

import multiprocessing
import os
import time

import pytest
from sqlalchemy import update

from signage.store.engine import Store
from signage.store.lease import Lease, is_lease_held, leases
from signage.store.migrate import migrate_database
from tests.support.clocks import ManualClock


@pytest.fixture
def store(tmp_path):
    made = Store(tmp_path / "signage.db")
    migrate_database(made)
    return made


@pytest.fixture
def clock():
    return ManualClock()


def test_one_holds_it_and_the_other_does_not(store, clock):
    first, second = Lease(store, clock), Lease(store, clock)
    assert first.acquire()
    assert not second.acquire()
    assert first.acquire()
    first.release()
    assert second.acquire()
    assert not first.acquire()


def test_it_runs_out_when_it_is_not_renewed(store, clock):
    first, second = Lease(store, clock), Lease(store, clock)
    first.acquire()
    clock.move(10)
    first.acquire()
    clock.move(14)
    assert not second.acquire()
    clock.move(1)
    assert second.acquire()
    assert not first.acquire()


@pytest.mark.parametrize("step", ["2021-03-14T08:00:00+08:00", "2021-03-16T08:00:00+08:00"])
def test_a_clock_that_is_set_leaves_one_holder(store, clock, step):
    first, second = Lease(store, clock), Lease(store, clock)
    first.acquire()
    clock.set(step)
    assert first.acquire()
    assert not second.acquire()


def _take(path):
    assert Lease(Store(path), ManualClock()).acquire()
    os._exit(0)


def test_a_dead_holder_has_lost_it_at_once(store, clock, tmp_path):
    process = multiprocessing.get_context("spawn").Process(target=_take, args=(tmp_path / "signage.db",))
    process.start()
    process.join()
    assert not is_lease_held(store, clock.now())
    assert Lease(store, clock).acquire()
    assert is_lease_held(store, clock.now())


def test_a_holder_on_another_machine_is_believed_until_it_runs_out(store, clock):
    first, second = Lease(store, clock), Lease(store, clock)
    first.acquire()
    with store.write() as connection:
        connection.execute(update(leases).values(host="elsewhere", pid=1))
    assert not second.acquire()
    clock.move(16)
    assert second.acquire()


def _contend(path, taken):
    clock = ManualClock()
    lease = Lease(Store(path), clock)
    taken.put(lease.acquire())
    while taken.qsize() < 4:
        time.sleep(0.02)


def test_of_many_that_start_at_once_one_gets_it(store, tmp_path):
    context = multiprocessing.get_context("spawn")
    taken = context.Queue()
    path = tmp_path / "signage.db"
    processes = [context.Process(target=_contend, args=(path, taken)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(30)
    assert sorted(taken.get() for _ in range(4)) == [False, False, False, True]
