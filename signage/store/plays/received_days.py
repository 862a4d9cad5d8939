"""Unsealed plays by the day of their receipt: which days have any, whose they are, and their removal once sealed."""

from sqlalchemy import ColumnElement, Connection, Integer, func, select

from signage.protocol.epoch import from_ms
from signage.store.plays.plays import RunRow, play_batches, runs


def list_received_days(connection: Connection) -> list[str]:
    """List the days (UTC) on which the unsealed plays were received, the oldest first."""
    query = select((play_batches.c.received_ms / 86_400_000).cast(Integer)).distinct()
    numbers = sorted(int(number) for (number,) in connection.execute(query))
    return [from_ms(number * 86_400_000).date().isoformat() for number in numbers]


def list_runs_between(connection: Connection, begin_ms: int, end_ms: int) -> list[tuple[RunRow, int, int]]:
    """List the runs with plays received then, by screen, each with its lowest and highest number among them."""
    query = select(*runs.c, func.min(play_batches.c.first), func.max(play_batches.c.last)).join(
        play_batches, play_batches.c.run_id == runs.c.id
    )
    rows = connection.execute(
        query.where(*_match_received(begin_ms, end_ms)).group_by(runs.c.id).order_by(runs.c.screen, runs.c.id)
    )
    return [(RunRow(*row[:7]), int(row[7]), int(row[8])) for row in rows]


def delete_plays_between(connection: Connection, begin_ms: int, end_ms: int) -> None:
    """Delete the plays received then from the database, once they are sealed in the archive."""
    for run, first, last in list_runs_between(connection, begin_ms, end_ms):
        connection.exec_driver_sql(
            "DELETE FROM plays WHERE run_id = ? AND seq BETWEEN ? AND ? AND received_ms >= ? AND received_ms < ?",
            (run.id, first, last, begin_ms, end_ms),
        )
    connection.exec_driver_sql(
        "DELETE FROM plays_batches WHERE received_ms >= ? AND received_ms < ?", (begin_ms, end_ms)
    )


def count_plays_between(connection: Connection, begin_ms: int, end_ms: int) -> int:
    """Count the unsealed plays received then."""
    query = select(func.sum(play_batches.c.plays)).where(*_match_received(begin_ms, end_ms))
    return int(connection.scalar(query) or 0)


def _match_received(begin_ms: int, end_ms: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return play_batches.c.received_ms >= begin_ms, play_batches.c.received_ms < end_ms
