"""The report as a Word document, in the form in which offices send a summary: A4, the margins of official documents.

Fonts stand in styles (free ones, near to 方正小标宋, 黑体 and 仿宋), so that an office changes them in one place.
"""

import io
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import docx
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from signage.evidence.bundle.parts import thumbnail
from signage.evidence.reports import charts, words
from signage.evidence.reports.facts import HEADS, Report, Row, Sum, numbers

SERIF, SANS = "Noto Serif CJK SC", "Noto Sans CJK SC"
ELSE = {SERIF: "仿宋", SANS: "黑体"}
MOST_PICTURES = 12


def write(report: Report, path: Path) -> None:
    """Write *path*."""
    document = docx.Document()
    _page(document)
    _styles(document)
    _substitutes(document)
    document.core_properties.title = words.title(report)
    document.core_properties.author = report.unit
    document.add_paragraph(words.title(report), style="Title")
    for section in words.sections(report):
        document.add_paragraph(section.heading, style="Heading 1")
        for text in section.paragraphs:
            document.add_paragraph(text, style="Normal")
        if section.heading.startswith("三"):
            _figures(document, report)
    document.add_paragraph("附：证据核对", style="Heading 1")
    for text in words.evidence(report):
        document.add_paragraph(text, style="Small")
    _signature(document, report)
    _page_numbers(document)
    document.save(str(path))


def _page(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    section.top_margin, section.bottom_margin = Cm(3.7), Cm(3.5)
    section.left_margin, section.right_margin = Cm(2.8), Cm(2.6)


def _styles(document: Any) -> None:
    normal = document.styles["Normal"]
    _font(normal, SERIF, 16)
    form = normal.paragraph_format
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(28)
    form.first_line_indent, form.space_after, form.space_before = Pt(32), Pt(0), Pt(0)
    title = document.styles["Title"]
    _font(title, SERIF, 22, bold=True)
    title.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    title.paragraph_format.first_line_indent = Pt(0)
    title.paragraph_format.line_spacing = Pt(36)
    title.paragraph_format.space_after = Pt(20)
    for border in title.element.pPr.findall(qn("w:pBdr")):
        title.element.pPr.remove(border)
    heading = document.styles["Heading 1"]
    _font(heading, SANS, 16)
    heading.paragraph_format.space_before = heading.paragraph_format.space_after = Pt(6)
    heading.paragraph_format.first_line_indent = Pt(32)
    for name, size in (("Cell", 10), ("Small", 10.5)):
        style = document.styles.add_style(name, 1)
        style.base_style = normal
        _font(style, SERIF, size)
        style.paragraph_format.first_line_indent = Pt(0)
        style.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE


def _font(style: Any, name: str, size: float, bold: bool = False) -> None:
    style.font.name, style.font.size, style.font.bold = name, Pt(size), bold
    style.font.color.rgb = RGBColor(0, 0, 0)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), name)
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        if fonts.get(qn(f"w:{theme}")) is not None:
            del fonts.attrib[qn(f"w:{theme}")]


def _substitutes(document: Any) -> None:
    """Name the fonts of Chinese offices, to be taken where the free ones are not installed."""
    listed = "".join(f'<w:font w:name="{a}"><w:altName w:val="{b}"/></w:font>' for a, b in ELSE.items())
    for relation in document.part.rels.values():
        if relation.reltype.endswith("/fontTable"):
            part = relation.target_part
            part._blob = part.blob.replace(b"</w:fonts>", f"{listed}</w:fonts>".encode())


def _figures(document: Any, report: Report) -> None:
    _caption(document, "表1　各条目播出情况")
    _table(document, HEADS, report.table(), (3.0, 4.2, 2.0, 2.0, 2.2, 2.2), last=True)
    if report.empty:
        return
    _caption(document, "表2　各渠道播出情况")
    heads = ("渠道", "屏数", "有记录", "计划次数", "实际次数", "计划秒数", "实际秒数", "完成")
    rows = [(words.kind(c.kind), c.screens, c.heard, *numbers(c.sum), words.percent(c.sum)) for c in report.channels]
    _table(document, heads, rows, (3.2, 1.2, 1.5, 1.9, 1.9, 2.2, 2.2, 1.5))
    _caption(document, "图1　各条目计划与实际播出次数")
    _picture(document, charts.bars([(row.text or row.item, *_pair(row.sum)) for row in report.rows], "次"), 15.4)
    days = [(f"{day.month}月{day.day}日", *_pair(one)) for day, one in report.days]
    if 1 < len(days) <= 62:
        _caption(document, "图2　每日计划与实际播出次数")
        _picture(document, charts.bars(days, "次"), 15.4)
    _shown(document, report)


def _shown(document: Any, report: Report) -> None:
    """Pictures of what was shown, two side by side."""
    with tempfile.TemporaryDirectory() as work:
        drawn: list[tuple[Row, Path]] = []
        for row in report.rows[:MOST_PICTURES]:
            target = Path(work) / f"{len(drawn)}.png"
            if row.picture is not None and thumbnail(row.picture, target):
                drawn.append((row, target))
        if not drawn:
            return
        _caption(document, "图3　播出画面")
        table = document.add_table(rows=0, cols=2)
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        for place in range(0, len(drawn), 2):
            cells = table.add_row().cells
            for cell, (row, target) in zip(cells, drawn[place : place + 2], strict=False):
                paragraph = cell.paragraphs[0]
                paragraph.style = "Cell"
                paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
                paragraph.add_run().add_picture(str(target), width=Cm(6.6))
                below = cell.add_paragraph(row.text or row.item, style="Cell")
                below.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _caption(document: Any, text: str) -> None:
    paragraph = document.add_paragraph(text, style="Small")
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.space_before, paragraph.paragraph_format.space_after = Pt(10), Pt(4)
    paragraph.paragraph_format.keep_with_next = True


def _picture(document: Any, content: bytes, width: float) -> None:
    paragraph = document.add_paragraph(style="Small")
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.add_run().add_picture(io.BytesIO(content), width=Cm(width))


def _table(
    document: Any,
    heads: Sequence[str],
    rows: Iterable[Sequence[object]],
    widths: Sequence[float],
    last: bool = False,
) -> None:
    listed = list(rows)
    table = document.add_table(rows=1 + len(listed), cols=len(heads), style="Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
    for place, row in enumerate([heads, *listed]):
        cells = table.rows[place].cells
        bold = place == 0 or (last and place == len(listed))
        for cell, value, width in zip(cells, row, widths, strict=True):
            cell.width = Cm(width)
            paragraph = cell.paragraphs[0]
            paragraph.style = "Cell"
            number = isinstance(value, int | float)
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if number else WD_ALIGN_PARAGRAPH.LEFT
            if place == 0:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            paragraph.add_run(str(value)).bold = bold
    header = table.rows[0]._tr.get_or_add_trPr()
    header.append(header.makeelement(qn("w:tblHeader"), {qn("w:val"): "true"}))
    for row in table.rows:
        properties = row._tr.get_or_add_trPr()
        properties.append(properties.makeelement(qn("w:cantSplit"), {qn("w:val"): "true"}))


def _signature(document: Any, report: Report) -> None:
    for text in (report.unit or "（单位）", words.day(report.made_at, report)):
        paragraph = document.add_paragraph(text)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        paragraph.paragraph_format.right_indent = Pt(64)


def _page_numbers(document: Any) -> None:
    paragraph = document.sections[0].footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.first_line_indent = Pt(0)
    paragraph.add_run("— ")
    run = paragraph.add_run()
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        if kind:
            element = run._r.makeelement(qn("w:fldChar"), {qn("w:fldCharType"): kind})
        else:
            element = run._r.makeelement(qn("w:instrText"), {qn("xml:space"): "preserve"})
            element.text = text
        run._r.append(element)
    paragraph.add_run(" —")


def _pair(one: Sum) -> tuple[float, float]:
    return float(one.planned), float(one.proven)
