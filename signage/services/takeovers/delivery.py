"""Which documents carry a takeover: read from what is published, never guessed from the time.

1. A document carries an order where a program of it is that order's.
2. It knows the end of an order that was stopped where no program of that order lasts beyond the stop.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from signage.model.takeover import Takeover
from signage.store.engine import Connection
from signage.store.playlists import PlaylistRow
from signage.store.takeovers import delivery as landings
from signage.store.takeovers import takeovers

_STOP_LOOKBACK = timedelta(days=2)
"""So long after its time a stop is looked for in documents: every day each screen gets another one."""
_TAKEOVER_PREFIX = "takeover: "


class _DecodedProgram(Struct, frozen=True):
    until: datetime
    why: str


class _DecodedBody(Struct, frozen=True):
    programs: tuple[_DecodedProgram, ...]


_decoder = msgspec.json.Decoder(_DecodedBody)


def mark_carrying_documents(
    connection: Connection, at: datetime, documents: Iterable[PlaylistRow], tails: Mapping[str, bytes]
) -> None:
    """Mark for the orders that hold, or did of late, which of *documents* are the first with them or their stop."""
    orders = takeovers.list_takeovers(connection, at - _STOP_LOOKBACK)
    if not orders:
        return
    lasts = {name: _parse_takeover_ends(tail) for name, tail in tails.items()}
    stopped = [order for order in orders if order.ends_at < order.until]
    found = list(documents)
    landings.on_takeover_published(
        connection, ((o, one.screen, one.serial) for one in found for o in lasts[one.body_sha256])
    )
    landings.on_stop_published(
        connection,
        ((o.id, one.screen, one.serial) for one in found for o in stopped if _contains_stop(lasts[one.body_sha256], o)),
    )


def _contains_stop(lasts: Mapping[str, datetime], order: Takeover) -> bool:
    return order.id not in lasts or lasts[order.id] <= order.ends_at


def _parse_takeover_ends(tail: bytes) -> Mapping[str, datetime]:
    """Takeover → until when a tail shows it."""
    found: dict[str, datetime] = {}
    for program in _decoder.decode(tail).programs:
        if program.why.startswith(_TAKEOVER_PREFIX):
            name = program.why.removeprefix(_TAKEOVER_PREFIX)
            found[name] = max(program.until, found.get(name, program.until))
    return found
