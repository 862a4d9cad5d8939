"""The report as PDF, set by Typst from the same values."""

import tempfile
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec
import typst

from signage.evidence.bundle.play_parts import thumbnail
from signage.evidence.reports.charts import font_path
from signage.evidence.reports.report import Report
from signage.evidence.reports.tables import MOST_DAYS, Part, Table, tables
from signage.evidence.reports.text import Wording

MOST_PICTURES = 24


def write(report: Report, path: Path, say: Wording) -> None:
    """Write *path*."""
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        (folder / "report.typ").write_bytes((resources.files(__package__) / "report.typ").read_bytes())
        (folder / "data.json").write_bytes(msgspec.json.encode(_data(report, folder, say)))
        content = typst.compile(
            str(folder / "report.typ"),
            root=str(folder),
            font_paths=[str(font_path().parent)],
            sys_inputs={"data": "data.json"},
        )
    path.write_bytes(content)


def _data(report: Report, folder: Path, say: Wording) -> dict[str, Any]:
    days = [(say.label(day), one.planned, one.proven) for day, one in report.days]
    return {
        "lang": say.LANGUAGE,
        "labels": say.LABELS,
        "title": say.title(report),
        "unit": report.unit or say.LABELS["sign"],
        "date": say.day(report.made_at, report),
        "sections": [
            {"heading": s.heading, "paragraphs": s.paragraphs, "figures": s.figures} for s in say.sections(report)
        ],
        "tables": [_table(one) for one in tables(report, say)],
        "item-bars": []
        if report.empty
        else [(row.text or row.item, row.sum.planned, row.sum.proven) for row in report.rows],
        "day-bars": days if 1 < len(days) <= MOST_DAYS else [],
        "pictures": _pictures(report, folder),
        "evidence": say.evidence(report),
    }


def _table(one: Table) -> dict[str, Any]:
    """Its cells as text; *numbers*: the columns that stand to the right."""
    rows = [[cell.text if isinstance(cell, Part) else cell for cell in row] for row in one.rows]
    first = one.rows[0] if one.rows else ()
    numbers = [place for place, cell in enumerate(first) if isinstance(cell, int | float | Part)]
    return {
        "name": one.name,
        "heads": one.heads,
        "rows": rows,
        "widths": one.widths,
        "numbers": numbers,
        "total": one.total,
    }


def _pictures(report: Report, folder: Path) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    for number, row in enumerate(report.rows[:MOST_PICTURES]):
        target = folder / f"{number}.png"
        if row.picture is not None and thumbnail(row.picture, target):
            found.append({"file": target.name, "text": row.text or row.item})
    return found
