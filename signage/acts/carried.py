"""Which documents carry a takeover: read from what was published, never guessed from the time.

1. A document carries an order where a program of it is that order's.
2. It knows the end of the order where no program of that order lasts beyond it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from signage.model.takeover import Takeover
from signage.store import landings, playlists
from signage.store.engine import Connection

_ROUND = timedelta(minutes=2)
"""A round of publishing that began this long before an order was given may have read it still."""
_MOST_KEPT = 8192
_WHY = "takeover: "
_kept: dict[str, Mapping[str, datetime]] = {}


class _Program(Struct, frozen=True):
    until: datetime
    why: str


class _Tail(Struct, frozen=True):
    programs: tuple[_Program, ...]


_decoder = msgspec.json.Decoder(_Tail)


@dataclass(frozen=True, slots=True)
class Carried:
    """*with_*: the tails that carry an order, *over*: those that know its end; published from *number*, *after* on."""

    order: Takeover
    number: int
    with_: tuple[str, ...]
    after: int
    over: tuple[str, ...]

    @property
    def stopped(self) -> bool:
        """Whether it ended before the end that was ordered, so that screens must be told."""
        return self.order.ends_at < self.order.until

    def begins(self, connection: Connection) -> dict[str, int]:
        """Screen → the serial of its first document with the order."""
        found: dict[str, int] = {}
        for screen, serial in landings.serials(connection, self.order.id, self.number, self.with_):
            found.setdefault(screen, serial)
        return found

    def ends(self, connection: Connection, begins: Mapping[str, int]) -> dict[str, int]:
        """Screen → the serial of its first document that knows the end."""
        if not self.stopped:
            return dict(begins)
        found: dict[str, int] = {}
        for screen, serial in landings.serials(connection, self.order.id, self.after, self.over):
            if serial > begins.get(screen, serial):
                found.setdefault(screen, serial)
        return found


def carried(connection: Connection, order: Takeover) -> Carried:
    """Where *order* stands in what was published."""
    number = landings.number_at(connection, order.from_ - _ROUND)
    after = max(number, landings.number_at(connection, order.ends_at - _ROUND))
    lasts = {t: _orders(connection, t).get(order.id) for t in landings.tails_since(connection, number)}
    with_ = tuple(tail for tail, until in lasts.items() if until is not None)
    over = tuple(tail for tail, until in lasts.items() if until is None or until <= order.ends_at)
    return Carried(order, number, with_, after, over)


def _orders(connection: Connection, tail: str) -> Mapping[str, datetime]:
    """Takeover → until when a tail shows it. Tails are named by what they hold: read once."""
    if tail not in _kept:
        if len(_kept) >= _MOST_KEPT:
            _kept.clear()
        found: dict[str, datetime] = {}
        for program in _decoder.decode(playlists.tail(connection, tail) or b'{"programs":[]}').programs:
            if program.why.startswith(_WHY):
                name = program.why.removeprefix(_WHY)
                found[name] = max(program.until, found.get(name, program.until))
        _kept[tail] = found
    return _kept[tail]
