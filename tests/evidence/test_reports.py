import csv
import io
from dataclasses import replace
from datetime import date

import docx
import openpyxl
import pytest

from signage.evidence.archive import Archive, connect
from signage.evidence.plays import Evidence
from signage.evidence.reports import pdf, words
from signage.evidence.reports.facts import HEADS, TOTAL, Sum
from signage.evidence.reports.gather import gather
from signage.evidence.reports.proven import offset_sql, proven
from signage.evidence.reports.write import write
from signage.evidence.sealing import seal_due
from signage.evidence.settings import EvidenceConfig
from signage.faults import Refused
from signage.model.campaign import Campaign
from signage.model.item import Item
from signage.model.screen import Screen
from signage.schedule.simulate import ItemPaper, ScreenPaper
from signage.schedule.tally import Count
from tests.evidence.builders import at, body, document, play

CAMPAIGN = Campaign(
    "315-2021",
    "2021年3·15国际消费者权益日",
    "Asia/Shanghai",
    at("2021-03-15T00:00:00+08:00"),
    at("2021-03-16T00:00:00+08:00"),
    (
        Item("a", text="=1+1,甲"),
        Item("b", text="和谐社会 文明消费"),
        Item("c", file="assets/film.mp4", title="12315公益宣传片"),
    ),
    (),
    unit="bureau",
)
SCREENS = {name: Screen(name, "taxi-roof", "taxi-192x64", "Asia/Shanghai") for name in ("taxi-0001", "taxi-0002")}
PAPERS = [
    ScreenPaper(
        name,
        (ItemPaper("315-2021/a", Count(10, 1, 84_000)), ItemPaper("315-2021/b", Count(5, 0, 40_500))),
        {date(2021, 3, 15): {"315-2021/a": Count(10, 1, 84_000), "315-2021/b": Count(5, 0, 40_500)}},
        (),
        (),
        frozenset(),
    )
    for name in SCREENS
]


@pytest.fixture
def evidence(tmp_path):
    return Evidence(lambda screen, serial: document(), Archive(tmp_path / "archive"))


@pytest.fixture
def report(store, clock, intake, evidence):
    intake.submit(
        "taxi-0001",
        body(
            play(1),
            play(2, result="cut", duration_ms=3500),
            play(3, result="failed", duration_ms=0),
            play(5, item="315-2021/gone"),
            play(6, item="other/a"),
        ),
    )
    return gather(store, clock, evidence, CAMPAIGN, PAPERS, SCREENS, lambda item: None)


TABLE = [
    ("315-2021/a", "=1+1,甲", 20, 1, 168, 11.5),
    ("315-2021/b", "和谐社会 文明消费", 10, 0, 81, 0),
    ("315-2021/c", "12315公益宣传片", 0, 0, 0, 0),
    ("315-2021/gone", "", 0, 1, 0, 8),
    (TOTAL, "", 30, 2, 249, 19.5),
]


def test_planned_against_proven(report):
    assert report.table() == TABLE
    assert report.gaps == {"missing": 1}
    assert [(c.kind, c.screens, c.heard) for c in report.channels] == [("taxi-roof", 2, 1)]
    assert report.verdicts["not-planned"] == 1


def written(report, tmp_path, name):
    path = tmp_path / name
    write(report, path)
    return path


def test_the_formats_agree_row_for_row(report, tmp_path):
    key = report.signed.keys[0]
    content = written(report, tmp_path, "r.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf") and key.encode() in content
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert rows[0][:6] == list(HEADS)
    assert [tuple(row[:6]) for row in rows[1:]] == [
        tuple(("'" if str(c).startswith("=") else "") + str(c) for c in row) for row in TABLE
    ]
    sheet = openpyxl.load_workbook(written(report, tmp_path, "r.xlsx")).worksheets[0]
    cells = [tuple("" if c is None else c for c in row) for row in sheet.iter_rows(max_row=6, values_only=True)]
    assert cells == [HEADS, *TABLE]
    assert sheet["B2"].data_type == "s"
    assert any(key in str(c) for row in sheet.iter_rows(values_only=True) for c in row)
    document_ = docx.Document(str(written(report, tmp_path, "r.docx")))
    cells = [tuple(cell.text for cell in row.cells) for row in document_.tables[0].rows]
    assert cells == [HEADS, *(tuple(str(c) for c in row) for row in TABLE)]
    assert any(key in p.text for p in document_.paragraphs)
    assert [p.text for p in document_.paragraphs if p.style.name == "Heading 1"][:5] == [
        "一、总体概况",
        "二、组织实施",
        "三、各渠道播出情况",
        "四、存在问题",
        "五、下一步工作",
    ]
    assert written(report, tmp_path, "r.pdf").read_bytes().startswith(b"%PDF")
    assert pdf._data(report, tmp_path)["table"] == TABLE


@pytest.mark.parametrize("ending", ["csv", "xlsx", "docx", "pdf"])
def test_an_empty_period_is_a_report_that_says_so(store, clock, evidence, tmp_path, ending):
    report = gather(store, clock, evidence, replace(CAMPAIGN, items=()), [], SCREENS, lambda item: None)
    assert report.empty and report.table() == [(TOTAL, "", 0, 0, 0, 0)]
    path = written(report, tmp_path, f"r.{ending}")
    if ending == "csv":
        assert words.EMPTY in path.read_text("utf-8-sig")
    if ending == "docx":
        assert words.EMPTY in [p.text for p in docx.Document(str(path)).paragraphs]


def test_an_ending_that_is_no_format_is_refused(report, tmp_path):
    with pytest.raises(Refused, match="report-ending"):
        write(report, tmp_path / "r.odt")
    with pytest.raises(Refused, match="report-unwritable"):
        write(report, tmp_path / "no" / "r.csv")


def test_sealed_days_are_counted_as_the_others_are(store, clock, intake, evidence):
    for day in range(4):
        when = clock.now().isoformat()
        intake.submit(
            "taxi-0001",
            body(*(play(day * 10 + n, started_at=when, result=("cut", "completed")[n % 2]) for n in range(1, 6))),
        )
        clock.on(hours=17)
    with store.read() as connection:
        before = proven(connection, evidence, "315-2021", CAMPAIGN.zone)
    clock.on(days=4)
    assert len(seal_due(store, clock, evidence.archive, lambda connection: evidence, EvidenceConfig())) == 2
    with store.read() as connection:
        after = proven(connection, evidence, "315-2021", CAMPAIGN.zone)
    assert (after.items, after.days, after.screens, after.verdicts) == (
        before.items,
        before.days,
        before.screens,
        before.verdicts,
    )
    assert sum(before.days.values(), Sum()).proven == 12


def test_local_days_are_exact_over_a_change_of_the_clock():
    from zoneinfo import ZoneInfo

    from signage.store.columns import from_ms, to_ms

    zone = ZoneInfo("Europe/Berlin")
    first, last = to_ms(at("2021-03-01T00:00:00Z")), to_ms(at("2021-11-30T00:00:00Z"))
    offset = offset_sql(zone, first, last)
    instants = range(first, last, 3_599_000 * 7)
    listed = ", ".join(f"({ms})" for ms in instants)
    with connect() as duck:
        found = duck.execute(
            f"SELECT (corrected_ms + {offset}) // 86400000 FROM (VALUES {listed}) AS t(corrected_ms)"
        ).fetchall()
    for ms, (day,) in zip(instants, found, strict=True):
        assert from_ms(day * 86_400_000).date() == from_ms(ms).astimezone(zone).date()
