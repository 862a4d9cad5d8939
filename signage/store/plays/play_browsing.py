"""Plays for looking through, the newest first, a page at a time: by the batches in which they came, never by a scan."""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Connection, select

from signage.store.plays.plays import RunRow, StoredPlay, play_batches, plays, runs

MAX_BATCHES, MAX_PLAYS = 250, 200_000
"""How many batches one page looks into at most, and how many numbers they span, however little of them is wanted."""


class PlayCursor(NamedTuple):
    """Where a page ends: the batch, and the number in it from which the next page goes on (downwards)."""

    batch: int
    seq: int


class PlayPage(NamedTuple):
    """*found*: (run, play); *further*: where to go on, None at the end."""

    plays: list[tuple[RunRow, StoredPlay]]
    next_cursor: PlayCursor | None


def list_newest_plays(
    connection: Connection,
    *,
    screen: str = "",
    item: str = "",
    result: str = "",
    received_ms: tuple[int | None, int | None] = (None, None),
    after: PlayCursor | None = None,
    limit: int = 100,
) -> PlayPage:
    """A page of plays; *received*: between which ms since 1970 (half-open) they came in."""
    found: list[tuple[RunRow, StoredPlay]] = []
    last: PlayCursor | None = None
    looked_at = 0
    for number, (batch, begin, end, batch_ms, run) in enumerate(_iter_batches(connection, screen, received_ms, after)):
        if number >= MAX_BATCHES or looked_at >= MAX_PLAYS:
            return PlayPage(found, last)
        top = after.seq - 1 if after is not None and after.batch == batch else end
        looked_at += top - begin + 1
        query = select(*plays.c).where(
            plays.c.run_id == run.id, plays.c.seq >= begin, plays.c.seq <= top, plays.c.received_ms == batch_ms
        )
        if item:
            query = query.where(plays.c.item == item)
        if result:
            query = query.where(plays.c.result == result)
        rows = connection.execute(query.order_by(plays.c.seq.desc()).limit(limit + 1 - len(found)))
        found += [(run, StoredPlay(run.screen, run.run, *row)) for row in rows]
        last = PlayCursor(batch, begin)
        if len(found) > limit:
            kept = found[:limit]
            return PlayPage(kept, PlayCursor(batch, kept[-1][1].seq if kept[-1][0].id == run.id else end + 1))
    return PlayPage(found, None)


def _iter_batches(
    connection: Connection, screen: str, received: tuple[int | None, int | None], after: PlayCursor | None
) -> Iterator[tuple[int, int, int, int, RunRow]]:
    columns = (play_batches.c.id, play_batches.c.first, play_batches.c.last, play_batches.c.received_ms)
    query = select(*columns, *runs.c).join(runs, runs.c.id == play_batches.c.run_id).order_by(play_batches.c.id.desc())
    if screen:
        query = query.where(runs.c.screen == screen)
    begin, end = received
    if begin is not None:
        query = query.where(play_batches.c.received_ms >= begin)
    if end is not None:
        query = query.where(play_batches.c.received_ms < end)
    if after is not None:
        query = query.where(play_batches.c.id <= after.batch)
    for row in connection.execute(query.limit(MAX_BATCHES + 1)):
        yield int(row[0]), int(row[1]), int(row[2]), int(row[3]), RunRow(*row[4:])
