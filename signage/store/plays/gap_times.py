"""When numbers of which there is no play must have been shown: between their neighbours in the run.

A run's numbers rise with time. So a gap is not before the play under it began (by its screen's clock, which never runs
beyond its receipt), and not after the play over it was received. Of plays in the archive, their file says as much.
"""

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Connection, select

from signage.protocol.epoch import to_ms
from signage.store.plays.archive_days import archive_files, sealed_ranges
from signage.store.plays.plays import RunRow, plays

EARLIEST_PLAUSIBLE_MS = to_ms(datetime(2020, 1, 1, tzinfo=UTC))
"""A screen that tells an earlier time has a clock that was not set."""


def estimate_gap_times(connection: Connection, run: RunRow, first: int, last: int) -> tuple[int | None, int]:
    """Since when (None: that cannot be told) and until when, in ms, the numbers *first* to *last* were shown."""
    return _find_earliest_ms(connection, run.id, first), _find_latest_ms(connection, run, last)


def _find_earliest_ms(connection: Connection, run_id: int, first: int) -> int | None:
    hot = connection.execute(
        select(plays.c.seq, plays.c.started_ms, plays.c.received_ms)
        .where(plays.c.run_id == run_id, plays.c.seq < first)
        .order_by(plays.c.seq.desc())
        .limit(1)
    ).first()
    kept = connection.execute(
        select(sealed_ranges.c.last, archive_files.c.started_from_ms)
        .select_from(sealed_ranges.outerjoin(archive_files, archive_files.c.day == sealed_ranges.c.day))
        .where(sealed_ranges.c.run_id == run_id, sealed_ranges.c.first < first)
        .order_by(sealed_ranges.c.first.desc())
        .limit(1)
    ).first()
    if hot is not None and (kept is None or hot[0] > kept[0]):
        return min(hot[1], hot[2]) if hot[1] >= EARLIEST_PLAUSIBLE_MS else None
    return None if kept is None or kept[1] is None else int(kept[1])


def _find_latest_ms(connection: Connection, run: RunRow, last: int) -> int:
    hot = connection.execute(
        select(plays.c.seq, plays.c.received_ms)
        .where(plays.c.run_id == run.id, plays.c.seq > last)
        .order_by(plays.c.seq)
        .limit(1)
    ).first()
    kept = connection.execute(
        select(sealed_ranges.c.first, sealed_ranges.c.day)
        .where(sealed_ranges.c.run_id == run.id, sealed_ranges.c.last > last)
        .order_by(sealed_ranges.c.first)
        .limit(1)
    ).first()
    if hot is not None and (kept is None or hot[0] < kept[0]):
        return int(hot[1])
    if kept is None:
        return run.last_received_ms
    return to_ms(datetime.combine(date.fromisoformat(kept[1]), time(), UTC) + timedelta(days=1))
