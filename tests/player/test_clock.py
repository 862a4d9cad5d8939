"""The player's clock: the server's ``Date`` with its error bound, and unreliable system clocks."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signage.player.clock import STEP_THRESHOLD_S, PlayerClock
from tests.support.player_harness import NOON, FakeTimeSource

BOOT_1970 = datetime(1970, 1, 1, 0, 0, 12, tzinfo=UTC)


def hear(clock: PlayerClock, ticks: FakeTimeSource, true: datetime, trip_s: float = 0.1) -> None:
    sent = ticks.steady()
    ticks.advance(trip_s)
    clock.observe_server_date((true + timedelta(seconds=trip_s / 2)).replace(microsecond=0), sent, ticks.steady())


def off_by(clock: PlayerClock, true: datetime) -> float:
    return abs((clock.read().at - true).total_seconds())


def test_without_a_server_the_system_clock_counts_and_is_reported_as_unsynced():
    clock = PlayerClock(FakeTimeSource(NOON))
    assert clock.read().at == NOON
    assert not clock.read().is_synced
    assert clock.get_error_s() is None


def test_an_unset_clock_is_set_by_the_first_date():
    ticks = FakeTimeSource(BOOT_1970)
    clock = PlayerClock(ticks)
    assert clock.read().at.year == 1970
    hear(clock, ticks, NOON)
    assert clock.read().is_synced
    assert off_by(clock, NOON + timedelta(seconds=0.1)) <= 0.6


def test_a_system_clock_within_the_bound_is_trusted_to_the_millisecond():
    ticks = FakeTimeSource(NOON + timedelta(milliseconds=437))
    clock = PlayerClock(ticks)
    hear(clock, ticks, ticks.now())
    assert clock.read().at == ticks.now()


class HeldUp(FakeTimeSource):
    """A busy machine: at some samples of the clock the thread is suspended before or after it."""

    def __init__(self, before: list[float], after: list[float]) -> None:
        super().__init__(NOON)
        self._before, self._after = before, after

    def wall(self) -> float:
        self.advance(self._before.pop(0) if self._before else 0.0)
        wall = super().wall()
        self.advance(self._after.pop(0) if self._after else 0.0)
        return wall


@pytest.mark.parametrize("before, after", [([0.4], []), ([], [0.4]), ([0.3, 0.2], [0.0, 0.5]), ([3.0], [7.0])])
def test_a_thread_suspended_between_two_samples_reads_the_right_time(before, after):
    ticks = HeldUp(list(before), list(after))
    clock = PlayerClock(ticks)
    assert clock.read().at == ticks.now()
    ticks.advance(1.0)
    ticks._before, ticks._after = list(before), list(after)
    assert clock.read().at == ticks.now()


def test_a_machine_that_is_always_suspended_uses_its_quickest_sample():
    ticks = HeldUp([0.3, 0.02] * 20, [])
    clock = PlayerClock(ticks)
    reading = clock.read()
    assert abs((reading.at - ticks.now()).total_seconds()) <= 0.01 + 1e-6


def test_many_answers_narrow_the_error():
    ticks = FakeTimeSource(BOOT_1970)
    clock = PlayerClock(ticks)
    true = NOON
    for _ in range(40):
        hear(clock, ticks, true, trip_s=0.02)
        ticks.advance(29.27)
        true += timedelta(seconds=29.29)
    error = clock.get_error_s()
    assert error is not None and error < 0.25
    assert off_by(clock, true) < 0.25


def test_a_long_round_trip_widens_the_bound():
    ticks = FakeTimeSource(BOOT_1970)
    clock = PlayerClock(ticks)
    hear(clock, ticks, NOON, trip_s=8)
    error = clock.get_error_s()
    assert error is not None and error >= 4


def test_one_outlier_date_changes_nothing_and_a_second_one_does():
    ticks = FakeTimeSource(NOON)
    clock = PlayerClock(ticks)
    hear(clock, ticks, NOON)
    hear(clock, ticks, NOON + timedelta(days=1))
    assert off_by(clock, ticks.now()) < 1
    hear(clock, ticks, ticks.now() + timedelta(days=1))
    assert off_by(clock, ticks.now() + timedelta(days=1)) < 1


@pytest.mark.parametrize("jump", [timedelta(hours=-1), timedelta(days=1), timedelta(days=-1)])
def test_a_step_of_the_servers_clock_is_followed_at_the_second_response(jump):
    ticks = FakeTimeSource(NOON)
    clock = PlayerClock(ticks)
    hear(clock, ticks, ticks.now())
    for _ in range(2):
        ticks.advance(30)
        hear(clock, ticks, ticks.now() + jump)
    assert off_by(clock, ticks.now() + jump) <= 1


def test_a_step_of_the_system_clock_is_ignored_after_a_date_from_the_server():
    ticks = FakeTimeSource(NOON)
    clock = PlayerClock(ticks)
    hear(clock, ticks, NOON)
    true = ticks.now()
    ticks.set_wall(NOON + timedelta(days=400))
    assert off_by(clock, true) <= 1


def test_a_step_of_the_system_clock_is_followed_before_a_date_from_the_server():
    ticks = FakeTimeSource(BOOT_1970)
    clock = PlayerClock(ticks)
    clock.read()
    ticks.set_wall(NOON)
    assert clock.read().at == NOON


@given(st.lists(st.tuples(st.floats(0.001, 400), st.floats(-0.9, 0.9), st.floats(0.01, 3)), min_size=1, max_size=30))
def test_small_corrections_never_run_backwards_and_the_error_stays_within_the_bound(steps):
    ticks = FakeTimeSource(NOON)
    clock = PlayerClock(ticks)
    last = clock.read().at
    for wait, wobble, trip in steps:
        ticks.advance(wait)
        ticks.set_wall(ticks.now() + timedelta(seconds=wobble / 10))
        true = NOON + timedelta(seconds=ticks.steady() - 1000)
        hear(clock, ticks, true, trip)
        now = clock.read().at
        assert now >= last
        last = now
        true = NOON + timedelta(seconds=ticks.steady() - 1000)
        assert abs((now - true).total_seconds()) < STEP_THRESHOLD_S + 4
