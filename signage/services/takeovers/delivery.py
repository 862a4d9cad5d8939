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
from signage.store.playlists import Published
from signage.store.takeovers import delivery as landings
from signage.store.takeovers import takeovers

_LOOKED_FOR = timedelta(days=2)
"""So long after its time a stop is looked for in documents: every day each screen gets another one."""
_WHY = "takeover: "


class _Program(Struct, frozen=True):
    until: datetime
    why: str


class _Tail(Struct, frozen=True):
    programs: tuple[_Program, ...]


_decoder = msgspec.json.Decoder(_Tail)


def note(connection: Connection, at: datetime, documents: Iterable[Published], tails: Mapping[str, bytes]) -> None:
    """Mark for the orders that hold, or did of late, which of *documents* are the first with them or their stop."""
    orders = takeovers.every(connection, at - _LOOKED_FOR)
    if not orders:
        return
    lasts = {name: _orders(tail) for name, tail in tails.items()}
    stopped = [order for order in orders if order.ends_at < order.until]
    found = list(documents)
    landings.begins(connection, ((o, one.screen, one.serial) for one in found for o in lasts[one.tail]))
    landings.ends(
        connection, ((o.id, one.screen, one.serial) for one in found for o in stopped if _knows(lasts[one.tail], o))
    )


def _knows(lasts: Mapping[str, datetime], order: Takeover) -> bool:
    return order.id not in lasts or lasts[order.id] <= order.ends_at


def _orders(tail: bytes) -> Mapping[str, datetime]:
    """Takeover → until when a tail shows it."""
    found: dict[str, datetime] = {}
    for program in _decoder.decode(tail).programs:
        if program.why.startswith(_WHY):
            name = program.why.removeprefix(_WHY)
            found[name] = max(program.until, found.get(name, program.until))
    return found
