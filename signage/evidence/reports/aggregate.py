"""Aggregates the plays of a campaign: sealed days by one DuckDB query, unsealed plays one by one."""

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
    """The number of plays with a verdict, and the times of the first and the last of them."""

    plays: int
    first_ms: int
    last_ms: int


@dataclass(slots=True)
class ProvenTotals:
    """Totals by item, local day and screen, and the verdicts.

    *archive_damage*: missing or altered archive files; their plays are not counted.
    """

    items: dict[str, PlayTotals] = field(default_factory=dict)
    days: dict[date, PlayTotals] = field(default_factory=dict)
    screens: dict[str, PlayTotals] = field(default_factory=dict)
    verdicts: dict[str, VerdictSpan] = field(default_factory=dict)
    archive_damage: list[ArchiveDamage] = field(default_factory=list)

    def add_plays(self, item: str, screen: str, day: date, totals: PlayTotals) -> None:
        """Add plays of an item on a screen and day."""
        self.items[item] = self.items.get(item, PlayTotals()) + totals
        self.days[day] = self.days.get(day, PlayTotals()) + totals
        self.screens[screen] = self.screens.get(screen, PlayTotals()) + totals

    def add_verdict(self, verdict: str, span: VerdictSpan) -> None:
        """Add plays with a verdict."""
        total = self.verdicts.get(verdict, span._replace(plays=0))
        self.verdicts[verdict] = VerdictSpan(
            total.plays + span.plays, min(total.first_ms, span.first_ms), max(total.last_ms, span.last_ms)
        )


def compute_proven_totals(
    connection: Connection, evidence: EvidenceContext, campaign: str, zone: ZoneInfo
) -> ProvenTotals:
    """Aggregate all plays of the campaign's items, at any time; days are those of *zone*."""
    totals = ProvenTotals()
    prefix = f"{campaign}/"
    for play in judge_unsealed_plays(connection, evidence, lambda item: item.startswith(prefix)):
        day = from_ms(play.corrected_ms).astimezone(zone).date()
        shown_ms = play.duration_ms if play.result in SHOWN_RESULTS else 0
        totals.add_plays(play.item, play.screen, day, PlayTotals(0, int(play.result == "completed"), 0, shown_ms))
        totals.add_verdict(play.verdict, VerdictSpan(1, play.corrected_ms, play.corrected_ms))
    if evidence.archive is not None:
        verified = VerifiedArchive(connection, evidence.archive)
        totals.archive_damage = verified.list_damaged(verified.list_days())
        days = verified.list_intact(verified.list_days())
        if days:
            first = min(day.started_from_ms for day in days)
            last = max(day.started_to_ms for day in days)
            paths = [evidence.archive.get_path(day.name) for day in days]
            _add_sealed_plays(format_parquet_sql(paths), prefix, format_offset_sql(zone, first, last), totals)
    return totals


def _add_sealed_plays(table_sql: str, prefix: str, offset_sql: str, totals: ProvenTotals) -> None:
    sums = (
        "count(*) AS plays, count(*) FILTER (result = 'completed') AS completed, "
        f"sum(CASE WHEN result IN {SHOWN_RESULTS!r} THEN duration_ms ELSE 0 END)::BIGINT AS ms"
    )
    after = prefix[:-1] + chr(ord(prefix[-1]) + 1)  # a range lets DuckDB skip whole row groups
    from_sql = f"FROM {table_sql} WHERE item >= {quote_sql(prefix)} AND item < {quote_sql(after)}"
    query = (
        f"WITH shown AS (SELECT item, (corrected_ms + {offset_sql}) // {_DAY_MS} AS day, verdict, {sums}, "  # noqa: S608
        "min(corrected_ms) AS first, max(corrected_ms) AS last "
        f"{from_sql} GROUP BY ALL) "
        "SELECT item, NULL, day, verdict, sum(plays)::BIGINT, sum(completed)::BIGINT, sum(ms)::BIGINT, "
        "min(first), max(last) FROM shown "
        "GROUP BY GROUPING SETS ((item), (day), (verdict)) "
        f"UNION ALL SELECT NULL, screen, NULL, NULL, {sums}, 0, 0 {from_sql} GROUP BY screen"
    )
    with open_duckdb() as duck:
        rows = duck.execute(query).fetchall()
    for item, screen, day, verdict, plays, completed, ms, first, last in rows:
        row_totals = PlayTotals(0, completed, 0, ms)
        if item is not None:
            totals.items[item] = totals.items.get(item, PlayTotals()) + row_totals
        elif screen is not None:
            totals.screens[screen] = totals.screens.get(screen, PlayTotals()) + row_totals
        elif day is not None:
            local_day = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)).date()
            totals.days[local_day] = totals.days.get(local_day, PlayTotals()) + row_totals
        else:
            totals.add_verdict(verdict, VerdictSpan(plays, first, last))


def format_offset_sql(zone: ZoneInfo, first_ms: int, last_ms: int) -> str:
    """Return SQL for the zone's UTC offset at ``corrected_ms``, in ms; exact between the two instants."""
    cases = []
    changes = _list_offset_changes(zone, first_ms, last_ms)
    for until, offset in changes[:-1]:
        cases.append(f"WHEN corrected_ms < {until} THEN {offset} ")
    return f"(CASE {''.join(cases)}ELSE {changes[-1][1]} END)" if cases else str(changes[-1][1])


def _list_offset_changes(zone: ZoneInfo, first_ms: int, last_ms: int) -> Sequence[tuple[int, int]]:
    """List (until, offset) of each interval with one offset."""
    changes: list[tuple[int, int]] = []
    at, offset = first_ms, _get_offset_ms(zone, first_ms)
    while at < last_ms:
        after = min(at + 7 * _DAY_MS, last_ms)
        if _get_offset_ms(zone, after) != offset:
            low, high = at, after
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if _get_offset_ms(zone, middle) == offset else (low, middle)
            changes.append((high, offset))
            at, offset = high, _get_offset_ms(zone, high)
        else:
            at = after
    return [*changes, (last_ms, offset)]


def _get_offset_ms(zone: ZoneInfo, ms: int) -> int:
    offset = from_ms(ms).astimezone(zone).utcoffset()
    return 0 if offset is None else offset // timedelta(milliseconds=1)
