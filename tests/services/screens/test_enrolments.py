"""Enrolments: shared by all processes, kept over restarts; tokens are erased."""

from datetime import timedelta
from pathlib import Path

import pytest

from signage.faults import Fault
from signage.protocol.status import EnrolmentGrant, EnrolmentPanel, EnrolmentRequest
from signage.services.screens.enrolments import EnrolmentLimitError, EnrolmentService
from signage.store.engine import Store, StoreError
from tests.web.support import FakeClock, create_enrolment_store

BOX = EnrolmentRequest("roof box 7", EnrolmentPanel(192, 64))
GIVEN = EnrolmentGrant("taxi-0001", "tok-secret-1", "k0123456789abcdef")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def worker(tmp_path: Path, clock: FakeClock):
    """Makes workers, each a process of its own as far as it knows."""
    create_enrolment_store(tmp_path)
    return lambda **limits: EnrolmentService(Store(tmp_path / "enrolments.db"), clock, **limits)


def on_disk(folder: Path) -> bytes:
    """The bytes of the database, its log written back."""
    store = Store(folder / "enrolments.db")
    raw = store.open_raw_connection()
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    raw.close()
    return (folder / "enrolments.db").read_bytes()


def test_every_worker_and_the_next_start_find_a_pending_enrolment(worker):
    asked = worker().request_enrolment(BOX, "10.0.0.7")
    found = worker().find_pending(asked.code)
    assert found == asked and found.request == BOX
    assert worker().complete(asked.id, GIVEN) and not worker().complete(asked.id, GIVEN)
    assert worker().find_pending(asked.code) is None
    for _ in range(2):
        looked = worker().find_enrolment(asked.id)
        assert looked is not None and (looked.state, looked.credentials) == ("ready", GIVEN)


def test_a_first_use_at_one_worker_erases_the_token_for_all(worker, clock, tmp_path):
    one, two = worker(), worker()
    two.mark_token_used("another token")
    asked = one.request_enrolment(BOX, "10.0.0.7")
    one.complete(asked.id, GIVEN)
    clock.move(0.25)
    two.mark_token_used(GIVEN.token)
    looked = one.find_enrolment(asked.id)
    assert looked is not None and (looked.state, looked.credentials) == ("gone", None)


def test_a_token_that_nobody_fetches_is_erased_after_ten_minutes(worker, clock, tmp_path):
    one = worker()
    asked = one.request_enrolment(BOX, "10.0.0.7")
    one.complete(asked.id, GIVEN)
    one.request_enrolment(BOX, "10.0.0.8")  # its row keeps the place of the other from being used again
    clock.move(599)
    looked = worker().find_enrolment(asked.id)
    assert looked is not None and looked.credentials == GIVEN
    assert GIVEN.token.encode() in on_disk(tmp_path)
    clock.move(2)
    one.mark_token_used("another token")  # any poll is the occasion
    with Store(tmp_path / "enrolments.db").read() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM enrolments").all()
    assert len(rows) == 2 and not any(GIVEN.token in row for row in rows)
    assert GIVEN.token.encode() not in on_disk(tmp_path)
    looked = worker().find_enrolment(asked.id)
    assert looked is not None and looked.state == "gone"


def test_codes_run_out_also_when_the_clock_is_set_back(worker, clock):
    asked = worker().request_enrolment(BOX, "10.0.0.7")
    clock.at -= timedelta(days=1)
    assert worker().find_enrolment(asked.id) is None
    asked = worker().request_enrolment(BOX, "10.0.0.7")
    clock.move(1801)
    assert worker().find_pending(asked.code) is None


def test_one_address_and_all_together_are_bounded_over_all_workers(worker, clock):
    for _ in range(3):
        worker(per_minute=3).request_enrolment(BOX, "10.0.0.7")
    with pytest.raises(EnrolmentLimitError) as much:
        worker(per_minute=3).request_enrolment(BOX, "10.0.0.7")
    assert 0 < much.value.retry_after_s <= 61
    worker(per_minute=3).request_enrolment(BOX, "10.0.0.8")
    with pytest.raises(EnrolmentLimitError):
        worker(max_pending=4).request_enrolment(BOX, "10.0.0.9")
    clock.move(61)
    worker(per_minute=3).request_enrolment(BOX, "10.0.0.7")


def test_a_poll_is_answered_while_the_database_is_not(worker, clock, monkeypatch):
    one = worker()
    asked = one.request_enrolment(BOX, "10.0.0.7")
    one.complete(asked.id, GIVEN)

    def fails(self):
        raise StoreError(Fault("error", "store-unavailable"))

    with monkeypatch.context() as broken:
        broken.setattr(Store, "read", fails)
        one.mark_token_used(GIVEN.token)
    clock.move(1)
    one.mark_token_used(GIVEN.token)
    looked = one.find_enrolment(asked.id)
    assert looked is not None and looked.state == "gone"
