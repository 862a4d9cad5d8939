"""Guessing passwords, one-time codes and pairing codes, many at once and from one address (M3, M10, L3)."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from signage.faults import Refused
from signage.model.users import Actor
from signage.protocol.status import EnrolmentPanel, EnrolmentRequest
from signage.services.screens import pairing
from signage.services.screens.enrolments import EnrolmentLimitError, EnrolmentService
from signage.services.users import login_throttle
from signage.web.security import passwords
from tests.support.app_context import create_app_context

REQUEST = EnrolmentRequest("box", EnrolmentPanel(192, 64))


@pytest.fixture
def context(tmp_path):
    return create_app_context(tmp_path)


def run_at_once(count: int, attempt: Callable[[int], object]) -> list[object]:
    """Run *attempt* in *count* threads that begin together."""
    barrier = threading.Barrier(count)

    def begin(number: int) -> object:
        barrier.wait()
        return attempt(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(begin, range(count)))


def test_of_simultaneous_attempts_no_more_than_the_limit_are_looked_at(context):
    attempts = run_at_once(40, lambda _: login_throttle.begin_login_attempt(context, "li", "192.0.2.1"))
    assert sum(not attempt.delay_s for attempt in attempts) == login_throttle.MAX_FAILURES_PER_PAIR


def test_an_attempt_that_succeeds_does_not_count(context):
    for _ in range(3 * login_throttle.MAX_FAILURES_PER_PAIR):
        attempt = login_throttle.begin_login_attempt(context, "li", "192.0.2.1")
        assert not attempt.delay_s
        login_throttle.finish_login_attempt(context, attempt)


def test_one_address_never_holds_every_hashing_slot():
    held, release = threading.Event(), threading.Event()

    def hold() -> None:
        with passwords.hold_hashing_slot("192.0.2.1"):
            held.set()
            release.wait(10)

    threads = [threading.Thread(target=hold) for _ in range(8)]
    for thread in threads:
        thread.start()
    assert held.wait(10)
    with passwords.hold_hashing_slot("192.0.2.2"):
        release.set()
    for thread in threads:
        thread.join()


def test_more_waiting_requests_of_one_address_than_allowed_are_refused_at_once(monkeypatch):
    monkeypatch.setattr(passwords, "_MAX_WAITING_PER_ADDRESS", 0)
    first, second = (passwords.hold_hashing_slot("192.0.2.1") for _ in range(2))
    with first, pytest.raises(passwords.BusyError):
        second.__enter__()


def test_pairing_codes_are_not_guessed_by_a_user(context):
    enrolments = EnrolmentService(context.store, context.clock)
    shown = enrolments.request_enrolment(REQUEST, "198.51.100.7")
    wu = Actor("wu", frozenset({"admin"}), channel="api")
    codes = [f"K7PM-3QX{letter}" for letter in "CDFGHJKMNP"]
    refused = []
    for code in codes:
        with pytest.raises(Refused) as error:
            pairing.get_pending(context, wu, enrolments, code, "192.0.2.1")
        refused.append(error.value.faults[0].code)
    assert refused == ["enrolment-code-unknown"] * 5 + ["pairing-throttled"] * 5
    with pytest.raises(Refused):
        pairing.get_pending(context, wu, enrolments, shown.code, "192.0.2.1")
    other = Actor("zhao", frozenset({"admin"}), channel="api")
    assert pairing.get_pending(context, other, enrolments, shown.code, "192.0.2.9").address == "198.51.100.7"


def test_one_network_never_takes_the_place_of_another_in_enrolment(context):
    enrolments = EnrolmentService(context.store, context.clock, max_pending=20)
    for number in range(20):
        enrolments.request_enrolment(REQUEST, f"203.0.113.{number}")
    with pytest.raises(EnrolmentLimitError):
        enrolments.request_enrolment(REQUEST, "203.0.113.99")
    newcomer = enrolments.request_enrolment(REQUEST, "198.51.100.7")
    assert enrolments.find_pending(newcomer.code) is not None
