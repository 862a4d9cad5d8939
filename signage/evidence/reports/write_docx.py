"""Writes a report as a Word document in the form of an office's summary: A4, the margins of official documents.

Fonts are set in styles (free ones, similar to 方正小标宋, 黑体 and 仿宋), so that an office changes them in one place.
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

from signage.evidence.bundle.play_parts import create_thumbnail
from signage.evidence.reports import charts
from signage.evidence.reports.report import CampaignReport, PlayTotals, ReportItem
from signage.evidence.reports.tables import MAX_DAYS, Percentage, ReportTable, build_tables
from signage.evidence.reports.text import ReportText

SERIF, SANS = "Noto Serif CJK SC", "Noto Sans CJK SC"
FONT_SUBSTITUTES = {SERIF: "仿宋", SANS: "黑体"}
MAX_PICTURES = 24


def write(report: CampaignReport, path: Path, report_text: ReportText) -> None:
    """Write the report to *path*."""
    document = docx.Document()
    _set_page_layout(document)
    _define_styles(document)
    _add_font_substitutes(document)
    document.core_properties.title = report_text.title(report)
    document.core_properties.author = report.unit
    document.add_paragraph(report_text.title(report), style="Title")
    for section in report_text.build_sections(report):
        document.add_paragraph(section.heading, style="Heading 1")
        for text in section.paragraphs:
            document.add_paragraph(text, style="Normal")
        if section.has_figures:
            _add_figures(document, report, report_text)
    document.add_paragraph(report_text.labels["proof"], style="Heading 1")
    for text in report_text.format_evidence(report):
        document.add_paragraph(text, style="Small").paragraph_format.keep_with_next = True
    _add_signature(document, report, report_text)
    _add_page_numbers(document)
    document.save(str(path))


def _set_page_layout(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    section.top_margin, section.bottom_margin = Cm(3.7), Cm(3.5)
    section.left_margin, section.right_margin = Cm(2.8), Cm(2.6)


def _define_styles(document: Any) -> None:
    normal = document.styles["Normal"]
    _set_font(normal, SERIF, 16)
    form = normal.paragraph_format
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(28)
    form.first_line_indent, form.space_after, form.space_before = Pt(32), Pt(0), Pt(0)
    title = document.styles["Title"]
    _set_font(title, SERIF, 22, bold=True)
    title.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    title.paragraph_format.first_line_indent = Pt(0)
    title.paragraph_format.line_spacing = Pt(36)
    title.paragraph_format.space_after = Pt(20)
    for border in title.element.pPr.findall(qn("w:pBdr")):
        title.element.pPr.remove(border)
    heading = document.styles["Heading 1"]
    _set_font(heading, SANS, 16)
    heading.paragraph_format.space_before = heading.paragraph_format.space_after = Pt(6)
    heading.paragraph_format.first_line_indent = Pt(32)
    for name, size in (("Cell", 10), ("Small", 10.5)):
        style = document.styles.add_style(name, 1)
        style.base_style = normal
        _set_font(style, SERIF, size)
        style.paragraph_format.first_line_indent = Pt(0)
        style.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE


def _set_font(style: Any, name: str, size: float, bold: bool = False) -> None:
    style.font.name, style.font.size, style.font.bold = name, Pt(size), bold
    style.font.color.rgb = RGBColor(0, 0, 0)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), name)
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        if fonts.get(qn(f"w:{theme}")) is not None:
            del fonts.attrib[qn(f"w:{theme}")]


def _add_font_substitutes(document: Any) -> None:
    """Declare the fonts of Chinese offices as substitutes where the free ones are not installed."""
    entries = "".join(f'<w:font w:name="{a}"><w:altName w:val="{b}"/></w:font>' for a, b in FONT_SUBSTITUTES.items())
    for relation in document.part.rels.values():
        if relation.reltype.endswith("/fontTable"):
            part = relation.target_part
            part._blob = part.blob.replace(b"</w:fonts>", f"{entries}</w:fonts>".encode())


def _add_figures(document: Any, report: CampaignReport, report_text: ReportText) -> None:
    for number, table in enumerate(build_tables(report, report_text), 1):
        _add_caption(document, f"{report_text.labels['table']}{number}　{report_text.labels[table.name]}")
        _add_table(document, table)
    if report.is_empty:
        return
    words = (report_text.labels["planned"], report_text.labels["proven"], report_text.labels["unit"])
    rows = [(row.text or row.item, *_get_bar_values(row.totals)) for row in report.items]
    days = [(report_text.format_day_label(day), *_get_bar_values(totals)) for day, totals in report.days]
    drawn = [("item-chart", rows), *([("day-chart", days)] if 1 < len(days) <= MAX_DAYS else [])]
    for number, (name, bars) in enumerate(drawn, 1):
        _add_caption(document, f"{report_text.labels['figure']}{number}　{report_text.labels[name]}")
        _add_picture(document, charts.draw_bar_chart(bars, *words), 15.4)
    _add_pictures(document, report, f"{report_text.labels['figure']}{len(drawn) + 1}　{report_text.labels['pictures']}")


def _add_pictures(document: Any, report: CampaignReport, caption: str) -> None:
    """Pictures of what was shown, two side by side."""
    with tempfile.TemporaryDirectory() as work:
        drawn: list[tuple[ReportItem, Path]] = []
        for row in report.items[:MAX_PICTURES]:
            target = Path(work) / f"{len(drawn)}.png"
            if row.picture is not None and create_thumbnail(row.picture, target):
                drawn.append((row, target))
        if not drawn:
            return
        _add_caption(document, caption)
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


def _add_caption(document: Any, text: str) -> None:
    paragraph = document.add_paragraph(text, style="Small")
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.space_before, paragraph.paragraph_format.space_after = Pt(10), Pt(4)
    paragraph.paragraph_format.keep_with_next = True


def _add_picture(document: Any, content: bytes, width: float) -> None:
    paragraph = document.add_paragraph(style="Small")
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.add_run().add_picture(io.BytesIO(content), width=Cm(width))


def _add_table(document: Any, table: ReportTable) -> None:
    rows, widths = table.rows, table.widths
    word_table = document.add_table(rows=1 + len(rows), cols=len(table.headers), style="Table Grid")
    word_table.alignment, word_table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for column, width in zip(word_table.columns, widths, strict=True):
        column.width = Cm(width)
    for index, row in enumerate([table.headers, *rows]):
        cells = word_table.rows[index].cells
        is_bold = index == 0 or (table.has_total and index == len(rows))
        for cell, value, width in zip(cells, row, widths, strict=True):
            cell.width = Cm(width)
            paragraph = cell.paragraphs[0]
            paragraph.style = "Cell"
            is_number = isinstance(value, int | float | Percentage)
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if is_number else WD_ALIGN_PARAGRAPH.LEFT
            if index == 0:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            paragraph.add_run(value.text if isinstance(value, Percentage) else str(value)).bold = is_bold
    header = word_table.rows[0]._tr.get_or_add_trPr()
    header.append(header.makeelement(qn("w:tblHeader"), {qn("w:val"): "true"}))
    for row in word_table.rows:
        properties = row._tr.get_or_add_trPr()
        properties.append(properties.makeelement(qn("w:cantSplit"), {qn("w:val"): "true"}))


def _add_signature(document: Any, report: CampaignReport, report_text: ReportText) -> None:
    for text in (report.unit or report_text.labels["sign"], report_text.format_date(report.made_at, report)):
        paragraph = document.add_paragraph(text)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        paragraph.paragraph_format.right_indent = Pt(64)


def _add_page_numbers(document: Any) -> None:
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


def _get_bar_values(totals: PlayTotals) -> tuple[float, float]:
    return float(totals.planned), float(totals.proven)
