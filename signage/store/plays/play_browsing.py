"""Lists plays in pages, the newest first: by the batches in which they were received, never by a scan."""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Connection, select

from signage.store.plays.plays import (
    SELECTED_COLUMNS,
    ReceivedPlay,
    RunRow,
    build_play,
    play_batches,
    plays,
    runs,
)

MAX_BATCHES, MAX_PLAYS = 250, 200_000
"""How many batches one page reads at most, and how many numbers they span, however few of them match."""


class PlayCursor(NamedTuple):
    """The end of a page: the batch, and the number in it from which the next page continues downwards."""

    batch: int
    seq: int


class PlayPage(NamedTuple):
    """A page of (run, play); *next_cursor*: None on the last page."""

    plays: list[tuple[RunRow, ReceivedPlay]]
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
    """List a page of plays. *received_ms*: the half-open range of their receipt in ms since 1970."""
    matches: list[tuple[RunRow, ReceivedPlay]] = []
    cursor: PlayCursor | None = None
    numbers_read = 0
    for number, (batch, begin, end, batch_ms, run) in enumerate(_iter_batches(connection, screen, received_ms, after)):
        if number >= MAX_BATCHES or numbers_read >= MAX_PLAYS:
            return PlayPage(matches, cursor)
        top = after.seq - 1 if after is not None and after.batch == batch else end
        numbers_read += top - begin + 1
        query = select(*SELECTED_COLUMNS).where(
            plays.c.run_id == run.id, plays.c.seq >= begin, plays.c.seq <= top, plays.c.received_ms == batch_ms
        )
        if item:
            query = query.where(plays.c.item == item)
        if result:
            query = query.where(plays.c.result == result)
        rows = connection.execute(query.order_by(plays.c.seq.desc()).limit(limit + 1 - len(matches)))
        matches += [(run, build_play(run, row)) for row in rows]
        cursor = PlayCursor(batch, begin)
        if len(matches) > limit:
            last_run, last_play = matches[limit - 1]
            return PlayPage(matches[:limit], PlayCursor(batch, last_play.seq if last_run.id == run.id else end + 1))
    return PlayPage(matches, None)


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
