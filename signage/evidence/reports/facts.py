"""What a report says, as values: the same for every format."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

HEADS = (
    "条目 item",
    "标语或标题 text or title",
    "计划次数 planned plays",
    "实际次数 proven plays",
    "计划秒数 planned seconds",
    "实际秒数 proven seconds",
)
"""The heads of the table per item, in every format."""

TOTAL = "合计 total"


@dataclass(frozen=True, slots=True)
class Sum:
    """Plays planned and proven, and their time. A proven play is ``completed``; time counts what was shown of all."""

    planned: int = 0
    proven: int = 0
    planned_ms: int = 0
    proven_ms: int = 0

    def __add__(self, other: "Sum") -> "Sum":
        return Sum(
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
class Row:
    """An item of the campaign."""

    item: str
    text: str
    sum: Sum
    picture: Path | None = None


@dataclass(frozen=True, slots=True)
class Channel:
    """A kind of screen: how many the campaign names, how many proved a play."""

    kind: str
    screens: int
    heard: int
    sum: Sum


@dataclass(frozen=True, slots=True)
class Happening:
    """An exception or an incident, with its time where it has one."""

    what: str
    count: int = 1
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Signed:
    """The checkpoint that the report prints: anyone can hold a later bundle against it."""

    origin: str
    size: int
    root: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A campaign's summary. *from_*, *until*: its window; *through*: up to where it counts (now, or the end)."""

    campaign: str
    title: str
    theme: str
    unit: str
    zone: ZoneInfo
    from_: datetime
    until: datetime
    through: datetime
    made_at: datetime
    due: datetime | None
    rows: Sequence[Row]
    days: Sequence[tuple[date, Sum]]
    channels: Sequence[Channel]
    screens: Sequence[tuple[str, Sum]]
    verdicts: Mapping[str, int]
    gaps: Mapping[str, int]
    people: Sequence[tuple[str, str]]
    happenings: Sequence[Happening]
    signed: Signed
    units: Sequence[str] = field(default=())

    @property
    def total(self) -> Sum:
        """Of all items."""
        return sum((row.sum for row in self.rows), Sum())

    @property
    def empty(self) -> bool:
        """Whether nothing was planned and nothing was shown in the period."""
        return self.total == Sum()

    def table(self) -> list[tuple[str, str, int, int, int | float, int | float]]:
        """The table per item, the total last: the same cells in every format."""
        rows = [(row.item, row.text, *numbers(row.sum)) for row in self.rows]
        return [*rows, (TOTAL, "", *numbers(self.total))]


def numbers(one: Sum) -> tuple[int, int, int | float, int | float]:
    """The four figures of a row."""
    return one.planned, one.proven, seconds(one.planned_ms), seconds(one.proven_ms)


def seconds(ms: int) -> int | float:
    """Seconds, whole where they are."""
    return ms // 1000 if ms % 1000 == 0 else ms / 1000
