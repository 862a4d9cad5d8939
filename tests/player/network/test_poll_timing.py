"""Poll timing."""

import random
from collections import Counter
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from signage.player.network import poll_timing as pace

NOW = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)


def test_players_that_boot_after_a_power_cut_spread_over_one_interval():
    firsts = [pace.get_first_poll_delay_s(f"taxi-{n:04d}", 30, uptime_s=20) for n in range(3000)]
    each_second = Counter(int(s) for s in firsts)
    assert set(each_second) == set(range(30))
    assert max(each_second.values()) < 150


def test_a_restarted_or_empty_player_polls_at_once():
    assert pace.get_first_poll_delay_s("taxi-0001", 30, uptime_s=4000) == 0
    assert pace.get_first_poll_delay_s(None, 30, uptime_s=3) == 0


@given(st.text(min_size=1), st.integers(1, 600), st.floats(0, 2e9))
def test_polls_keep_the_screens_phase_in_the_interval(screen, interval, now):
    wait = pace.get_next_poll_delay_s(screen, interval, now)
    assert 0 <= wait <= interval + 1
    place = (now + wait) % interval / interval
    apart = abs(place - pace.compute_poll_phase(screen, interval))
    assert min(apart, 1 - apart) < 1e-3


def test_failures_back_off_to_a_limit_with_jitter():
    chance = random.Random(1)
    waits = [pace.get_backoff_s(n, 30, chance) for n in range(1, 40)]
    assert waits[0] <= 2
    assert all(w <= 120 for w in waits)
    assert min(waits[8:]) >= 60
    assert len(set(waits)) == len(waits)


def test_retry_after_is_parsed_in_both_forms_and_limited():
    assert pace.parse_retry_after_s("120", NOW) == 120
    assert pace.parse_retry_after_s("Tue, 10 Mar 2026 04:02:00 GMT", NOW) == 120
    assert pace.parse_retry_after_s("Tue, 10 Mar 2026 03:00:00 GMT", NOW) == 0
    assert pace.parse_retry_after_s("999999999", NOW) == 3600
    for nonsense in ("", None, "soon", "-5", "１２"):
        assert pace.parse_retry_after_s(nonsense, NOW) is None
