"""Every faulty statement of a TOML file is reported with its line, and the rest is read."""

from typing import Any

import pytest

from signage.model.toml.recovering_parser import parse_toml

Fault = tuple[int | None, str, tuple[str | int, ...]]


def parse(text: str) -> tuple[dict[str, Any], list[Fault]]:
    parsed = parse_toml(text)
    return parsed.tables, [(f.line, f.code, f.path) for f in parsed.findings]


@pytest.mark.parametrize(
    ("text", "tables", "faults"),
    [
        ("a = 6:30\nb = 1", {"b": 1}, [(1, "toml-line", ("a",))]),
        ('a = "open\nb = 1', {"b": 1}, [(1, "toml-line", ("a",))]),
        ('a = "\\q"\nb = it\'s\nc = 1', {"c": 1}, [(1, "toml-line", ("a",)), (2, "toml-line", ("b",))]),
        ("a =\nb = # nothing\nc = 1", {"c": 1}, [(1, "value-missing", ("a",)), (2, "value-missing", ("b",))]),
        ("a = 2021-03-10T00:00 # noon\nb = 1", {"b": 1}, [(1, "time-without-seconds", ("a",))]),
        ("a = 24:00:00\nb = 1", {"b": 1}, [(1, "date-impossible", ("a",))]),
        ('a = ["2021-02-30",\n  2021-02-30,\n]\nb = 1', {"b": 1}, [(2, "date-impossible", ("a",))]),
        ("a = 1\na = 2\nb = 1", {"a": 1, "b": 1}, [(2, "key-twice", ("a",))]),
        ("[a]\nx = 1\n[a]\ny = 2\n[b]", {"a": {"x": 1}, "b": {}}, [(3, "table-twice", ("a",))]),
        ("[a]\n[[a]]\nx = 1", {"a": {}}, [(2, "table-twice", ("a",))]),
        ("a = 1\n[a]\nx = 1", {"a": 1}, [(2, "table-twice", ("a",))]),
        ("[a.b]\n[a]\nb = 1", {"a": {"b": {}}}, [(3, "key-twice", ("a", "b"))]),
        ("[[a]]\nx = 1\n[[a]]\nx = 1\nx = 2", {"a": [{"x": 1}] * 2}, [(5, "key-twice", ("a", 1, "x"))]),
        ("[[a]]\n[a.b]\n[[a]]\n[a.b]\nx =", {"a": [{"b": {}}] * 2}, [(5, "value-missing", ("a", 1, "b", "x"))]),
        ("标题 = 1\nb = 1", {"b": 1}, [(1, "toml-syntax", ())]),
        (f"a = {'9' * 5000}\nb = 1", {"b": 1}, [(1, "toml-line", ("a",))]),
    ],
)
def test_a_faulty_statement_hides_no_other(text: str, tables: dict[str, Any], faults: list[Fault]) -> None:
    assert parse(text) == (tables, faults)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a = 1\nb = [1,\n2\nc = 3\n", 2),
        ('a = 1\nb = """open\nc = 3\n', 2),
        ("a = 1\n[b\nc = 3\n", 2),
        ("a = 1\n[b]]\nc = 3\n", 2),
        ("x = 1\na.b = 1\na.b.c = 2\nd = 1", 3),
        ("x = 1\na = {b = 1}\na.c = 2\nd = 1", 3),
    ],
)
def test_a_fault_of_unknown_extent_ends_the_reading_at_its_line(text: str, line: int) -> None:
    tables, faults = parse(text)
    assert tables == {}
    assert [(at, code) for at, code, _ in faults] == [(line, "toml-syntax")]


def test_a_reason_names_no_position_of_the_statement() -> None:
    reasons = [f.facts["why"] for f in parse_toml("a = b\nc = [\n").findings]
    assert len(reasons) == 2
    assert all(reason and "line" not in str(reason) for reason in reasons)


def test_a_file_of_faults_alone_is_given_up() -> None:
    tables, faults = parse("<p>\n" * 1000)
    assert tables == {}
    assert len(faults) == 21
