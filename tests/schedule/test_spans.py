"""Intervals of instants."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from signage.schedule.intervals import clipped, common, gaps, inside, merged

ZERO = datetime(2021, 3, 15, tzinfo=UTC)
instants = st.integers(0, 30).map(lambda n: ZERO + timedelta(minutes=n))
many = st.lists(st.tuples(instants, instants), max_size=6)
MINUTES = [ZERO + timedelta(minutes=n) for n in range(-1, 32)]


@given(many, many, instants, instants)
def test_spans_hold_what_each_of_their_instants_says(
    some: list[tuple[datetime, datetime]], others: list[tuple[datetime, datetime]], begin: datetime, end: datetime
) -> None:
    one, other = merged(some), merged(others)
    assert all(a < b for a, b in one) and all(a[1] < b[0] for a, b in pairwise(one))
    left = tuple(gaps(one, begin, end))
    for at in MINUTES:
        within = begin <= at < end
        assert inside(one, at) == any(a <= at < b for a, b in some)
        assert inside(clipped(one, begin, end), at) == (inside(one, at) and within)
        assert inside(common(one, other), at) == (inside(one, at) and inside(other, at))
        assert inside(left, at) == (within and not inside(one, at))
