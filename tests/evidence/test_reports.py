import csv
import io
import re
from dataclasses import replace
from datetime import date

import docx
import openpyxl
import pytest
from PIL import Image

from signage.evidence.archive_files import Archive, open_duckdb
from signage.evidence.archive_sealing import seal_due_days
from signage.evidence.judged_plays import EvidenceContext
from signage.evidence.reports import text_en as english
from signage.evidence.reports import text_zh as words
from signage.evidence.reports import write_pdf as pdf
from signage.evidence.reports.aggregate import compute_proven_totals, format_offset_sql
from signage.evidence.reports.build import assemble_report
from signage.evidence.reports.report import ITEM_HEADERS, TOTAL_LABEL, PlayTotals
from signage.evidence.reports.tables import Percentage, build_tables
from signage.evidence.reports.text import LANGUAGES, get_report_text
from signage.evidence.reports.write import write_report
from signage.evidence.settings import EvidenceConfig
from signage.faults import Refused
from signage.model.campaign import Campaign
from signage.model.item import Item
from signage.model.screen import Screen
from signage.model.users import make_cli_actor
from signage.schedule.analysis.loop_counts import PlayCount
from signage.schedule.analysis.simulate import ItemForecast, ScreenForecast
from signage.services.evidence.reports import create_report
from signage.store import incidents
from tests.evidence.builders import create_body, create_play, create_playlist, parse_instant
from tests.support.console import InMemoryInstallation
from tests.support.played_campaign import play_campaign

CAMPAIGN = Campaign(
    "315-2021",
    "2021年3·15国际消费者权益日",
    "Asia/Shanghai",
    parse_instant("2021-03-15T00:00:00+08:00"),
    parse_instant("2021-03-16T00:00:00+08:00"),
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
    ScreenForecast(
        name,
        (ItemForecast("315-2021/a", PlayCount(10, 1, 84_000)), ItemForecast("315-2021/b", PlayCount(5, 0, 40_500))),
        {date(2021, 3, 15): {"315-2021/a": PlayCount(10, 1, 84_000), "315-2021/b": PlayCount(5, 0, 40_500)}},
        (),
        (),
        frozenset(),
    )
    for name in SCREENS
]


@pytest.fixture
def evidence(tmp_path):
    return EvidenceContext(lambda screen, serial: create_playlist(), Archive(tmp_path / "archive"))


@pytest.fixture
def report(store, clock, intake, evidence):
    intake.submit(
        "taxi-0001",
        create_body(
            create_play(1),
            create_play(2, result="cut", duration_ms=3500),
            create_play(3, result="failed", duration_ms=0),
            create_play(5, item="315-2021/gone"),
            create_play(6, item="other/a"),
        ),
    )
    with store.write() as connection:
        values = {"kind": "report", "screen": "taxi-0001", "what": "黑屏", "facts": {}, "raised_by": "zhao"}
        number = incidents.create_incident(
            connection, {**values, "raised_at": parse_instant("2021-03-15T08:20:00+08:00")}
        )
        incidents.create_incident(
            connection, {**values, "screen": "taxi-0099", "raised_at": parse_instant("2021-03-15T08:20:00+08:00")}
        )
        for step, when in (("dispatched", "08:25"), ("answered", "08:50")):
            taken = incidents.IncidentStepRow(step, parse_instant(f"2021-03-15T{when}:00+08:00"), "zhao", "", None)
            incidents.record_step(connection, incidents.get_incident(connection, number), taken, None, None)
    return assemble_report(store, clock, evidence, CAMPAIGN, PAPERS, SCREENS, lambda item: None)


TABLE = [
    ("315-2021/a", "=1+1,甲", 20, 1, 168, 11.5),
    ("315-2021/b", "和谐社会 文明消费", 10, 0, 81, 0),
    ("315-2021/c", "12315公益宣传片", 0, 0, 0, 0),
    ("315-2021/gone", "", 0, 1, 0, 8),
    (TOTAL_LABEL, "", 30, 2, 249, 19.5),
]


def test_planned_against_proven(report):
    assert report.table() == TABLE
    assert report.lacking == {"missing": 1}
    assert [(c.name, c.screens, c.heard) for c in report.channels] == [("taxi-roof", 2, 1)]
    assert report.verdicts["not-planned"] == 1


def written(report, tmp_path, name):
    path = tmp_path / name
    write_report(report, path)
    return path


def test_the_formats_agree_row_for_row(report, tmp_path):
    key = report.signed.keys[0]
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


def cells_of(one, ending):
    """The table as a format shows it."""
    part = {"docx": lambda cell: cell.text, "xlsx": lambda cell: cell.rate}[ending]
    return [tuple(part(cell) if isinstance(cell, Percentage) else cell for cell in row) for row in one.rows]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_table_stands_in_every_format(report, tmp_path, language):
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
        texts = [tuple(str(cell) for cell in row) for row in cells_of(one, "docx")]
        assert [tuple(cell.text for cell in row.cells) for row in word.rows] == [tuple(one.headers), *texts]
        assert [tuple(map(str, row)) for row in pdf_["rows"]] == texts
        sheet = book[say.LABELS[one.name]]
        shown = sheet.iter_rows(min_row=2, max_row=1 + len(one.rows), max_col=len(one.headers), values_only=True)
        assert [tuple("" if c is None else c for c in row) for row in shown] == [
            tuple("" if c is None else c for c in row) for row in cells_of(one, "xlsx")
        ]


def test_incidents_and_exceptions_stand_with_their_times(report):
    chinese = "\n".join(line for section in words.build_sections(report) for line in section.paragraphs)
    assert "2021年3月15日8:20，taxi-0001 黑屏，2021年3月15日8:50答复。" in chinese
    assert "播出中断：1条（2021年3月15日8:00至2021年3月15日8:00）" in chinese or "播出中断" not in report.verdicts
    assert "涉及taxi-0001" in chinese and "有计划而没有播放记录的屏1块：taxi-0002" in chinese
    in_english = "\n".join(line for section in english.build_sections(report) for line in section.paragraphs)
    assert "15 March 2021, 8:20: taxi-0001: 黑屏; answered 15 March 2021, 8:50." in in_english
    (row,) = next(one for one in build_tables(report, get_report_text("en")) if one.name == "troubles").rows
    assert row == (1, "03-15 08:20", "taxi-0001", "黑屏", "03-15 08:25", "—", "03-15 08:50")


@pytest.mark.parametrize("ending", ["csv", "xlsx", "docx", "pdf"])
def test_an_empty_period_is_a_report_that_says_so(store, clock, evidence, tmp_path, ending):
    report = assemble_report(store, clock, evidence, replace(CAMPAIGN, items=()), [], SCREENS, lambda item: None)
    assert report.is_empty and report.list_item_rows() == [(TOTAL_LABEL, "", 0, 0, 0, 0)]
    path = written(report, tmp_path, f"r.{ending}")
    if ending == "csv":
        assert words.EMPTY_NOTE in path.read_text("utf-8-sig")
    if ending == "docx":
        assert words.EMPTY_NOTE in [p.text for p in docx.Document(str(path)).paragraphs]


def test_an_ending_that_is_no_format_is_refused(report, tmp_path):
    with pytest.raises(Refused, match="report-ending"):
        write_report(report, tmp_path / "r.odt")
    with pytest.raises(Refused, match="report-unwritable"):
        write_report(report, tmp_path / "no" / "r.csv")


def test_sealed_days_are_counted_as_the_others_are(store, clock, intake, evidence):
    for day in range(4):
        when = clock.now().isoformat()
        intake.submit(
            "taxi-0001",
            create_body(
                *(create_play(day * 10 + n, started_at=when, result=("cut", "completed")[n % 2]) for n in range(1, 6))
            ),
        )
        clock.on(hours=17)
    with store.read() as connection:
        before = compute_proven_totals(connection, evidence, "315-2021", CAMPAIGN.zone)
    clock.on(days=4)
    assert len(seal_due_days(store, clock, evidence.archive, lambda connection: evidence, EvidenceConfig())) == 2
    with store.read() as connection:
        after = compute_proven_totals(connection, evidence, "315-2021", CAMPAIGN.zone)
    assert (after.items, after.days, after.screens, after.verdicts) == (
        before.items,
        before.days,
        before.screens,
        before.verdicts,
    )
    assert sum(before.days.values(), PlayTotals()).proven == 12


def test_local_days_are_exact_over_a_change_of_the_clock():
    from zoneinfo import ZoneInfo

    from signage.protocol.epoch import from_ms, to_ms

    zone = ZoneInfo("Europe/Berlin")
    first, last = to_ms(parse_instant("2021-03-01T00:00:00Z")), to_ms(parse_instant("2021-11-30T00:00:00Z"))
    offset = format_offset_sql(zone, first, last)
    instants = range(first, last, 3_599_000 * 7)
    listed = ", ".join(f"({ms})" for ms in instants)
    with open_duckdb() as duck:
        found = duck.execute(
            f"SELECT (corrected_ms + {offset}) // 86400000 FROM (VALUES {listed}) AS t(corrected_ms)"
        ).fetchall()
    for ms, (day,) in zip(instants, found, strict=True):
        assert from_ms(day * 86_400_000).date() == from_ms(ms).astimezone(zone).date()


@pytest.mark.slow
def test_the_campaign_that_ships_is_reported_with_pictures_of_what_was_shown(tmp_path):
    played = play_campaign(tmp_path / "office", first=date(2021, 3, 15), days=1, every=8)
    table = {}
    for ending in ("docx", "xlsx", "pdf", "csv"):
        path = tmp_path / f"r.{ending}"
        table[ending] = create_report(
            played.office, make_cli_actor("wang"), "315-2021", path, played.forecasts, "en"
        ).list_item_rows()
    assert len({str(rows) for rows in table.values()}) == 1
    _page_agrees(
        InMemoryInstallation.create_over(tmp_path / "console", played.office, played.library, played.rules),
        table["csv"],
    )
    document_ = docx.Document(str(tmp_path / "r.docx"))
    assert len(document_.inline_shapes) == 13 + 2  # ten slogans, three films, two charts
    (trouble,) = [one for one in document_.tables if one.cell(0, 0).text == "no."]
    assert [cell.text for cell in trouble.rows[1].cells][1:3] == ["03-15 09:12", "street-0002"]


def _page_agrees(house, table):
    """The console's page says the same, row for row, with charts and pictures."""
    wang = house.create_user("wang", "auditor")
    page = wang.get("/console/campaigns/315-2021/report/whole").text
    (listed,) = re.findall(r'<table data-table="items">.*?<tbody>(.*?)</tbody>', page, re.S)
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in listed.split("</tr>") if row]
    assert rows == [[f"{cell:,}" if isinstance(cell, int | float) else cell for cell in row] for row in table]
    assert page.count('<figure class="bars">') == 2
    pictures = re.findall(r'<img src="(/console/campaigns/315-2021/report/picture/\w+)"', page)
    assert len(pictures) == 13
    for address in pictures:
        Image.open(io.BytesIO(wang.get(address).data)).verify()
    for unknown in ("0" * 64, "0", "..%2f..%2fsignage.db"):
        assert wang.get(f"/console/campaigns/315-2021/report/picture/{unknown}").status_code == 404


def doubled(store, clock, evidence):
    report = assemble_report(store, clock, evidence, CAMPAIGN, PAPERS, SCREENS, lambda item: None)
    lines = [line for said in (words, english) for section in said.sections(report) for line in section.paragraphs]
    assert len([line for line in lines if "重复" in line or "count twice" in line]) == (
        2 if report.doubled_screens else 0
    )
    return report.doubled_screens


def test_two_players_with_one_token_are_named(store, clock, intake, evidence):
    for seq, run in enumerate(("old", "new", "old", "new"), 1):
        intake.submit("taxi-0001", create_body(create_play(seq), run=run))
        clock.on(minutes=1)
    assert doubled(store, clock, evidence) == ["taxi-0001"]


def test_a_player_that_was_installed_anew_is_one(store, clock, intake, evidence):
    for seq, run in enumerate(("old", "old", "new", "new"), 1):
        intake.submit("taxi-0001", create_body(create_play(seq), run=run))
        clock.on(minutes=1)
    clock.on(days=9)
    for seq, run in enumerate(("new", "newer", "new"), 8):  # side by side, but not in the campaign's time
        intake.submit("taxi-0001", create_body(create_play(seq), run=run))
        clock.on(minutes=1)
    assert doubled(store, clock, evidence) == []
