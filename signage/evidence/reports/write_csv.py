"""The report as CSV: the table per item, and nothing under its total. What else must be said stands in a last head."""

from pathlib import Path

from signage.evidence.reports.report import ITEM_HEADERS, CampaignReport
from signage.evidence.reports.text import ReportText
from signage.model import spreadsheet_csv as csvs


def write(report: CampaignReport, path: Path, say: ReportText) -> None:
    """Write *path*."""
    signed = report.checkpoint
    last = f"检查点 checkpoint {' '.join(signed.keys)} size {signed.size}"
    if report.is_empty:
        last = f"{say.empty_note} {last}"
    with path.open("wb") as out:
        for piece in csvs.iter_csv_bytes((*ITEM_HEADERS, last), ((*row, "") for row in report.list_item_rows())):
            out.write(piece)
