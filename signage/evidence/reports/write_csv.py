"""Writes a report as CSV: the table per item, nothing below its total. A last header has the notes."""

from pathlib import Path

from signage.evidence.reports.report import ITEM_HEADERS, CampaignReport
from signage.evidence.reports.text import ReportText
from signage.model import spreadsheet_csv as csvs


def write(report: CampaignReport, path: Path, say: ReportText) -> None:
    """Write *path*."""
    signed = report.checkpoint
    last = f"检查点 checkpoint {' '.join(signed.keys)} size {signed.size}"
    if report.counted_from is not None:
        counted_from = report.counted_from.astimezone(report.zone).isoformat(timespec="seconds")
        last = f"计划起计 planned from {counted_from} {last}"
    if report.is_empty:
        last = f"{say.empty_note} {last}"
    with path.open("wb") as out:
        for piece in csvs.iter_csv_bytes((*ITEM_HEADERS, last), ((*row, "") for row in report.list_item_rows())):
            out.write(piece)
