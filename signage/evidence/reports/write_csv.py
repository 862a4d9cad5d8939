"""Writes a report as CSV: the table per item, nothing below its total. A last header has the notes."""

from pathlib import Path

from signage.evidence.reports.report import ITEM_HEADERS, CampaignReport
from signage.evidence.reports.text import ReportText
from signage.model.spreadsheet_csv import iter_csv_bytes


def write(report: CampaignReport, path: Path, report_text: ReportText) -> None:
    """Write the report to *path*."""
    checkpoint = report.checkpoint
    notes = f"检查点 checkpoint {' '.join(checkpoint.keys)} size {checkpoint.size}"
    if report.counted_from is not None:
        counted_from = report.counted_from.astimezone(report.zone).isoformat(timespec="seconds")
        notes = f"计划起计 planned from {counted_from} {notes}"
    if report.is_empty:
        notes = f"{report_text.empty_note} {notes}"
    with path.open("wb") as out:
        for piece in iter_csv_bytes((*ITEM_HEADERS, notes), ((*row, "") for row in report.list_item_rows())):
            out.write(piece)
