"""What was shown of a campaign, added up: sealed days by one question to DuckDB, the rest play by play."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from signage.evidence.archive_files import format_parquet_sql, open_duckdb, quote_sql
from signage.evidence.archive_integrity import ArchiveDamage, VerifiedArchive
from signage.evidence.judged_plays import EvidenceContext, judge_unsealed_plays
from signage.evidence.reports.report import PlayTotals
from signage.protocol.epoch import from_ms
from signage.protocol.plays import SHOWN_RESULTS
from signage.store.engine import Connection

_DAY_MS = 86_400_000


class VerdictSpan(NamedTuple):
    """How many plays got a verdict, and when the first and the last of them were."""

    plays: int
    first_ms: int
    last_ms: int


@dataclass(slots=True)
class ProvenTotals:
    """Sums by item, local day and screen, and how many plays were found to be what.

    *unfit*: files of the archive that are not those that were sealed; nothing in them is counted.
    """

    items: dict[str, PlayTotals] = field(default_factory=dict)
    days: dict[date, PlayTotals] = field(default_factory=dict)
    screens: dict[str, PlayTotals] = field(default_factory=dict)
    verdicts: dict[str, VerdictSpan] = field(default_factory=dict)
    archive_damage: list[ArchiveDamage] = field(default_factory=list)

    def add_plays(self, item: str, screen: str, day: date, one: PlayTotals) -> None:
        """Count plays in."""
        self.items[item] = self.items.get(item, PlayTotals()) + one
        self.days[day] = self.days.get(day, PlayTotals()) + one
        self.screens[screen] = self.screens.get(screen, PlayTotals()) + one

    def add_verdict(self, verdict: str, one: VerdictSpan) -> None:
        """Count plays of a verdict in."""
        known = self.verdicts.get(verdict, one._replace(plays=0))
        self.verdicts[verdict] = VerdictSpan(
            known.plays + one.plays, min(known.first_ms, one.first_ms), max(known.last_ms, one.last_ms)
        )


def compute_proven_totals(
    connection: Connection, evidence: EvidenceContext, campaign: str, zone: ZoneInfo
) -> ProvenTotals:
    """All plays of the campaign's items, whenever they were."""
    found = ProvenTotals()
    prefix = f"{campaign}/"
    for proof in judge_unsealed_plays(connection, evidence, lambda item: item.startswith(prefix)):
        day = from_ms(proof.corrected_ms).astimezone(zone).date()
        shown = proof.duration_ms if proof.result in SHOWN_RESULTS else 0
        found.add_plays(proof.item, proof.screen, day, PlayTotals(0, int(proof.result == "completed"), 0, shown))
        found.add_verdict(proof.verdict, VerdictSpan(1, proof.corrected_ms, proof.corrected_ms))
    if evidence.archive is not None:
        kept = VerifiedArchive(connection, evidence.archive)
        found.archive_damage = kept.list_damaged(kept.list_days())
        days = kept.list_intact(kept.list_days())
        if days:
            first = min(day.started_from_ms for day in days)
            last = max(day.started_to_ms for day in days)
            paths = [evidence.archive.get_path(day.name) for day in days]
            _add_sealed_plays(format_parquet_sql(paths), prefix, format_offset_sql(zone, first, last), found)
    return found


def _add_sealed_plays(reader: str, prefix: str, offset: str, found: ProvenTotals) -> None:
    sums = (
        "count(*) AS plays, count(*) FILTER (result = 'completed') AS completed, "
        f"sum(CASE WHEN result IN {SHOWN_RESULTS!r} THEN duration_ms ELSE 0 END)::BIGINT AS ms"
    )
    after = prefix[:-1] + chr(ord(prefix[-1]) + 1)  # a range lets whole row groups be passed over
    ours = f"FROM {reader} WHERE item >= {quote_sql(prefix)} AND item < {quote_sql(after)}"
    query = (
        f"WITH shown AS (SELECT item, (corrected_ms + {offset}) // {_DAY_MS} AS day, verdict, {sums}, "  # noqa: S608
        "min(corrected_ms) AS first, max(corrected_ms) AS last "
        f"{ours} GROUP BY ALL) "
        "SELECT item, NULL, day, verdict, sum(plays)::BIGINT, sum(completed)::BIGINT, sum(ms)::BIGINT, "
        "min(first), max(last) FROM shown "
        "GROUP BY GROUPING SETS ((item), (day), (verdict)) "
        f"UNION ALL SELECT NULL, screen, NULL, NULL, {sums}, 0, 0 {ours} GROUP BY screen"
    )
    with open_duckdb() as duck:
        rows = duck.execute(query).fetchall()
    for item, screen, day, verdict, plays, completed, ms, first, last in rows:
        one = PlayTotals(0, completed, 0, ms)
        if item is not None:
            found.items[item] = found.items.get(item, PlayTotals()) + one
        elif screen is not None:
            found.screens[screen] = found.screens.get(screen, PlayTotals()) + one
        elif day is not None:
            local = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)).date()
            found.days[local] = found.days.get(local, PlayTotals()) + one
        else:
            found.add_verdict(verdict, VerdictSpan(plays, first, last))


def format_offset_sql(zone: ZoneInfo, first_ms: int, last_ms: int) -> str:
    """The zone's offset from UTC at ``corrected_ms``, in ms, as SQL; exact between the two instants."""
    cases = []
    changes = _list_offset_changes(zone, first_ms, last_ms)
    for until, offset in changes[:-1]:
        cases.append(f"WHEN corrected_ms < {until} THEN {offset} ")
    return f"(CASE {''.join(cases)}ELSE {changes[-1][1]} END)" if cases else str(changes[-1][1])


def _list_offset_changes(zone: ZoneInfo, first_ms: int, last_ms: int) -> Sequence[tuple[int, int]]:
    """(until, offset) of each stretch with one offset."""
    found: list[tuple[int, int]] = []
    at, offset = first_ms, _get_offset_ms(zone, first_ms)
    while at < last_ms:
        after = min(at + 7 * _DAY_MS, last_ms)
        if _get_offset_ms(zone, after) != offset:
            low, high = at, after
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if _get_offset_ms(zone, middle) == offset else (low, middle)
            found.append((high, offset))
            at, offset = high, _get_offset_ms(zone, high)
        else:
            at = after
    return [*found, (last_ms, offset)]


def _get_offset_ms(zone: ZoneInfo, ms: int) -> int:
    offset = from_ms(ms).astimezone(zone).utcoffset()
    return 0 if offset is None else offset // timedelta(milliseconds=1)
