"""The content of a campaign report as values, the same for every format."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from signage.evidence.archive_integrity import ArchiveDamage

ITEM_HEADERS = (
    "条目 item",
    "标语或标题 text or title",
    "计划次数 planned plays",
    "实际次数 proven plays",
    "计划秒数 planned seconds",
    "实际秒数 proven seconds",
)
"""Headers of the table per item, in every format."""

TOTAL_LABEL = "合计 total"


@dataclass(frozen=True, slots=True)
class PlayTotals:
    """Planned and proven plays and their time. A proven play is ``completed``; proven time includes cut plays."""

    planned: int = 0
    proven: int = 0
    planned_ms: int = 0
    proven_ms: int = 0

    def __add__(self, other: "PlayTotals") -> "PlayTotals":
        return PlayTotals(
            self.planned + other.planned,
            self.proven + other.proven,
            self.planned_ms + other.planned_ms,
            self.proven_ms + other.proven_ms,
        )

    @property
    def rate(self) -> float | None:
        """Proven time divided by planned time; None without planned time."""
        return self.proven_ms / self.planned_ms if self.planned_ms else None


@dataclass(frozen=True, slots=True)
class ReportItem:
    """The row of an item."""

    item: str
    text: str
    totals: PlayTotals
    picture: Path | None = None


@dataclass(frozen=True, slots=True)
class ReportScreenGroup:
    """The screens of a kind (channel) or unit: how many the campaign targets, and how many have proven plays."""

    name: str
    screen_count: int
    proven_screen_count: int
    totals: PlayTotals


@dataclass(frozen=True, slots=True)
class VerdictTotals:
    """The plays with a verdict: their number, and the times of the first and the last."""

    verdict: str
    plays: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class MissingPlays:
    """Missing sequence numbers *first* to *last* of a screen. *last_received_at*: the last receipt of their run.

    *is_dated*: whether neighbouring plays date them; otherwise they may be older than the campaign.
    """

    screen: str
    run: str
    first: int
    last: int
    why: str
    last_received_at: datetime
    is_dated: bool = True

    @property
    def count(self) -> int:
        """The number of missing plays."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class ReportIncident:
    """An incident on the campaign's screens. *description*: as reported by a person; *steps*: (step, time)."""

    number: int
    kind: str
    screen: str | None
    description: str
    facts: Mapping[str, Any]
    raised_at: datetime
    steps: Sequence[tuple[str, datetime]]

    def get_step_time(self, step: str) -> datetime | None:
        """Return the time of a step; None where it was not taken."""
        return next((at for name, at in self.steps if name == step), None)


@dataclass(frozen=True, slots=True)
class ReportTakeoverEvent:
    """A takeover that was started or stopped while the campaign ran."""

    verb: str
    takeover_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ReportCheckpoint:
    """The checkpoint printed in the report, to compare later bundles with."""

    origin: str
    size: int
    root: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CampaignReport:
    """A campaign's report. *from_*, *until*: its window; *counted_until*: now, or its end.

    *counted_from*: the earliest instant from which planned plays count on a screen (None: on none). *days*: those of
    the window, in *zone*; *outside_days*: what was shown on other days. *archive_damage*: sealed files that are missing
    or were changed; nothing in them is counted. *doubled_screens*: screens for which two players sent plays at once.
    """

    campaign: str
    title: str
    theme: str
    unit: str
    zone: ZoneInfo
    from_: datetime
    until: datetime
    counted_until: datetime
    made_at: datetime
    due_at: datetime | None
    items: Sequence[ReportItem]
    days: Sequence[tuple[date, PlayTotals]]
    channels: Sequence[ReportScreenGroup]
    units: Sequence[ReportScreenGroup]
    screens: Sequence[tuple[str, PlayTotals]]
    verdict_totals: Sequence[VerdictTotals]
    missing_plays: Sequence[MissingPlays]
    actors: Sequence[tuple[str, str]]
    incidents: Sequence[ReportIncident]
    takeover_events: Sequence[ReportTakeoverEvent]
    checkpoint: ReportCheckpoint
    archive_damage: Sequence[ArchiveDamage] = ()
    doubled_screens: Sequence[str] = ()
    counted_from: datetime | None = None
    outside_days: PlayTotals = field(default_factory=PlayTotals)

    @property
    def total(self) -> PlayTotals:
        """Totals of all items."""
        return sum((row.totals for row in self.items), PlayTotals())

    @property
    def screen_counts(self) -> tuple[int, int]:
        """The numbers of targeted screens and of screens with proven plays."""
        channels = self.channels
        return sum(c.screen_count for c in channels), sum(c.proven_screen_count for c in channels)

    @property
    def verdict_counts(self) -> dict[str, int]:
        """The number of plays by verdict."""
        return {totals.verdict: totals.plays for totals in self.verdict_totals}

    @property
    def missing_counts(self) -> dict[str, int]:
        """The number of missing plays by reason."""
        counts: dict[str, int] = {}
        for missing in self.missing_plays:
            counts[missing.why] = counts.get(missing.why, 0) + missing.count
        return counts

    @property
    def unproven_screens(self) -> list[str]:
        """The screens with planned plays and no proven time."""
        return [name for name, totals in self.screens if totals.planned and not totals.proven_ms]

    @property
    def is_empty(self) -> bool:
        """Whether nothing was planned and nothing was shown."""
        return self.total == PlayTotals()

    def list_item_rows(self) -> list[tuple[str, str, int, int, int | float, int | float]]:
        """List the rows of the table per item, the total last; the cells are the same in every format."""
        rows = [(row.item, row.text, *list_figures(row.totals)) for row in self.items]
        return [*rows, (TOTAL_LABEL, "", *list_figures(self.total))]


def list_figures(totals: PlayTotals) -> tuple[int, int, int | float, int | float]:
    """Return the four figures of a row: plays and seconds, planned and proven."""
    return totals.planned, totals.proven, to_seconds(totals.planned_ms), to_seconds(totals.proven_ms)


def to_seconds(ms: int) -> int | float:
    """Return seconds, an int where they are whole."""
    return ms // 1000 if ms % 1000 == 0 else ms / 1000
