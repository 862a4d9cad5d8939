import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signage.model import spreadsheet_csv as csvs


def written(*rows, heads=("a",)):
    return b"".join(csvs.iter_csv_bytes(heads, rows))


def test_the_byte_order_mark_occurs_once_and_lines_end_in_cr_lf():
    content = written(*([f"标语{n}"] for n in range(1200)), heads=["条目"])
    assert content.startswith(b"\xef\xbb\xbf") and content.count(b"\xef\xbb\xbf") == 1
    assert content.count(b"\r\n") == content.count(b"\n") == 1201
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert rows[0] == ["条目"] and rows[1200] == ["标语1199"]


@pytest.mark.parametrize("text", ["=1+1,甲", "+1", "-1", "@消费者", "\tx", "\rx", "\nx", "＝1+1", "＠x"])
def test_formulas_are_escaped(text):
    assert csvs.escape_cell(text) == "'" + text


@pytest.mark.parametrize("text", ["0" * 64, "110101199003071234", "007", "12e5", "123456789012", "12315"])
def test_text_that_would_be_read_as_another_number_stays_text(text):
    assert csvs.escape_cell(text) == "'" + text


@pytest.mark.parametrize("text", ["315", "2021", "2021年", "315-2021/a", "ab" * 32, "", "0", "8.5"])
def test_other_values_are_unchanged(text):
    assert csvs.escape_cell(text) == text


def test_numbers_stay_numbers():
    assert written([-5], [None], [True]).decode("utf-8-sig") == 'a\r\n-5\r\n""\r\ntrue\r\n'


@given(st.text("'=+-@＝\t0123456789e.甲, ;\"", max_size=20))
def test_written_cells_read_back_equal(text):
    assert csvs.unescape_cell(csvs.escape_cell(text)) == text


def test_cells_of_other_programs_are_unchanged():
    for text in ("'", "'甲", "o'clock", "12315", "=1+1"):
        assert csvs.unescape_cell(text) == text


@given(st.lists(st.lists(st.text("'=+-@＝0123456789e.甲,;\"\n", max_size=9).map(str.strip), min_size=2, max_size=2)))
def test_written_files_read_back_equal(rows):
    data = written(*rows, heads=("a", "b"))
    for encoded in (data, data.decode("utf-8-sig").encode("gb18030")):
        read = [row.cells for row in csvs.iter_csv_rows(encoded)]
        assert read == [["a", "b"], *([cell.replace("\r\n", "\n") for cell in row] for row in rows)]


def test_a_fault_of_a_file_is_named_with_its_line():
    with pytest.raises(csvs.CsvEncodingError):
        list(csvs.iter_csv_rows(b"a\n\xff\xff\n"))
    rows = csvs.iter_csv_rows(b'a,b\n1,"2" 3\n')
    assert next(rows) == csvs.CsvRow(1, ["a", "b"])
    with pytest.raises(csvs.CsvSyntaxError) as error:
        next(rows)
    assert error.value.line == 2
