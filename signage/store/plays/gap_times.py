"""When numbers of which there is no play must have been shown: between their neighbours in the run.

A run's numbers rise with time. So a gap is not before the play under it began (by its screen's clock, which never runs
beyond its receipt), and not after the play over it was received. Of plays in the archive, their file says as much.
"""

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Connection, select

from signage.store.column_types import to_ms
from signage.store.plays.archive_days import files, sealed
from signage.store.plays.plays import Run, plays

CLOCKS_ARE_SET_MS = to_ms(datetime(2020, 1, 1, tzinfo=UTC))
"""A screen that tells an earlier time has a clock that was not set."""


def between(connection: Connection, run: Run, first: int, last: int) -> tuple[int | None, int]:
    """Since when (None: that cannot be told) and until when, in ms, the numbers *first* to *last* were shown."""
    return _since(connection, run.id, first), _until(connection, run, last)


def _since(connection: Connection, run_id: int, first: int) -> int | None:
    hot = connection.execute(
        select(plays.c.seq, plays.c.started_ms, plays.c.received_ms)
        .where(plays.c.run_id == run_id, plays.c.seq < first)
        .order_by(plays.c.seq.desc())
        .limit(1)
    ).first()
    kept = connection.execute(
        select(sealed.c.last, files.c.started_from_ms)
        .select_from(sealed.outerjoin(files, files.c.day == sealed.c.day))
        .where(sealed.c.run_id == run_id, sealed.c.first < first)
        .order_by(sealed.c.first.desc())
        .limit(1)
    ).first()
    if hot is not None and (kept is None or hot[0] > kept[0]):
        return min(hot[1], hot[2]) if hot[1] >= CLOCKS_ARE_SET_MS else None
    return None if kept is None or kept[1] is None else int(kept[1])


def _until(connection: Connection, run: Run, last: int) -> int:
    hot = connection.execute(
        select(plays.c.seq, plays.c.received_ms)
        .where(plays.c.run_id == run.id, plays.c.seq > last)
        .order_by(plays.c.seq)
        .limit(1)
    ).first()
    kept = connection.execute(
        select(sealed.c.first, sealed.c.day)
        .where(sealed.c.run_id == run.id, sealed.c.last > last)
        .order_by(sealed.c.first)
        .limit(1)
    ).first()
    if hot is not None and (kept is None or hot[0] < kept[0]):
        return int(hot[1])
    if kept is None:
        return run.last_received_ms
    return to_ms(datetime.combine(date.fromisoformat(kept[1]), time(), UTC) + timedelta(days=1))
