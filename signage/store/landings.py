"""Documents with an order and without it: by screen the first, and what the screen is known to have had.

Documents are numbered as they are issued, so those since an instant are found by halving.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, select

from signage.store.contacts import contacts
from signage.store.playlists import playlists
from signage.store.takeovers import named

has = func.coalesce(
    case((contacts.c.serial > func.coalesce(contacts.c.served, 0), contacts.c.serial), else_=contacts.c.served), 0
)
"""The highest serial that a screen is known to have: told of by itself, or served to it."""


def number_at(connection: Connection, at: datetime) -> int:
    """The number of the first document that was issued at *at* or later; one above all where there is none."""
    low, high = 1, int(connection.scalar(select(func.max(playlists.c.number))) or 0) + 1
    while low < high:
        middle = (low + high) // 2
        query = select(playlists.c.issued_at).where(playlists.c.number >= middle).order_by(playlists.c.number).limit(1)
        issued_at = connection.scalar(query)
        low, high = (middle + 1, high) if issued_at is not None and issued_at < at else (low, middle)
    return low


def tails_since(connection: Connection, number: int) -> list[str]:
    """The tails of what was published from *number* on."""
    return list(connection.scalars(select(playlists.c.tail).where(playlists.c.number >= number).distinct()))


def firsts(number: int, tails: Iterable[str]) -> Select[tuple[str, int]]:
    """For each screen the lowest serial, from *number* on, of a document with one of *tails*."""
    return (
        select(playlists.c.screen.label("screen"), func.min(playlists.c.serial).label("serial"))
        .where(playlists.c.number >= number, playlists.c.tail.in_(list(tails)))
        .group_by(playlists.c.screen)
    )


def serials(connection: Connection, takeover_id: str, number: int, tails: Iterable[str]) -> list[tuple[str, int]]:
    """Screen and serial of each such document, the lowest serial first."""
    query = select(playlists.c.screen, playlists.c.serial).join(named, _ours(takeover_id))
    query = query.where(playlists.c.number >= number, playlists.c.tail.in_(list(tails)))
    return [(screen, int(serial)) for screen, serial in connection.execute(query.order_by(playlists.c.serial))]


def _ours(takeover_id: str) -> ColumnElement[bool]:
    return and_(named.c.takeover == takeover_id, named.c.screen == playlists.c.screen)
