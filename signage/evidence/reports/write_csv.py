"""The report as CSV: the table per item, and nothing under its total. What else must be said stands in a last head."""

from pathlib import Path

from signage.evidence.reports.report import HEADS, Report
from signage.evidence.reports.text import Wording
from signage.model import spreadsheet_csv as csvs


def write(report: Report, path: Path, say: Wording) -> None:
    """Write *path*."""
    signed = report.signed
    last = f"检查点 checkpoint {' '.join(signed.keys)} size {signed.size}"
    if report.empty:
        last = f"{say.EMPTY} {last}"
    with path.open("wb") as out:
        for piece in csvs.encoded((*HEADS, last), ((*row, "") for row in report.table())):
            out.write(piece)
