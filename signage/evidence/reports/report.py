"""What a report says, as values: the same for every format."""

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
"""The heads of the table per item, in every format."""

TOTAL_LABEL = "合计 total"


@dataclass(frozen=True, slots=True)
class PlayTotals:
    """Plays planned and proven, and their time. A proven play is ``completed``; time counts what was shown of all."""

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
        """Proven time as a part of planned time; None where nothing was planned."""
        return self.proven_ms / self.planned_ms if self.planned_ms else None


@dataclass(frozen=True, slots=True)
class ReportItem:
    """An item of the campaign."""

    item: str
    text: str
    totals: PlayTotals
    picture: Path | None = None


@dataclass(frozen=True, slots=True)
class ReportScreenGroup:
    """The screens of a kind (a channel), or of a unit: how many the campaign names, how many proved a play."""

    name: str
    screen_count: int
    proven_screen_count: int
    totals: PlayTotals


@dataclass(frozen=True, slots=True)
class VerdictTotals:
    """What plays were found to be when they were judged: how many, the first and the last of them."""

    verdict: str
    plays: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class MissingPlays:
    """Numbers of a screen of which there is no play, both ends in it. *near*: when its run was heard of last.

    *dated*: whether the plays around them tell when they were; else they may be older than the campaign.
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
        """How many."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class ReportIncident:
    """An incident on the campaign's screens. *what*: as a person told it; *steps*: each with its time."""

    number: int
    kind: str
    screen: str | None
    description: str
    facts: Mapping[str, Any]
    raised_at: datetime
    steps: Sequence[tuple[str, datetime]]

    def get_step_time(self, step: str) -> datetime | None:
        """When that step was taken; None where it was not."""
        return next((at for name, at in self.steps if name == step), None)


@dataclass(frozen=True, slots=True)
class ReportTakeoverEvent:
    """A takeover that was started or stopped while the campaign ran."""

    verb: str
    takeover_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ReportCheckpoint:
    """The checkpoint that the report prints: anyone can hold a later bundle against it."""

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
        """Of all items."""
        return sum((row.totals for row in self.items), PlayTotals())

    @property
    def screen_counts(self) -> tuple[int, int]:
        """How many screens the campaign names, and how many proved a play."""
        return sum(one.screen_count for one in self.channels), sum(one.proven_screen_count for one in self.channels)

    @property
    def verdict_counts(self) -> dict[str, int]:
        """How many plays were found to be what."""
        return {one.verdict: one.plays for one in self.verdict_totals}

    @property
    def missing_counts(self) -> dict[str, int]:
        """How many plays there are not, by why."""
        sums: dict[str, int] = {}
        for one in self.missing_plays:
            sums[one.why] = sums.get(one.why, 0) + one.count
        return sums

    @property
    def unproven_screens(self) -> list[str]:
        """The screens that should have shown something and proved nothing."""
        return [name for name, one in self.screens if one.planned and not one.proven_ms]

    @property
    def is_empty(self) -> bool:
        """Whether nothing was planned and nothing was shown in the period."""
        return self.total == PlayTotals()

    def list_item_rows(self) -> list[tuple[str, str, int, int, int | float, int | float]]:
        """The table per item, the total last: the same cells in every format."""
        rows = [(row.item, row.text, *list_figures(row.totals)) for row in self.items]
        return [*rows, (TOTAL_LABEL, "", *list_figures(self.total))]


def list_figures(one: PlayTotals) -> tuple[int, int, int | float, int | float]:
    """The four figures of a row."""
    return one.planned, one.proven, to_seconds(one.planned_ms), to_seconds(one.proven_ms)


def to_seconds(ms: int) -> int | float:
    """Seconds, whole where they are."""
    return ms // 1000 if ms % 1000 == 0 else ms / 1000
