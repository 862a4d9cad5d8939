"""Estimates when the missing plays of a gap were shown: between their neighbours in the run.

The numbers of a run grow with time. A gap is therefore not before the start of the play below it (by the screen's
clock, bounded by the receipt), and not after the receipt of the play above it. For sealed plays, the times of their
archive file are the bounds.
"""

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Connection, select

from signage.protocol.epoch import to_ms
from signage.store.plays.archive_days import archive_files, sealed_ranges
from signage.store.plays.plays import RunRow, plays

EARLIEST_PLAUSIBLE_MS = to_ms(datetime(2020, 1, 1, tzinfo=UTC))
"""A screen with an earlier time has a clock that was not set."""


def estimate_gap_times(connection: Connection, run: RunRow, first: int, last: int) -> tuple[int | None, int]:
    """Return from when (None: unknown) and until when, in ms, the numbers *first* to *last* were shown."""
    return _find_earliest_ms(connection, run.id, first), _find_latest_ms(connection, run, last)


def _find_earliest_ms(connection: Connection, run_id: int, first: int) -> int | None:
    unsealed = connection.execute(
        select(plays.c.seq, plays.c.started_ms, plays.c.received_ms)
        .where(plays.c.run_id == run_id, plays.c.seq < first)
        .order_by(plays.c.seq.desc())
        .limit(1)
    ).first()
    sealed = connection.execute(
        select(sealed_ranges.c.last, archive_files.c.started_from_ms)
        .select_from(sealed_ranges.outerjoin(archive_files, archive_files.c.day == sealed_ranges.c.day))
        .where(sealed_ranges.c.run_id == run_id, sealed_ranges.c.first < first)
        .order_by(sealed_ranges.c.first.desc())
        .limit(1)
    ).first()
    if unsealed is not None and (sealed is None or unsealed[0] > sealed[0]):
        return min(unsealed[1], unsealed[2]) if unsealed[1] >= EARLIEST_PLAUSIBLE_MS else None
    return None if sealed is None or sealed[1] is None else int(sealed[1])


def _find_latest_ms(connection: Connection, run: RunRow, last: int) -> int:
    unsealed = connection.execute(
        select(plays.c.seq, plays.c.received_ms)
        .where(plays.c.run_id == run.id, plays.c.seq > last)
        .order_by(plays.c.seq)
        .limit(1)
    ).first()
    sealed = connection.execute(
        select(sealed_ranges.c.first, sealed_ranges.c.day)
        .where(sealed_ranges.c.run_id == run.id, sealed_ranges.c.last > last)
        .order_by(sealed_ranges.c.first)
        .limit(1)
    ).first()
    if unsealed is not None and (sealed is None or unsealed[0] < sealed[0]):
        return int(unsealed[1])
    if sealed is None:
        return run.last_received_ms
    return to_ms(datetime.combine(date.fromisoformat(sealed[1]), time(), UTC) + timedelta(days=1))
