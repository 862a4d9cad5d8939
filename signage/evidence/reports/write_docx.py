"""The report as a Word document, in the form in which offices send a summary: A4, the margins of official documents.

Fonts stand in styles (free ones, near to 方正小标宋, 黑体 and 仿宋), so that an office changes them in one place.
"""

import io
import tempfile
from pathlib import Path
from typing import Any

import docx
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from signage.evidence.bundle.play_parts import thumbnail
from signage.evidence.reports import charts
from signage.evidence.reports.report import Report, Row, Sum
from signage.evidence.reports.tables import MOST_DAYS, Part, Table, tables
from signage.evidence.reports.text import Wording

SERIF, SANS = "Noto Serif CJK SC", "Noto Sans CJK SC"
ELSE = {SERIF: "仿宋", SANS: "黑体"}
MOST_PICTURES = 24


def write(report: Report, path: Path, say: Wording) -> None:
    """Write *path*."""
    document = docx.Document()
    _page(document)
    _styles(document)
    _substitutes(document)
    document.core_properties.title = say.title(report)
    document.core_properties.author = report.unit
    document.add_paragraph(say.title(report), style="Title")
    for section in say.sections(report):
        document.add_paragraph(section.heading, style="Heading 1")
        for text in section.paragraphs:
            document.add_paragraph(text, style="Normal")
        if section.figures:
            _figures(document, report, say)
    document.add_paragraph(say.LABELS["proof"], style="Heading 1")
    for text in say.evidence(report):
        document.add_paragraph(text, style="Small").paragraph_format.keep_with_next = True
    _signature(document, report, say)
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


def _figures(document: Any, report: Report, say: Wording) -> None:
    for number, one in enumerate(tables(report, say), 1):
        _caption(document, f"{say.LABELS['table']}{number}　{say.LABELS[one.name]}")
        _table(document, one)
    if report.empty:
        return
    words = (say.LABELS["planned"], say.LABELS["proven"], say.LABELS["unit"])
    rows = [(row.text or row.item, *_pair(row.sum)) for row in report.rows]
    days = [(say.label(day), *_pair(one)) for day, one in report.days]
    drawn = [("item-chart", rows), *([("day-chart", days)] if 1 < len(days) <= MOST_DAYS else [])]
    for number, (name, bars) in enumerate(drawn, 1):
        _caption(document, f"{say.LABELS['figure']}{number}　{say.LABELS[name]}")
        _picture(document, charts.bars(bars, *words), 15.4)
    _shown(document, report, f"{say.LABELS['figure']}{len(drawn) + 1}　{say.LABELS['pictures']}")


def _shown(document: Any, report: Report, caption: str) -> None:
    """Pictures of what was shown, two side by side."""
    with tempfile.TemporaryDirectory() as work:
        drawn: list[tuple[Row, Path]] = []
        for row in report.rows[:MOST_PICTURES]:
            target = Path(work) / f"{len(drawn)}.png"
            if row.picture is not None and thumbnail(row.picture, target):
                drawn.append((row, target))
        if not drawn:
            return
        _caption(document, caption)
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


def _table(document: Any, one: Table) -> None:
    listed, widths = one.rows, one.widths
    table = document.add_table(rows=1 + len(listed), cols=len(one.heads), style="Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
    for place, row in enumerate([one.heads, *listed]):
        cells = table.rows[place].cells
        bold = place == 0 or (one.total and place == len(listed))
        for cell, value, width in zip(cells, row, widths, strict=True):
            cell.width = Cm(width)
            paragraph = cell.paragraphs[0]
            paragraph.style = "Cell"
            number = isinstance(value, int | float | Part)
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if number else WD_ALIGN_PARAGRAPH.LEFT
            if place == 0:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            paragraph.add_run(value.text if isinstance(value, Part) else str(value)).bold = bold
    header = table.rows[0]._tr.get_or_add_trPr()
    header.append(header.makeelement(qn("w:tblHeader"), {qn("w:val"): "true"}))
    for row in table.rows:
        properties = row._tr.get_or_add_trPr()
        properties.append(properties.makeelement(qn("w:cantSplit"), {qn("w:val"): "true"}))


def _signature(document: Any, report: Report, say: Wording) -> None:
    for text in (report.unit or say.LABELS["sign"], say.day(report.made_at, report)):
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
