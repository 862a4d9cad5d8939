"""What was shown of a campaign, added up: sealed days by one question to DuckDB, the rest play by play."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from signage.evidence.archive_files import connect, quoted
from signage.evidence.archive_integrity import Kept, Unfit
from signage.evidence.judged_plays import Evidence, hot
from signage.evidence.reports.report import Sum
from signage.store.column_types import from_ms
from signage.store.engine import Connection

_DAY_MS = 86_400_000


class Judged(NamedTuple):
    """How many plays got a verdict, and when the first and the last of them were."""

    plays: int
    first_ms: int
    last_ms: int


@dataclass(slots=True)
class Proven:
    """Sums by item, local day and screen, and how many plays were found to be what.

    *unfit*: files of the archive that are not those that were sealed; nothing in them is counted.
    """

    items: dict[str, Sum] = field(default_factory=dict)
    days: dict[date, Sum] = field(default_factory=dict)
    screens: dict[str, Sum] = field(default_factory=dict)
    verdicts: dict[str, Judged] = field(default_factory=dict)
    unfit: list[Unfit] = field(default_factory=list)

    def add(self, item: str, screen: str, day: date, one: Sum) -> None:
        """Count plays in."""
        self.items[item] = self.items.get(item, Sum()) + one
        self.days[day] = self.days.get(day, Sum()) + one
        self.screens[screen] = self.screens.get(screen, Sum()) + one

    def judged(self, verdict: str, one: Judged) -> None:
        """Count plays of a verdict in."""
        known = self.verdicts.get(verdict, one._replace(plays=0))
        self.verdicts[verdict] = Judged(
            known.plays + one.plays, min(known.first_ms, one.first_ms), max(known.last_ms, one.last_ms)
        )


def proven(connection: Connection, evidence: Evidence, campaign: str, zone: ZoneInfo) -> Proven:
    """All plays of the campaign's items, whenever they were."""
    found = Proven()
    prefix = f"{campaign}/"
    for proof in hot(connection, evidence, lambda item: item.startswith(prefix)):
        day = from_ms(proof.corrected_ms).astimezone(zone).date()
        shown = proof.duration_ms if proof.result in ("completed", "cut") else 0
        found.add(proof.item, proof.screen, day, Sum(0, int(proof.result == "completed"), 0, shown))
        found.judged(proof.verdict, Judged(1, proof.corrected_ms, proof.corrected_ms))
    if evidence.archive is not None:
        kept = Kept(connection, evidence.archive)
        found.unfit = kept.unfit(kept.days())
        days = kept.sound(kept.days())
        if days:
            first = min(day.started_from_ms for day in days)
            last = max(day.started_to_ms for day in days)
            paths = [evidence.archive.path(day.name) for day in days]
            _sealed(evidence.archive.reader(paths), prefix, offset_sql(zone, first, last), found)
    return found


def _sealed(reader: str, prefix: str, offset: str, found: Proven) -> None:
    sums = (
        "count(*) AS plays, count(*) FILTER (result = 'completed') AS completed, "
        "sum(CASE WHEN result IN ('completed', 'cut') THEN duration_ms ELSE 0 END)::BIGINT AS ms"
    )
    after = prefix[:-1] + chr(ord(prefix[-1]) + 1)  # a range lets whole row groups be passed over
    ours = f"FROM {reader} WHERE item >= {quoted(prefix)} AND item < {quoted(after)}"
    query = (
        f"WITH shown AS (SELECT item, (corrected_ms + {offset}) // {_DAY_MS} AS day, verdict, {sums}, "  # noqa: S608
        "min(corrected_ms) AS first, max(corrected_ms) AS last "
        f"{ours} GROUP BY ALL) "
        "SELECT item, NULL, day, verdict, sum(plays)::BIGINT, sum(completed)::BIGINT, sum(ms)::BIGINT, "
        "min(first), max(last) FROM shown "
        "GROUP BY GROUPING SETS ((item), (day), (verdict)) "
        f"UNION ALL SELECT NULL, screen, NULL, NULL, {sums}, 0, 0 {ours} GROUP BY screen"
    )
    with connect() as duck:
        rows = duck.execute(query).fetchall()
    for item, screen, day, verdict, plays, completed, ms, first, last in rows:
        one = Sum(0, completed, 0, ms)
        if item is not None:
            found.items[item] = found.items.get(item, Sum()) + one
        elif screen is not None:
            found.screens[screen] = found.screens.get(screen, Sum()) + one
        elif day is not None:
            local = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)).date()
            found.days[local] = found.days.get(local, Sum()) + one
        else:
            found.judged(verdict, Judged(plays, first, last))


def offset_sql(zone: ZoneInfo, first_ms: int, last_ms: int) -> str:
    """The zone's offset from UTC at ``corrected_ms``, in ms, as SQL; exact between the two instants."""
    cases = []
    changes = _changes(zone, first_ms, last_ms)
    for until, offset in changes[:-1]:
        cases.append(f"WHEN corrected_ms < {until} THEN {offset} ")
    return f"(CASE {''.join(cases)}ELSE {changes[-1][1]} END)" if cases else str(changes[-1][1])


def _changes(zone: ZoneInfo, first_ms: int, last_ms: int) -> Sequence[tuple[int, int]]:
    """(until, offset) of each stretch with one offset."""
    found: list[tuple[int, int]] = []
    at, offset = first_ms, _offset(zone, first_ms)
    while at < last_ms:
        after = min(at + 7 * _DAY_MS, last_ms)
        if _offset(zone, after) != offset:
            low, high = at, after
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if _offset(zone, middle) == offset else (low, middle)
            found.append((high, offset))
            at, offset = high, _offset(zone, high)
        else:
            at = after
    return [*found, (last_ms, offset)]


def _offset(zone: ZoneInfo, ms: int) -> int:
    offset = from_ms(ms).astimezone(zone).utcoffset()
    return 0 if offset is None else offset // timedelta(milliseconds=1)
