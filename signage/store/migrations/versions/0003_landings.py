"""Add the delivery state of each screen of a takeover, and the number of its screens.

For existing takeovers, derive from the published playlists which screens have fetched them.
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
    """Return the number of the first playlist issued at *at_ms* or later: numbers grow with the time of issue."""
    low, high = 1, int(connection.scalar(sa.text("SELECT max(number) FROM playlists")) or 0) + 1
    first = sa.text("SELECT issued_at FROM playlists WHERE number >= :number ORDER BY number LIMIT 1")
    while low < high:
        middle = (low + high) // 2
        issued_at = connection.scalar(first, {"number": middle})
        low, high = (middle + 1, high) if issued_at is not None and issued_at < at_ms else (low, middle)
    return low


def _mark(connection: sa.Connection, takeover: str, begin: int, end: int) -> None:
    """Record the first playlist of each screen with a program of the takeover, of those issued while it was active."""
    serials: dict[str, int] = {}
    carries: dict[str, bool] = {}
    issued = sa.text("SELECT screen, serial, tail FROM playlists WHERE number >= :begin AND number < :end")
    for screen, serial, tail in connection.execute(issued, {"begin": begin, "end": end}).all():
        if tail not in carries:
            carries[tail] = takeover in _list_takeovers(connection, tail)
        if carries[tail]:
            serials[screen] = min(serial, serials.get(screen, serial))
    marked = sa.text("UPDATE takeover_screens SET serial = :serial WHERE takeover = :takeover AND screen = :screen")
    if serials:
        connection.execute(marked, [{"takeover": takeover, "screen": s, "serial": n} for s, n in serials.items()])


def _list_takeovers(connection: sa.Connection, tail: str) -> Iterator[str]:
    content = connection.scalar(sa.text("SELECT bytes FROM playlist_tails WHERE sha256 = :tail"), {"tail": tail})
    if content is not None:
        for program in msgspec.json.decode(zlib.decompress(content))["programs"]:
            if program["why"].startswith("takeover: "):
                yield program["why"].removeprefix("takeover: ")
