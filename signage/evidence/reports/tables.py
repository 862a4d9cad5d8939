"""The tables of a report, the same in every format."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from signage.evidence.reports.report import ITEM_HEADERS, CampaignReport, PlayTotals, ReportScreenGroup, list_figures
from signage.evidence.reports.text import ReportText

MAX_GAPS, MAX_INCIDENTS, MAX_DAYS = 40, 60, 62


@dataclass(frozen=True, slots=True)
class Percentage:
    """A part of a whole, shown in percent."""

    rate: float | None
    text: str


Cell = str | int | float | Percentage


@dataclass(frozen=True, slots=True)
class ReportTable:
    """*name*: a word of ``LABELS``; *widths* in cm, of a page with 16; *total*: its last row is one."""

    name: str
    headers: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    widths: Sequence[float]
    has_total: bool = False


def build_tables(report: CampaignReport, say: ReportText) -> list[ReportTable]:
    """All that have rows, the table per item first."""
    items = ReportTable("items", ITEM_HEADERS, report.list_item_rows(), (3.6, 3.7, 2.0, 2.0, 2.3, 2.3), has_total=True)
    if report.is_empty:
        return [items]
    made = (
        items,
        _build_reach_table(report, say),
        _build_group_table("channels", [(say.format_screen_kind(one.name), one) for one in report.channels], say),
        _build_group_table("units", [(one.name or say.labels["no-unit"], one) for one in report.units], say),
        ReportTable(
            "days",
            (say.day_header, *say.totals_headers),
            [(day, *_format_totals(totals, say)) for day, totals in _list_days(report, say)],
            (3.0, 2.6, 2.6, 2.8, 2.8, 2.2),
        ),
        _build_verdict_table(report, say),
        _build_gap_table(report, say),
        _build_incident_table(report, say),
    )
    return [one for one in made if one.rows]


def build_screen_table(report: CampaignReport, say: ReportText) -> ReportTable:
    """A row a screen: for the workbook, which has room."""
    rows = [(name, *_format_totals(one, say)) for name, one in report.screens]
    return ReportTable("screens", (say.screen_header, *say.totals_headers), rows, (4.0, 2.4, 2.4, 2.6, 2.6, 2.0))


def _list_days(report: CampaignReport, say: ReportText) -> Iterator[tuple[str, PlayTotals]]:
    for day, totals in report.days[-MAX_DAYS:]:
        yield day.isoformat(), totals
    if report.outside_days != PlayTotals():
        yield say.outside_label, report.outside_days


def _build_reach_table(report: CampaignReport, say: ReportText) -> ReportTable:
    named, heard = report.screen_counts
    total = report.total
    hours = [round(ms / 3_600_000, 1) for ms in (total.planned_ms, total.proven_ms)]
    shown = sum(1 for _, one in report.days if one.proven_ms)
    return ReportTable("reach", say.reach_headers, [(named, heard, *hours, shown)], (3.2,) * 5)


def _build_group_table(name: str, groups: Sequence[tuple[str, ReportScreenGroup]], say: ReportText) -> ReportTable:
    rows = [(text, one.screen_count, one.proven_screen_count, *_format_totals(one.totals, say)) for text, one in groups]
    heads = (say.group_headers[name], *say.screen_count_headers, *say.totals_headers)
    return ReportTable(name, heads, rows, (3.0, 1.7, 1.5, 1.9, 1.9, 2.2, 2.2, 1.6))


def _build_verdict_table(report: CampaignReport, say: ReportText) -> ReportTable:
    rows = [
        (
            say.verdict_labels.get(one.verdict, one.verdict),
            one.plays,
            say.format_short_time(one.first, report),
            say.format_short_time(one.last, report),
        )
        for one in report.verdict_totals
    ]
    return ReportTable("found", say.verdict_headers, rows, (6.4, 2.8, 3.4, 3.4))


def _build_gap_table(report: CampaignReport, say: ReportText) -> ReportTable:
    rows = [
        (
            one.screen,
            str(one.first) if one.first == one.last else f"{one.first}–{one.last}",
            one.count,
            say.gap_labels[one.why] + ("" if one.is_dated else say.undated_note),
            say.format_short_time(one.last_received_at, report),
        )
        for one in report.missing_plays[:MAX_GAPS]
    ]
    return ReportTable("gaps", say.gap_headers, rows, (4.0, 3.6, 1.8, 3.6, 3.0))


def _build_incident_table(report: CampaignReport, say: ReportText) -> ReportTable:
    def rows() -> Iterator[tuple[Cell, ...]]:
        for one in report.incidents[:MAX_INCIDENTS]:
            steps = [one.get_step_time(step) for step in ("dispatched", "handled", "answered")]
            taken = [say.labels["none"] if at is None else say.format_short_time(at, report) for at in steps]
            screen = one.screen or say.labels["none"]
            yield one.number, say.format_short_time(one.raised_at, report), screen, say.format_incident(one), *taken

    return ReportTable("troubles", say.incident_headers, list(rows()), (1.1, 2.0, 2.4, 3.7, 2.4, 2.1, 2.3))


def _format_totals(one: PlayTotals, say: ReportText) -> tuple[Cell, ...]:
    return (*list_figures(one), Percentage(one.rate, say.format_percent(one)))
