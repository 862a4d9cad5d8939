from datetime import timedelta

from signage.evidence.clock_correction import ScreenClock, date_plays
from signage.protocol.epoch import to_ms
from signage.store.plays import clock_samples as observations
from signage.store.plays.plays import ReceivedPlay
from tests.evidence.builders import SHA, parse_instant

NOON = to_ms(parse_instant("2021-03-15T12:00:00+08:00"))
S, H, DAY = 1000, 3_600_000, 86_400_000


def stored(seq, started_ms, received_ms, duration_ms=8000):
    return ReceivedPlay(
        *(seq, "315-2021/a", SHA, 7, "", duration_ms, "completed"),
        started_ms=started_ms,
        received_ms=received_ms,
        screen="taxi-0001",
        run="r1",
    )


def dated(plays, observed=(), lags=None):
    return [(d.corrected_ms, d.flags) for d in date_plays(plays, ScreenClock(observed, lags or {}))]


def test_a_correct_clock_is_not_corrected():
    assert dated([stored(1, NOON, NOON + 9 * S)]) == [(NOON, ())]


def test_the_times_of_an_offline_screen_are_not_corrected():
    assert dated([stored(1, NOON, NOON + 71 * H)]) == [(NOON, ())]
    assert dated([stored(1, NOON, NOON + 80 * H)]) == [(NOON, ("received-late",))]


def test_a_clock_sample_decides_the_offset():
    behind = [(NOON - 2 * H, NOON)]
    assert dated([stored(1, NOON - 2 * H, NOON + 9 * S)], behind) == [(NOON, ("clock-behind",))]
    ahead = [(NOON + 2 * H, NOON)]
    assert dated([stored(1, NOON + 2 * H, NOON + 9 * S)], ahead) == [(NOON, ("clock-ahead",))]
    right = [(NOON - S, NOON)]
    assert dated([stored(1, NOON, NOON + 9 * S)], right) == [(NOON, ())]


def test_a_clock_sample_of_another_day_is_ignored():
    assert dated([stored(1, NOON, NOON + 9 * S)], [(NOON - 5 * DAY, NOON - 2 * DAY)]) == [(NOON, ())]


def test_a_batch_from_the_future_comes_from_a_clock_that_is_ahead():
    plays = [stored(n, NOON + H + n * 8 * S, NOON + 40 * S) for n in range(3)]
    lag = NOON + 40 * S - (plays[-1].started_ms + 8 * S)
    found = dated(plays, lags={NOON + 40 * S: lag})
    assert [c for c, _ in found] == [NOON + 16 * S, NOON + 24 * S, NOON + 32 * S]
    assert {f for _, f in found} == {("clock-ahead",)}


def test_a_single_future_play_ends_at_its_receipt_and_moves_no_other():
    far = to_ms(parse_instant("2999-01-01T00:00:00Z"))
    found = dated([stored(1, NOON, NOON + 20 * S), stored(2, far, NOON + 20 * S)], lags={NOON + 20 * S: -far})
    assert found == [(NOON, ()), (NOON + 12 * S, ("future",))]


def test_plays_of_an_unset_clock_end_before_the_first_valid_time():
    plays = [stored(1, 10 * S, NOON + H), stored(2, 20 * S, NOON + H), stored(3, NOON, NOON + H)]
    assert dated(plays) == [
        (NOON - 18 * S, ("clock-unset",)),
        (NOON - 8 * S, ("clock-unset",)),
        (NOON, ()),
    ]


def test_plays_of_a_clock_that_is_never_set_end_before_their_receipt():
    plays = [stored(1, 10 * S, NOON), stored(2, 5 * S, NOON)]
    assert dated(plays) == [(NOON - 16 * S, ("clock-unset",)), (NOON - 8 * S, ("clock-unset",))]


def test_clock_samples_are_stored_when_the_offset_changes(store):
    with store.write() as connection:

        def observe(clock, received):
            return observations.record_sample(connection, "taxi-0001", clock, received)

        assert observe(NOON, NOON)
        assert not observe(NOON + 30 * S, NOON + 30 * S)
        assert observe(NOON + 90 * S, NOON + 60 * S)
        assert observe(NOON + H + 90 * S, NOON + H + 60 * S)
        assert not observe(NOON, NOON)
        assert len(observations.list_samples(connection, "taxi-0001")) == 3


def test_extreme_times_do_not_overflow():
    found = dated([stored(1, -62135596800000, NOON), stored(2, 253402300799999, NOON, 2**53 - 1)])
    for corrected, _ in found:
        assert parse_instant("1970-01-01T00:00:00Z") + timedelta(milliseconds=corrected)
