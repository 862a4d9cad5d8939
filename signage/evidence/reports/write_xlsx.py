"""Writes a report as an Excel workbook: the table per item first, then the other tables, with charts."""

from pathlib import Path
from typing import Any

import xlsxwriter

from signage.evidence.reports.report import CampaignReport
from signage.evidence.reports.tables import Percentage, ReportTable, build_screen_table, build_tables
from signage.evidence.reports.text import ReportText

_FONT = "Noto Sans CJK SC"
_CHARACTERS_PER_CM = 4.6
"""Characters of column width per cm."""


def write(report: CampaignReport, path: Path, report_text: ReportText) -> None:
    """Write the report to *path*."""
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"title": report_text.title(report), "created": report.made_at.replace(tzinfo=None)})
        sheets = _SheetWriter(book, report_text)
        items, *others = build_tables(report, report_text)
        _add_item_sheet(book, sheets, report, items)
        for table in (*others, build_screen_table(report, report_text)):
            sheets.add_table(table)
        text = [
            (line,) for section in report_text.build_sections(report) for line in (section.heading, *section.paragraphs)
        ]
        text += [(line,) for line in report_text.format_evidence(report)]
        sheets.add_table(ReportTable("text", (report_text.title(report),), text, (24.0,)))


class _SheetWriter:
    """Writes sheets in one style."""

    def __init__(self, book: Any, report_text: ReportText) -> None:
        self._book, self.report_text = book, report_text
        base = {"font_name": _FONT, "font_size": 11, "valign": "vcenter"}
        self.header_format = book.add_format(
            {**base, "bold": True, "bg_color": "#f0f0f0", "bottom": 1, "text_wrap": True, "align": "center"}
        )
        self.text_format = book.add_format({**base, "text_wrap": True, "indent": 1})
        self.number_format = book.add_format({**base, "num_format": "#,##0.###"})
        self.integer_format = book.add_format({**base, "num_format": "#,##0"})
        self.percent_format = book.add_format({**base, "num_format": "0.0%"})
        self.total_format = book.add_format({**base, "bold": True, "top": 1, "num_format": "#,##0.###"})

    def add_table(self, table: ReportTable) -> Any:
        """Add a sheet with a table and return it."""
        sheet = self._book.add_worksheet(self.report_text.labels[table.name][:31])
        widths = [round(width * _CHARACTERS_PER_CM) + 3 for width in table.widths]
        for column, (header, width) in enumerate(zip(table.headers, widths, strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, header, self.header_format)
        sheet.set_row(0, 34)
        for number, row in enumerate(table.rows, 1):
            lines = max(-(-_measure_width(value) // wide) for value, wide in zip(row, widths, strict=True))
            if lines > 1:
                sheet.set_row(number, 17 * lines)
            bold = table.has_total and number == len(table.rows)
            for column, value in enumerate(row):
                self._write_cell(sheet, number, column, value, bold)
        sheet.freeze_panes(1, 1)
        sheet.set_paper(9)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        sheet.set_footer("&C&P / &N")
        return sheet

    def _write_cell(self, sheet: Any, row: int, column: int, value: object, bold: bool) -> None:
        if isinstance(value, Percentage):
            if value.rate is not None:
                sheet.write_number(row, column, value.rate, self.percent_format)
        elif isinstance(value, int | float):
            form = self.total_format if bold else self.integer_format if isinstance(value, int) else self.number_format
            sheet.write_number(row, column, value, form)
        else:
            sheet.write_string(row, column, str(value), self.total_format if bold else self.text_format)


def _measure_width(value: object) -> int:
    """Return the column width of *value* in characters."""
    return sum(1 if ord(letter) < 256 else 2 for letter in str(value)) + 1 if isinstance(value, str) else 1


def _add_item_sheet(book: Any, sheets: _SheetWriter, report: CampaignReport, items: ReportTable) -> None:
    report_text, count = sheets.report_text, len(report.items)
    sheet, below, name = sheets.add_table(items), len(items.rows) + 2, report_text.labels["items"]
    if report.is_empty:
        sheet.write_string(below, 0, report_text.empty_note)
        below += 1
    if count:
        chart = book.add_chart({"type": "bar"})
        for column, color in ((2, "#c9c9c9"), (3, "#b3261e")):
            chart.add_series(
                {
                    "name": [name, 0, column],
                    "categories": [name, 1, 1, count, 1],
                    "values": [name, 1, column, count, column],
                    "fill": {"color": color},
                }
            )
        chart.set_title({"name": report_text.labels["item-chart"], "name_font": {"size": 14}})
        chart.set_y_axis({"reverse": True})
        chart.set_legend({"position": "top"})
        chart.set_size({"width": 1000, "height": 110 + 34 * count})
        drawn = book.add_worksheet(report_text.labels["chart"])
        drawn.set_landscape()
        drawn.set_paper(9)
        drawn.fit_to_pages(1, 0)
        drawn.insert_chart(0, 0, chart)
    for place, line in enumerate(report_text.format_evidence(report)):
        sheet.write_string(below + place, 0, line)
