"""The report as PDF, set by Typst from the same values."""

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


def write(report: CampaignReport, path: Path, say: ReportText) -> None:
    """Write *path*."""
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        (folder / "report.typ").write_bytes((resources.files(__package__) / "report.typ").read_bytes())
        (folder / "data.json").write_bytes(msgspec.json.encode(_build_data(report, folder, say)))
        content = typst.compile(
            str(folder / "report.typ"),
            root=str(folder),
            font_paths=[str(get_font_path().parent)],
            sys_inputs={"data": "data.json"},
        )
    path.write_bytes(content)


def _build_data(report: CampaignReport, folder: Path, say: ReportText) -> dict[str, Any]:
    days = [(say.format_day_label(day), one.planned, one.proven) for day, one in report.days]
    return {
        "lang": say.language,
        "labels": say.labels,
        "title": say.title(report),
        "unit": report.unit or say.labels["sign"],
        "date": say.format_date(report.made_at, report),
        "sections": [
            {"heading": s.heading, "paragraphs": s.paragraphs, "figures": s.has_figures}
            for s in say.build_sections(report)
        ],
        "tables": [_build_table(one) for one in build_tables(report, say)],
        "item-bars": []
        if report.is_empty
        else [(row.text or row.item, row.totals.planned, row.totals.proven) for row in report.items],
        "day-bars": days if 1 < len(days) <= MAX_DAYS else [],
        "pictures": _draw_pictures(report, folder),
        "evidence": say.format_evidence(report),
    }


def _build_table(one: ReportTable) -> dict[str, Any]:
    """Its cells as text; *numbers*: the columns that stand to the right."""
    rows = [[cell.text if isinstance(cell, Percentage) else cell for cell in row] for row in one.rows]
    first = one.rows[0] if one.rows else ()
    numbers = [place for place, cell in enumerate(first) if isinstance(cell, int | float | Percentage)]
    return {
        "name": one.name,
        "heads": one.headers,
        "rows": rows,
        "widths": one.widths,
        "numbers": numbers,
        "total": one.has_total,
    }


def _draw_pictures(report: CampaignReport, folder: Path) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    for number, row in enumerate(report.items[:MAX_PICTURES]):
        target = folder / f"{number}.png"
        if row.picture is not None and create_thumbnail(row.picture, target):
            found.append({"file": target.name, "text": row.text or row.item})
    return found
