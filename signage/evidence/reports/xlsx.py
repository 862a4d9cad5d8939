"""The report as a workbook: the table per item first, then days, screens, channels and the rest, with charts."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from signage.evidence.reports import words
from signage.evidence.reports.facts import HEADS, Report, Sum, numbers

_FONT = "Noto Sans CJK SC"
_SUMS = ("计划次数", "实际次数", "计划秒数", "实际秒数", "完成")


def write(report: Report, path: Path) -> None:
    """Write *path*."""
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"title": words.title(report), "created": report.made_at.replace(tzinfo=None)})
        sheets = _Sheets(book)
        _items(book, sheets, report)
        days = [(day.isoformat(), *_sum(one)) for day, one in report.days]
        sheets.table("按日", ("日期", *_SUMS), days, (14, 12, 12, 14, 14, 10))
        channels = [(words.kind(one.kind), one.screens, one.heard, *_sum(one.sum)) for one in report.channels]
        sheets.table("按渠道", ("渠道", "屏数", "有记录", *_SUMS), channels, (22, 8, 8, 12, 12, 14, 14, 10))
        screens = [(name, *_sum(one)) for name, one in report.screens]
        sheets.table("按屏", ("屏", *_SUMS), screens, (24, 12, 12, 14, 14, 10))
        verdicts = [(words.VERDICTS[name], report.verdicts.get(name, 0)) for name in words.VERDICTS]
        verdicts += [(words.GAPS[name], report.gaps.get(name, 0)) for name in words.GAPS]
        sheets.table("核对", ("核对结果", "条数"), verdicts, (34, 12))
        text = [(line,) for section in words.sections(report) for line in (section.heading, *section.paragraphs)]
        text += [(line,) for line in words.evidence(report)]
        sheets.table("说明", (words.title(report),), text, (110,))


class _Sheets:
    """Sheets of one look."""

    def __init__(self, book: Any) -> None:
        self._book = book
        base = {"font_name": _FONT, "font_size": 11, "valign": "vcenter"}
        self.head = book.add_format({**base, "bold": True, "bg_color": "#f0f0f0", "bottom": 1, "text_wrap": True})
        self.text = book.add_format({**base, "text_wrap": True})
        self.number = book.add_format({**base, "num_format": "#,##0.###"})
        self.whole = book.add_format({**base, "num_format": "#,##0"})
        self.part = book.add_format({**base, "num_format": "0.0%"})
        self.bold = book.add_format({**base, "bold": True, "top": 1, "num_format": "#,##0.###"})

    def table(
        self,
        name: str,
        heads: Sequence[str],
        rows: Iterable[Sequence[object]],
        widths: Sequence[int],
        last: bool = False,
    ) -> Any:
        """A sheet with one table; *last*: its last row is the total."""
        sheet = self._book.add_worksheet(name)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        for column, head in enumerate(heads):
            sheet.write_string(0, column, head, self.head)
        sheet.set_row(0, 34)
        listed = list(rows)
        for number, row in enumerate(listed, 1):
            lines = max(-(-_width(value) // wide) for value, wide in zip(row, widths, strict=True))
            if lines > 1:
                sheet.set_row(number, 17 * lines)
            bold = last and number == len(listed)
            for column, value in enumerate(row):
                self._cell(sheet, number, column, value, bold)
        sheet.freeze_panes(1, 1)
        sheet.set_paper(9)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        sheet.set_footer("&C&P / &N")
        return sheet

    def _cell(self, sheet: Any, row: int, column: int, value: object, bold: bool) -> None:
        if isinstance(value, _Part):
            if value.rate is not None:
                sheet.write_number(row, column, value.rate, self.part)
        elif isinstance(value, int | float):
            form = self.bold if bold else self.whole if isinstance(value, int) else self.number
            sheet.write_number(row, column, value, form)
        else:
            sheet.write_string(row, column, str(value), self.bold if bold else self.text)


def _width(value: object) -> int:
    """How many places of a column *value* takes."""
    return sum(1 if ord(letter) < 256 else 2 for letter in str(value)) + 1 if isinstance(value, str) else 1


class _Part:
    """A part of a whole, shown in percent."""

    def __init__(self, rate: float | None) -> None:
        self.rate = rate


def _sum(one: Sum) -> tuple[object, ...]:
    return (*numbers(one), _Part(one.rate))


def _items(book: Any, sheets: _Sheets, report: Report) -> None:
    table = report.table()
    sheet = sheets.table("汇总", HEADS, table, (28, 48, 13, 13, 15, 15), last=True)
    count, below = len(report.rows), len(table) + 2
    if report.empty:
        sheet.write_string(below, 0, words.EMPTY)
        below += 1
    if count:
        chart = book.add_chart({"type": "bar"})
        for column, color in ((2, "#c9c9c9"), (3, "#b3261e")):
            chart.add_series(
                {
                    "name": ["汇总", 0, column],
                    "categories": ["汇总", 1, 0, count, 0],
                    "values": ["汇总", 1, column, count, column],
                    "fill": {"color": color},
                }
            )
        chart.set_title({"name": "计划与实际播出次数"})
        chart.set_y_axis({"reverse": True})
        chart.set_legend({"position": "top"})
        chart.set_size({"width": 900, "height": 110 + 30 * count})
        book.add_worksheet("图表").insert_chart(0, 0, chart)
    for place, line in enumerate(words.evidence(report)):
        sheet.write_string(below + place, 0, line)
