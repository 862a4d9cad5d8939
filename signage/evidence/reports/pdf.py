"""The report as PDF, set by Typst from the same values."""

import tempfile
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec
import typst

from signage.evidence.bundle.parts import thumbnail
from signage.evidence.reports import words
from signage.evidence.reports.charts import font_path
from signage.evidence.reports.facts import HEADS, Report, numbers

MOST_PICTURES = 12
MOST_DAYS = 62


def write(report: Report, path: Path) -> None:
    """Write *path*."""
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        (folder / "report.typ").write_bytes((resources.files(__package__) / "report.typ").read_bytes())
        (folder / "data.json").write_bytes(msgspec.json.encode(_data(report, folder)))
        content = typst.compile(
            str(folder / "report.typ"),
            root=str(folder),
            font_paths=[str(font_path().parent)],
            sys_inputs={"data": "data.json"},
        )
    path.write_bytes(content)


def _data(report: Report, folder: Path) -> dict[str, Any]:
    empty = report.empty
    days = [(f"{day.month}月{day.day}日", one.planned, one.proven) for day, one in report.days]
    return {
        "title": words.title(report),
        "unit": report.unit,
        "date": words.day(report.made_at, report),
        "sections": [
            {"heading": s.heading, "paragraphs": s.paragraphs, "figures": s.heading.startswith("三")}
            for s in words.sections(report)
        ],
        "heads": HEADS,
        "table": report.table(),
        "channel-heads": ("渠道", "屏数", "有记录", "计划次数", "实际次数", "计划秒数", "实际秒数", "完成"),
        "channels": []
        if empty
        else [(words.kind(c.kind), c.screens, c.heard, *numbers(c.sum), words.percent(c.sum)) for c in report.channels],
        "item-bars": [(row.text or row.item, row.sum.planned, row.sum.proven) for row in report.rows],
        "day-bars": days if len(days) <= MOST_DAYS else [],
        "pictures": _pictures(report, folder),
        "evidence": words.evidence(report),
    }


def _pictures(report: Report, folder: Path) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    for number, row in enumerate(report.rows[:MOST_PICTURES]):
        target = folder / f"{number}.png"
        if row.picture is not None and thumbnail(row.picture, target):
            found.append({"file": target.name, "text": row.text or row.item})
    return found
