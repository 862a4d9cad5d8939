import csv
import io
from dataclasses import replace

import docx
import openpyxl
import pytest

from signage.evidence.reports import write_pdf as pdf
from signage.evidence.reports.build import assemble_report
from signage.evidence.reports.report import ITEM_HEADERS, TOTAL_LABEL
from signage.evidence.reports.tables import Percentage, build_tables
from signage.evidence.reports.text import LANGUAGES, get_report_text
from signage.evidence.reports.write import write_report
from signage.faults import Refused
from tests.evidence.reports.samples import CAMPAIGN, SCREENS

TABLE = [
    ("315-2021/a", "=1+1,甲", 20, 1, 168, 11.5),
    ("315-2021/b", "和谐社会 文明消费", 10, 0, 81, 0),
    ("315-2021/c", "12315公益宣传片", 0, 0, 0, 0),
    ("315-2021/gone", "", 0, 1, 0, 8),
    (TOTAL_LABEL, "", 30, 2, 249, 19.5),
]


def written(report, tmp_path, name):
    path = tmp_path / name
    write_report(report, path)
    return path


def test_the_formats_agree_row_for_row(report, tmp_path):
    key = report.checkpoint.keys[0]
    content = written(report, tmp_path, "r.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf") and key.encode() in content
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert rows[0][:6] == list(ITEM_HEADERS)
    assert [tuple(row[:6]) for row in rows[1:]] == [
        tuple(("'" if str(c).startswith("=") else "") + str(c) for c in row) for row in TABLE
    ]
    sheet = openpyxl.load_workbook(written(report, tmp_path, "r.xlsx")).worksheets[0]
    cells = [tuple("" if c is None else c for c in row) for row in sheet.iter_rows(max_row=6, values_only=True)]
    assert cells == [ITEM_HEADERS, *TABLE]
    assert sheet["B2"].data_type == "s"
    assert any(key in str(c) for row in sheet.iter_rows(values_only=True) for c in row)
    document_ = docx.Document(str(written(report, tmp_path, "r.docx")))
    cells = [tuple(cell.text for cell in row.cells) for row in document_.tables[0].rows]
    assert cells == [ITEM_HEADERS, *(tuple(str(c) for c in row) for row in TABLE)]
    assert any(key in p.text for p in document_.paragraphs)
    assert [p.text for p in document_.paragraphs if p.style.name == "Heading 1"][:5] == [
        "一、总体概况",
        "二、组织实施",
        "三、各渠道播出情况",
        "四、存在问题",
        "五、下一步工作",
    ]
    assert written(report, tmp_path, "r.pdf").read_bytes().startswith(b"%PDF")
    assert pdf._build_data(report, tmp_path, get_report_text("zh"))["tables"][0]["rows"] == [list(row) for row in TABLE]


def format_cells(one, ending):
    """Return the rows of a table as a format shows them."""
    part = {"docx": lambda cell: cell.text, "xlsx": lambda cell: cell.rate}[ending]
    return [tuple(part(cell) if isinstance(cell, Percentage) else cell for cell in row) for row in one.rows]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_format_has_every_table(report, tmp_path, language):
    say = get_report_text(language)
    listed = build_tables(report, say)
    assert [one.name for one in listed][:5] == ["items", "reach", "channels", "units", "days"]
    assert {"found", "gaps", "troubles"} <= {one.name for one in listed}
    for name in ("r.docx", "r.xlsx", "r.pdf"):
        write_report(report, tmp_path / name, language)
    in_word = docx.Document(str(tmp_path / "r.docx")).tables
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    in_pdf = pdf._build_data(report, tmp_path, say)["tables"]
    for one, word, pdf_ in zip(listed, in_word, in_pdf, strict=False):
        texts = [tuple(str(cell) for cell in row) for row in format_cells(one, "docx")]
        assert [tuple(cell.text for cell in row.cells) for row in word.rows] == [tuple(one.headers), *texts]
        assert [tuple(map(str, row)) for row in pdf_["rows"]] == texts
        sheet = book[say.labels[one.name]]
        shown = sheet.iter_rows(min_row=2, max_row=1 + len(one.rows), max_col=len(one.headers), values_only=True)
        assert [tuple("" if c is None else c for c in row) for row in shown] == [
            tuple("" if c is None else c for c in row) for row in format_cells(one, "xlsx")
        ]


@pytest.mark.parametrize("ending", ["csv", "xlsx", "docx", "pdf"])
def test_an_empty_period_is_a_report_that_says_so(store, clock, evidence, tmp_path, ending):
    report = assemble_report(store, clock, evidence, replace(CAMPAIGN, items=()), [], SCREENS, lambda item: None)
    assert report.is_empty and report.list_item_rows() == [(TOTAL_LABEL, "", 0, 0, 0, 0)]
    path = written(report, tmp_path, f"r.{ending}")
    if ending == "csv":
        assert get_report_text("zh").empty_note in path.read_text("utf-8-sig")
    if ending == "docx":
        assert get_report_text("zh").empty_note in [p.text for p in docx.Document(str(path)).paragraphs]


def test_an_unknown_extension_is_refused(report, tmp_path):
    with pytest.raises(Refused, match="report-ending"):
        write_report(report, tmp_path / "r.odt")
    with pytest.raises(Refused, match="report-unwritable"):
        write_report(report, tmp_path / "no" / "r.csv")
