"""Intervals of instants."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from signage.schedule.intervals import clip_intervals, contains_instant, find_gaps, intersect_intervals, merge_intervals

ZERO = datetime(2021, 3, 15, tzinfo=UTC)
instants = st.integers(0, 30).map(lambda n: ZERO + timedelta(minutes=n))
many = st.lists(st.tuples(instants, instants), max_size=6)
MINUTES = [ZERO + timedelta(minutes=n) for n in range(-1, 32)]


@given(many, many, instants, instants)
def test_spans_hold_what_each_of_their_instants_says(
    some: list[tuple[datetime, datetime]], others: list[tuple[datetime, datetime]], begin: datetime, end: datetime
) -> None:
    one, other = merge_intervals(some), merge_intervals(others)
    assert all(a < b for a, b in one) and all(a[1] < b[0] for a, b in pairwise(one))
    left = tuple(find_gaps(one, begin, end))
    for at in MINUTES:
        within = begin <= at < end
        assert contains_instant(one, at) == any(a <= at < b for a, b in some)
        assert contains_instant(clip_intervals(one, begin, end), at) == (contains_instant(one, at) and within)
        assert contains_instant(intersect_intervals(one, other), at) == (
            contains_instant(one, at) and contains_instant(other, at)
        )
        assert contains_instant(left, at) == (within and not contains_instant(one, at))
