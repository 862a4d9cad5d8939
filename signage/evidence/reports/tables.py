"""The tables of a report, the same in every format."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from signage.evidence.reports.report import HEADS, Group, Report, Sum, numbers
from signage.evidence.reports.text import Wording

MOST_GAPS, MOST_TROUBLES, MOST_DAYS = 40, 60, 62


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a whole, shown in percent."""

    rate: float | None
    text: str


Cell = str | int | float | Part


@dataclass(frozen=True, slots=True)
class Table:
    """*name*: a word of ``LABELS``; *widths* in cm, of a page with 16; *total*: its last row is one."""

    name: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    widths: Sequence[float]
    total: bool = False


def tables(report: Report, say: Wording) -> list[Table]:
    """All that have rows, the table per item first."""
    items = Table("items", HEADS, report.table(), (3.6, 3.7, 2.0, 2.0, 2.3, 2.3), total=True)
    if report.empty:
        return [items]
    made = (
        items,
        _reach(report, say),
        _groups("channels", [(say.kind(one.name), one) for one in report.channels], say),
        _groups("units", [(one.name or say.LABELS["no-unit"], one) for one in report.units], say),
        Table(
            "days",
            (say.DAY, *say.SUMS),
            [(day.isoformat(), *_sum(one, say)) for day, one in report.days[-MOST_DAYS:]],
            (3.0, 2.6, 2.6, 2.8, 2.8, 2.2),
        ),
        _found(report, say),
        _gaps(report, say),
        _troubles(report, say),
    )
    return [one for one in made if one.rows]


def screens(report: Report, say: Wording) -> Table:
    """A row a screen: for the workbook, which has room."""
    rows = [(name, *_sum(one, say)) for name, one in report.screens]
    return Table("screens", (say.SCREEN, *say.SUMS), rows, (4.0, 2.4, 2.4, 2.6, 2.6, 2.0))


def _reach(report: Report, say: Wording) -> Table:
    named, heard = report.reach
    total = report.total
    hours = [round(ms / 3_600_000, 1) for ms in (total.planned_ms, total.proven_ms)]
    shown = sum(1 for _, one in report.days if one.proven_ms)
    return Table("reach", say.REACH, [(named, heard, *hours, shown)], (3.2,) * 5)


def _groups(name: str, groups: Sequence[tuple[str, Group]], say: Wording) -> Table:
    rows = [(text, one.screens, one.heard, *_sum(one.sum, say)) for text, one in groups]
    heads = (say.GROUPS[name], *say.SCREENS, *say.SUMS)
    return Table(name, heads, rows, (3.0, 1.7, 1.5, 1.9, 1.9, 2.2, 2.2, 1.6))


def _found(report: Report, say: Wording) -> Table:
    rows = [
        (
            say.VERDICTS.get(one.verdict, one.verdict),
            one.plays,
            say.clock(one.first, report),
            say.clock(one.last, report),
        )
        for one in report.found
    ]
    return Table("found", say.FOUND, rows, (6.4, 2.8, 3.4, 3.4))


def _gaps(report: Report, say: Wording) -> Table:
    rows = [
        (
            one.screen,
            str(one.first) if one.first == one.last else f"{one.first}–{one.last}",
            one.plays,
            say.GAPS[one.why] + ("" if one.dated else say.UNDATED),
            say.clock(one.near, report),
        )
        for one in report.gaps[:MOST_GAPS]
    ]
    return Table("gaps", say.MISSING, rows, (4.0, 3.6, 1.8, 3.6, 3.0))


def _troubles(report: Report, say: Wording) -> Table:
    def rows() -> Iterator[tuple[Cell, ...]]:
        for one in report.troubles[:MOST_TROUBLES]:
            steps = [one.at(step) for step in ("dispatched", "handled", "answered")]
            taken = [say.LABELS["none"] if at is None else say.clock(at, report) for at in steps]
            screen = one.screen or say.LABELS["none"]
            yield one.number, say.clock(one.raised_at, report), screen, say.trouble(one), *taken

    return Table("troubles", say.TROUBLES, list(rows()), (1.1, 2.0, 2.4, 3.7, 2.4, 2.1, 2.3))


def _sum(one: Sum, say: Wording) -> tuple[Cell, ...]:
    return (*numbers(one), Part(one.rate, say.percent(one)))
