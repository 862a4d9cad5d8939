"""What each screen has done with a takeover is marked at the takeover's screens, and how many they are is kept.

Of orders from before it is taken over which screens have fetched them.
"""

import zlib
from collections.abc import Iterator

import msgspec
import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ROUND_MS = 120_000
_FETCHED = """
UPDATE takeover_screens SET state = 'fetched' WHERE serial IS NOT NULL AND EXISTS (
  SELECT 1 FROM screen_contacts c WHERE c.screen = takeover_screens.screen
  AND (c.serial >= takeover_screens.serial OR c.served >= takeover_screens.serial)
)"""
_COUNT = "UPDATE takeovers SET count = (SELECT count(*) FROM takeover_screens s WHERE s.takeover = takeovers.id)"


def upgrade() -> None:
    op.add_column("takeover_screens", sa.Column("state", sa.String(8), nullable=False, server_default="silent"))
    op.add_column("takeover_screens", sa.Column("serial", sa.BigInteger(), nullable=True))
    op.add_column("takeover_screens", sa.Column("told", sa.BigInteger(), nullable=True))
    op.add_column("takeovers", sa.Column("count", sa.Integer(), nullable=False, server_default="0"))
    connection = op.get_bind()
    connection.execute(sa.text(_COUNT))
    for name, from_, until in connection.execute(sa.text('SELECT id, "from", until FROM takeovers')).all():
        _mark(connection, name, _number(connection, int(from_) - _ROUND_MS), _number(connection, int(until)))
    connection.execute(sa.text(_FETCHED))
    op.drop_index("ix_takeover_screens_screen", "takeover_screens")
    op.create_index("ix_takeover_screens_screen", "takeover_screens", ["screen", "state", "serial"])
    op.create_index("ix_takeover_screens_takeover", "takeover_screens", ["takeover", "state", "screen"])


def _number(connection: sa.Connection, at_ms: int) -> int:
    """The number of the first document that was issued then or later: they are numbered as they are issued."""
    low, high = 1, int(connection.scalar(sa.text("SELECT max(number) FROM playlists")) or 0) + 1
    first = sa.text("SELECT issued_at FROM playlists WHERE number >= :number ORDER BY number LIMIT 1")
    while low < high:
        middle = (low + high) // 2
        issued_at = connection.scalar(first, {"number": middle})
        low, high = (middle + 1, high) if issued_at is not None and issued_at < at_ms else (low, middle)
    return low


def _mark(connection: sa.Connection, takeover: str, begin: int, end: int) -> None:
    """The first documents with an order, of those that were issued while it held: those with a program of it."""
    found: dict[str, int] = {}
    carries: dict[str, bool] = {}
    issued = sa.text("SELECT screen, serial, tail FROM playlists WHERE number >= :begin AND number < :end")
    for screen, serial, tail in connection.execute(issued, {"begin": begin, "end": end}).all():
        if tail not in carries:
            carries[tail] = takeover in _orders(connection, tail)
        if carries[tail]:
            found[screen] = min(serial, found.get(screen, serial))
    marked = sa.text("UPDATE takeover_screens SET serial = :serial WHERE takeover = :takeover AND screen = :screen")
    if found:
        connection.execute(marked, [{"takeover": takeover, "screen": s, "serial": n} for s, n in found.items()])


def _orders(connection: sa.Connection, tail: str) -> Iterator[str]:
    content = connection.scalar(sa.text("SELECT bytes FROM playlist_tails WHERE sha256 = :tail"), {"tail": tail})
    if content is not None:
        for program in msgspec.json.decode(zlib.decompress(content))["programs"]:
            if program["why"].startswith("takeover: "):
                yield program["why"].removeprefix("takeover: ")
