"""Plays for looking through, the newest first, a page at a time: by the batches in which they came, never by a scan."""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Connection, select

from signage.store.plays.plays import Run, Stored, batches, plays, runs

MOST_BATCHES, MOST_PLAYS = 250, 200_000
"""How many batches one page looks into at most, and how many numbers they span, however little of them is wanted."""


class Cursor(NamedTuple):
    """Where a page ends: the batch, and the number in it from which the next page goes on (downwards)."""

    batch: int
    seq: int


class Page(NamedTuple):
    """*found*: (run, play); *further*: where to go on, None at the end."""

    found: list[tuple[Run, Stored]]
    further: Cursor | None


def newest(
    connection: Connection,
    *,
    screen: str = "",
    item: str = "",
    result: str = "",
    received: tuple[int | None, int | None] = (None, None),
    after: Cursor | None = None,
    limit: int = 100,
) -> Page:
    """A page of plays; *received*: between which ms since 1970 (half-open) they came in."""
    found: list[tuple[Run, Stored]] = []
    last: Cursor | None = None
    looked_at = 0
    for number, (batch, begin, end, received_ms, run) in enumerate(_batches(connection, screen, received, after)):
        if number >= MOST_BATCHES or looked_at >= MOST_PLAYS:
            return Page(found, last)
        top = after.seq - 1 if after is not None and after.batch == batch else end
        looked_at += top - begin + 1
        query = select(*plays.c).where(
            plays.c.run_id == run.id, plays.c.seq >= begin, plays.c.seq <= top, plays.c.received_ms == received_ms
        )
        if item:
            query = query.where(plays.c.item == item)
        if result:
            query = query.where(plays.c.result == result)
        rows = connection.execute(query.order_by(plays.c.seq.desc()).limit(limit + 1 - len(found)))
        found += [(run, Stored(run.screen, run.run, *row)) for row in rows]
        last = Cursor(batch, begin)
        if len(found) > limit:
            kept = found[:limit]
            return Page(kept, Cursor(batch, kept[-1][1].seq if kept[-1][0].id == run.id else end + 1))
    return Page(found, None)


def _batches(
    connection: Connection, screen: str, received: tuple[int | None, int | None], after: Cursor | None
) -> Iterator[tuple[int, int, int, int, Run]]:
    columns = (batches.c.id, batches.c.first, batches.c.last, batches.c.received_ms)
    query = select(*columns, *runs.c).join(runs, runs.c.id == batches.c.run_id).order_by(batches.c.id.desc())
    if screen:
        query = query.where(runs.c.screen == screen)
    begin, end = received
    if begin is not None:
        query = query.where(batches.c.received_ms >= begin)
    if end is not None:
        query = query.where(batches.c.received_ms < end)
    if after is not None:
        query = query.where(batches.c.id <= after.batch)
    for row in connection.execute(query.limit(MOST_BATCHES + 1)):
        yield int(row[0]), int(row[1]), int(row[2]), int(row[3]), Run(*row[4:])
