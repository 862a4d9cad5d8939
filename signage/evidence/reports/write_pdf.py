"""Writes a report as PDF, typeset by Typst from the same values."""

import tempfile
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec
import typst

from signage.evidence.bundle.play_parts import create_thumbnail
from signage.evidence.reports.charts import get_font_path
from signage.evidence.reports.report import CampaignReport
from signage.evidence.reports.tables import MAX_DAYS, Percentage, ReportTable, build_tables
from signage.evidence.reports.text import ReportText

MAX_PICTURES = 24


def write(report: CampaignReport, path: Path, report_text: ReportText) -> None:
    """Write the report to *path*."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "report.typ").write_bytes((resources.files(__package__) / "report.typ").read_bytes())
        (folder / "data.json").write_bytes(msgspec.json.encode(_build_data(report, folder, report_text)))
        content = typst.compile(
            str(folder / "report.typ"),
            root=str(folder),
            font_paths=[str(get_font_path().parent)],
            sys_inputs={"data": "data.json"},
        )
    path.write_bytes(content)


def _build_data(report: CampaignReport, folder: Path, report_text: ReportText) -> dict[str, Any]:
    days = [(report_text.format_day_label(day), totals.planned, totals.proven) for day, totals in report.days]
    return {
        "lang": report_text.language,
        "labels": report_text.labels,
        "title": report_text.title(report),
        "unit": report.unit or report_text.labels["sign"],
        "date": report_text.format_date(report.made_at, report),
        "sections": [
            {"heading": s.heading, "paragraphs": s.paragraphs, "figures": s.has_figures}
            for s in report_text.build_sections(report)
        ],
        "tables": [_build_table(table) for table in build_tables(report, report_text)],
        "item-bars": []
        if report.is_empty
        else [(row.text or row.item, row.totals.planned, row.totals.proven) for row in report.items],
        "day-bars": days if 1 < len(days) <= MAX_DAYS else [],
        "pictures": _draw_pictures(report, folder),
        "evidence": report_text.format_evidence(report),
    }


def _build_table(table: ReportTable) -> dict[str, Any]:
    """Return a table with its cells as text. *numbers*: the right-aligned columns."""
    rows = [[cell.text if isinstance(cell, Percentage) else cell for cell in row] for row in table.rows]
    first = table.rows[0] if table.rows else ()
    numbers = [column for column, cell in enumerate(first) if isinstance(cell, int | float | Percentage)]
    return {
        "name": table.name,
        "heads": table.headers,
        "rows": rows,
        "widths": table.widths,
        "numbers": numbers,
        "total": table.has_total,
    }


def _draw_pictures(report: CampaignReport, folder: Path) -> list[dict[str, str]]:
    pictures: list[dict[str, str]] = []
    for number, row in enumerate(report.items[:MAX_PICTURES]):
        target = folder / f"{number}.png"
        if row.picture is not None and create_thumbnail(row.picture, target):
            pictures.append({"file": target.name, "text": row.text or row.item})
    return pictures
