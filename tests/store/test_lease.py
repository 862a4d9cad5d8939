"""One process at a time holds the lease, and none waits for one that has ended."""

import multiprocessing
import os

import pytest
from sqlalchemy import update

from signage.store.engine import Store
from signage.store.lease import Lease, is_lease_held, leases
from tests.support.clocks import ManualClock


@pytest.fixture
def clock():
    return ManualClock()


def test_a_lease_has_one_holder_until_it_is_released(store, clock):
    first, second = Lease(store, clock), Lease(store, clock)
    assert first.acquire()
    assert not second.acquire()
    assert first.acquire()
    first.release()
    assert second.acquire()
    assert not first.acquire()


def test_a_lease_that_is_not_renewed_expires(store, clock):
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
def test_setting_the_clock_leaves_one_holder(store, clock, step):
    first, second = Lease(store, clock), Lease(store, clock)
    first.acquire()
    clock.set(step)
    assert first.acquire()
    assert not second.acquire()


def _acquire_and_exit(path):
    assert Lease(Store(path), ManualClock()).acquire()
    os._exit(0)


def test_a_holder_whose_process_ended_loses_the_lease_at_once(store, clock, tmp_path):
    process = multiprocessing.get_context("spawn").Process(target=_acquire_and_exit, args=(tmp_path / "signage.db",))
    process.start()
    process.join()
    assert not is_lease_held(store, clock.now())
    assert Lease(store, clock).acquire()
    assert is_lease_held(store, clock.now())


def test_a_holder_on_another_machine_keeps_the_lease_until_it_expires(store, clock):
    first, second = Lease(store, clock), Lease(store, clock)
    first.acquire()
    with store.write() as connection:
        connection.execute(update(leases).values(host="elsewhere", pid=1))
    assert not second.acquire()
    clock.move(16)
    assert second.acquire()


def _contend(path, results, all_tried):
    results.put(Lease(Store(path), ManualClock()).acquire())
    all_tried.wait(30)


def test_of_processes_that_start_at_once_one_acquires_the_lease(store, tmp_path):
    context = multiprocessing.get_context("spawn")
    results, all_tried = context.Queue(), context.Barrier(4)
    path = tmp_path / "signage.db"
    processes = [context.Process(target=_contend, args=(path, results, all_tried)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(30)
    assert sorted(results.get() for _ in range(4)) == [False, False, False, True]
