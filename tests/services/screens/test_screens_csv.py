"""Screens as a CSV file: parsed with all faults, formatted, in Chinese and English."""

import pytest

from signage.faults import Refused
from signage.model.panel import PRESET_KIND_LABELS, PRESET_PANELS
from signage.model.screen import OperatingHours, parse_sun_time
from signage.model.users import make_cli_actor
from signage.services.screens import screens_csv
from signage.services.screens.field_parsers import parse_hours
from signage.services.screens.registry import (
    create_screen,
    create_screens,
    replace_screens,
)
from signage.store.screens import screens
from tests.support.app_context import create_app_context, make_screen

ROOT = make_cli_actor("root")


@pytest.fixture
def context(tmp_path):
    return create_app_context(tmp_path)


def kept(context, screen_id):
    with context.store.read() as connection:
        return screens.get_screen(connection, screen_id)


def codes(refused):
    return [fault.code for fault in refused.value.faults]


def parse_csv(data, timezone="Asia/Shanghai"):
    panels = {panel.id: panel for panel in PRESET_PANELS}
    return screens_csv.parse_screens_csv("fleet.csv", data, timezone, panels, PRESET_KIND_LABELS)


FLEET = """\
id,kind,panel,groups,tags,unit,timezone
taxi-0001,taxi-roof,taxi-192x64,buses;north,centre,bureau,Asia/Shanghai
taxi-0002,taxi-roof,taxi-192x64,,,,
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_fleet_comes_from_a_file(context, encoding):
    made = create_screens(context, ROOT, parse_csv(FLEET.encode(encoding), "Asia/Urumqi"))
    assert [one.screen for one in made] == ["taxi-0001", "taxi-0002"]
    assert kept(context, "taxi-0001").screen.groups == ("buses", "north")
    assert kept(context, "taxi-0002").screen.timezone == "Asia/Urumqi"


def test_a_fleet_with_faults_names_each_row_and_enrols_nothing(context):
    create_screen(context, ROOT, make_screen("taxi-0001"))
    text = FLEET + "taxi-0002,taxi-roof,taxi-192x64,,,,\nTAXI,taxi-roof,roof,,,,\n"
    with pytest.raises(Refused) as refused:
        create_screens(context, ROOT, parse_csv(text.encode(), "Asia/Shanghai"))
    assert [(f.location.line, f.code) for f in refused.value.faults] == [
        (2, "screen-exists"),
        (4, "screen-twice"),
        (5, "id-malformed"),
        (5, "panel-unknown"),
    ]
    assert all(fault.location.file == "fleet.csv" for fault in refused.value.faults)
    assert kept(context, "taxi-0002") is None


def test_cells_and_facts_that_are_wrong_are_told_at_once(context):
    rows = ("taxi-0003,taxi-roof,roof,,,,,extra", "taxi-0002,taxi-roof,taxi-192x64,,,,", ",taxi-roof,taxi-192x64,,,,")
    text = FLEET + "".join(f"{row}\n" for row in rows)
    with pytest.raises(Refused) as refused:
        parse_csv(text.encode(), "Asia/Shanghai")
    assert [(f.location.line, f.code) for f in refused.value.faults] == [
        (4, "csv-cells"),
        (4, "panel-unknown"),
        (5, "screen-twice"),
        (6, "id-missing"),
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"", "csv-column-missing"),
        (b"id,kind,panel\n", "csv-empty"),
        (b"id,kind,panl\n", "csv-column-unknown"),
        (b"id;kind;panel\n", "csv-column-unknown-far"),
        (b"id,kind,panel,id\n", "csv-column-twice"),
        (b"id,kind,panel\na,b,c,d,e\n", "csv-cells"),
        (b'id,kind,panel\n"a,b,c\n', "csv-unreadable"),
        (b"\xff\xfe\x00", "csv-encoding"),
        (b"id,kind,panel,position\na,b,c,nowhere\n", "position-unreadable"),
    ],
)
def test_a_file_that_is_no_fleet_is_told(text, code):
    with pytest.raises(Refused) as refused:
        parse_csv(text, "Asia/Shanghai")
    assert code in codes(refused)


def test_what_is_exported_can_be_imported(context):
    full = make_screen(
        groups=("a", "b"), position=(121.5, 31.2), hours=(OperatingHours("sunrise", parse_sun_time("22:00")),)
    )
    create_screen(context, ROOT, full)
    written = screens_csv.format_screens_csv([full]).replace(b"22:00", b"23:00")
    assert replace_screens(context, ROOT, parse_csv(written, "UTC")) == (1, 1)
    assert kept(context, "taxi-0001").screen.hours[0].until == parse_sun_time("23:00")


def test_what_is_exported_comes_back_equal():
    known = [
        make_screen("007", position=(-43.1729, 0.5), tags=("12e5", "centre"), unit="123456789012"),
        make_screen("taxi-0001", hours=(parse_hours("sunrise-23:00"),), groups=("buses", "0815")),
    ]
    written = screens_csv.format_screens_csv(known)
    assert written.startswith(b"\xef\xbb\xbfid,kind,panel,") and written.count(b"\n") == written.count(b"\r\n") == 3
    assert b"\r\n'007," in written and b",-43" not in written
    assert [entry for entry, _ in parse_csv(written, "Asia/Shanghai")] == known


CHINESE_FLEET = """编号,类型,屏型,分组,标签,单位,时区,名称,地址,位置
taxi-0001,出租车顶屏,顶屏 192×64 全彩,城区-北;公交站,夜班,高新区,,京A·T1234,人民路 1 号,116.4;39.9
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_fleet_comes_from_a_chinese_spreadsheet(context, encoding):
    create_screens(context, ROOT, parse_csv(CHINESE_FLEET.encode(encoding)))
    screen = kept(context, "taxi-0001").screen
    assert (screen.kind, screen.panel, screen.name, screen.address) == (
        "taxi-roof",
        "taxi-192x64",
        "京A·T1234",
        "人民路 1 号",
    )
    assert (screen.groups, screen.tags, screen.unit) == (("城区-北", "公交站"), ("夜班",), "高新区")
    assert screen.position == (116.4, 39.9)


def test_a_head_written_in_both_languages_is_one_column_twice():
    with pytest.raises(Refused) as refused:
        parse_csv("id,编号,kind,panel\n".encode())
    assert codes(refused) == ["csv-column-twice"]
