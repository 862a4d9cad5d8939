"""Builds the tables of a report, the same in every format."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from signage.evidence.reports.report import ITEM_HEADERS, CampaignReport, PlayTotals, ReportScreenGroup, list_figures
from signage.evidence.reports.text import ReportText

MAX_GAPS, MAX_INCIDENTS, MAX_DAYS = 40, 60, 62


@dataclass(frozen=True, slots=True)
class Percentage:
    """A ratio, formatted in percent."""

    rate: float | None
    text: str


Cell = str | int | float | Percentage


@dataclass(frozen=True, slots=True)
class ReportTable:
    """A table. *name*: a key of the labels; *widths*: in cm, 16 in all; *has_total*: the last row is a total."""

    name: str
    headers: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    widths: Sequence[float]
    has_total: bool = False


def build_tables(report: CampaignReport, report_text: ReportText) -> list[ReportTable]:
    """Return the tables that have rows, the table per item first."""
    items = ReportTable("items", ITEM_HEADERS, report.list_item_rows(), (3.6, 3.7, 2.0, 2.0, 2.3, 2.3), has_total=True)
    if report.is_empty:
        return [items]
    channels = [(report_text.format_screen_kind(group.name), group) for group in report.channels]
    units = [(group.name or report_text.labels["no-unit"], group) for group in report.units]
    tables = (
        items,
        _build_reach_table(report, report_text),
        _build_group_table("channels", channels, report_text),
        _build_group_table("units", units, report_text),
        ReportTable(
            "days",
            (report_text.day_header, *report_text.totals_headers),
            [(day, *_format_totals(totals, report_text)) for day, totals in _list_days(report, report_text)],
            (3.0, 2.6, 2.6, 2.8, 2.8, 2.2),
        ),
        _build_verdict_table(report, report_text),
        _build_gap_table(report, report_text),
        _build_incident_table(report, report_text),
    )
    return [table for table in tables if table.rows]


def build_screen_table(report: CampaignReport, report_text: ReportText) -> ReportTable:
    """Return the table with one row per screen, for the workbook and the page."""
    rows = [(name, *_format_totals(totals, report_text)) for name, totals in report.screens]
    return ReportTable(
        "screens", (report_text.screen_header, *report_text.totals_headers), rows, (4.0, 2.4, 2.4, 2.6, 2.6, 2.0)
    )


def _list_days(report: CampaignReport, report_text: ReportText) -> Iterator[tuple[str, PlayTotals]]:
    for day, totals in report.days[-MAX_DAYS:]:
        yield day.isoformat(), totals
    if report.outside_days != PlayTotals():
        yield report_text.outside_label, report.outside_days


def _build_reach_table(report: CampaignReport, report_text: ReportText) -> ReportTable:
    total = report.total
    hours = [round(ms / 3_600_000, 1) for ms in (total.planned_ms, total.proven_ms)]
    proven_days = sum(1 for _, totals in report.days if totals.proven_ms)
    return ReportTable("reach", report_text.reach_headers, [(*report.screen_counts, *hours, proven_days)], (3.2,) * 5)


def _build_group_table(
    name: str, groups: Sequence[tuple[str, ReportScreenGroup]], report_text: ReportText
) -> ReportTable:
    rows = [
        (label, group.screen_count, group.proven_screen_count, *_format_totals(group.totals, report_text))
        for label, group in groups
    ]
    headers = (report_text.group_headers[name], *report_text.screen_count_headers, *report_text.totals_headers)
    return ReportTable(name, headers, rows, (3.0, 1.7, 1.5, 1.9, 1.9, 2.2, 2.2, 1.6))


def _build_verdict_table(report: CampaignReport, report_text: ReportText) -> ReportTable:
    rows = [
        (
            report_text.verdict_labels.get(totals.verdict, totals.verdict),
            totals.plays,
            report_text.format_short_time(totals.first, report),
            report_text.format_short_time(totals.last, report),
        )
        for totals in report.verdict_totals
    ]
    return ReportTable("found", report_text.verdict_headers, rows, (6.4, 2.8, 3.4, 3.4))


def _build_gap_table(report: CampaignReport, report_text: ReportText) -> ReportTable:
    rows = [
        (
            missing.screen,
            str(missing.first) if missing.first == missing.last else f"{missing.first}–{missing.last}",
            missing.count,
            report_text.gap_labels[missing.why] + ("" if missing.is_dated else report_text.undated_note),
            report_text.format_short_time(missing.last_received_at, report),
        )
        for missing in report.missing_plays[:MAX_GAPS]
    ]
    return ReportTable("gaps", report_text.gap_headers, rows, (4.0, 3.6, 1.8, 3.6, 3.0))


def _build_incident_table(report: CampaignReport, report_text: ReportText) -> ReportTable:
    none = report_text.labels["none"]

    def format_time(at: datetime | None) -> str:
        return none if at is None else report_text.format_short_time(at, report)

    rows: list[tuple[Cell, ...]] = [
        (
            incident.number,
            format_time(incident.raised_at),
            incident.screen or none,
            report_text.format_incident(incident),
            *(format_time(incident.get_step_time(step)) for step in ("dispatched", "handled", "answered")),
        )
        for incident in report.incidents[:MAX_INCIDENTS]
    ]
    return ReportTable("troubles", report_text.incident_headers, rows, (1.1, 2.0, 2.4, 3.7, 2.4, 2.1, 2.3))


def _format_totals(totals: PlayTotals, report_text: ReportText) -> tuple[Cell, ...]:
    return (*list_figures(totals), Percentage(totals.rate, report_text.format_percent(totals)))
