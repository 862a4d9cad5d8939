"""Screens: enrolled, changed, revoked, removed."""

from dataclasses import replace

import pytest

from signage.faults import Refused
from signage.model.panel import PRESET_KIND_LABELS, PRESET_PANELS
from signage.model.screen import BrightnessStep, OperatingHours, parse_sun_time
from signage.model.users import Actor, make_cli_actor
from signage.services.publishing.signing_keys import get_signing_keys, retire_signing_key, rotate_signing_key
from signage.services.screens import screens_csv as screen_csv
from signage.services.screens.field_parsers import parse_hours
from signage.services.screens.registry import (
    create_screen,
    create_screens,
    delete_screen,
    issue_token,
    replace_screens,
    revoke_screen,
    update_screens,
)
from signage.services.selector_input import select_screens
from signage.store import change_counter as revision
from signage.store.screens import heartbeats as contacts
from signage.store.screens import screens
from signage.store.token_hash import hash_token
from tests.support.app_context import create_app_context, list_audit_entries, make_screen

ROOT = make_cli_actor("root")


@pytest.fixture
def office(tmp_path):
    return create_app_context(tmp_path)


def kept(office, screen_id):
    with office.store.read() as connection:
        return screens.get_screen(connection, screen_id)


def codes(refused):
    return [fault.code for fault in refused.value.faults]


def test_a_token_is_given_once_and_only_its_hash_is_kept(office):
    made = create_screen(office, ROOT, make_screen())
    assert kept(office, "taxi-0001").token_hash == hash_token(made.token)
    assert made.key == get_signing_keys(office)[0].id
    for file in office.state.iterdir():
        assert made.token.encode() not in file.read_bytes()


def test_every_fact_comes_back_as_it_was(office):
    full = make_screen(
        groups=("buses", "north"),
        tags=("centre",),
        unit="bureau",
        position=(121.47, 31.23),
        hours=(OperatingHours(parse_sun_time("06:00"), parse_sun_time("22:30:15")),),
        brightness=(BrightnessStep("sunrise", 100), BrightnessStep("sunset", 40)),
        default_campaign="315-2021",
    )
    create_screen(office, ROOT, full)
    assert kept(office, "taxi-0001").screen == full


def test_an_id_that_exists_is_refused(office):
    create_screen(office, ROOT, make_screen())
    with pytest.raises(Refused) as refused:
        create_screen(office, ROOT, make_screen())
    assert codes(refused) == ["screen-exists"]


def test_all_faults_are_told_at_once(office):
    wrong = make_screen(
        "Taxi 1",
        kind="",
        panel="taxi-192x46",
        timezone="Asia/Shanghia",
        groups=("two words",),
        position=(121.0, 95.0),
        brightness=(BrightnessStep(parse_sun_time("19:00"), 101),),
    )
    with pytest.raises(Refused) as refused:
        create_screen(office, ROOT, wrong)
    assert sorted(codes(refused)) == sorted(
        [
            "id-malformed",
            "id-missing",
            "word-malformed",
            "panel-unknown-near",
            "timezone-unknown",
            "position-impossible",
            "brightness-impossible",
        ]
    )


@pytest.mark.parametrize("zone", ["", "/etc/passwd", "../UTC", "Asia", "Asia/Shanghai\x00"])
def test_a_timezone_is_a_name_and_never_a_path(office, zone):
    with pytest.raises(Refused) as refused:
        create_screen(office, ROOT, make_screen(timezone=zone))
    assert codes(refused) == ["timezone-unknown"]


def test_sunset_needs_a_position(office):
    with pytest.raises(Refused) as refused:
        create_screen(office, ROOT, make_screen(hours=(OperatingHours("sunrise", "sunset"),)))
    assert codes(refused) == ["position-needed"]


def test_an_act_without_duty_is_refused_and_entered(office):
    operator = Actor("li", frozenset({"operator"}), channel="console")
    with pytest.raises(Refused) as refused:
        create_screen(office, operator, make_screen())
    assert codes(refused) == ["duty-missing"]
    assert list_audit_entries(office)[-1]["details"]["refused"] == "duty-missing"
    assert kept(office, "taxi-0001") is None


def test_the_audit_entry_and_the_revision_come_with_the_act(office):
    create_screen(office, ROOT, make_screen())
    last = list_audit_entries(office)[-1]
    assert (last["verb"], last["object"], last["who"]) == ("screen.add", "taxi-0001", "cli:root")
    with office.store.read() as connection:
        assert revision.get_counters(connection)["screens"] == revision.get_current(connection)


def test_a_revoked_token_is_known_and_a_new_one_ends_the_revocation(office):
    first = create_screen(office, ROOT, make_screen())
    revoke_screen(office, ROOT, "taxi-0001")
    assert kept(office, "taxi-0001").revoked_at is not None
    second = issue_token(office, ROOT, "taxi-0001")
    assert second.token != first.token
    assert kept(office, "taxi-0001").revoked_at is None


def test_a_removed_screen_is_gone(office):
    create_screen(office, ROOT, make_screen())
    with office.store.write() as connection:
        contacts.record_polls(connection, [("taxi-0001", office.clock.now(), 3)])
    delete_screen(office, ROOT, "taxi-0001")
    assert kept(office, "taxi-0001") is None
    with office.store.read() as connection:
        assert contacts.get_heartbeats(connection) == {}
    with pytest.raises(Refused):
        revoke_screen(office, ROOT, "taxi-0001")
    create_screen(office, ROOT, make_screen())


def test_many_are_changed_by_pattern(office):
    create_screens(office, ROOT, [(make_screen(f"taxi-{n}"), screen_csv.FaultLocation()) for n in range(5)])
    create_screen(office, ROOT, make_screen("bus-1", groups=("buses",)))
    assert len(update_screens(office, ROOT, ["taxi-*", "!taxi-3"], lambda s: replace(s, unit="bureau"))) == 4
    assert kept(office, "taxi-3").screen.unit is None
    assert len(update_screens(office, ROOT, ["group:buses"], lambda s: replace(s, groups=("trams",)))) == 1
    with pytest.raises(Refused) as refused:
        update_screens(office, ROOT, ["group:buses"], lambda s: s)
    assert codes(refused) == ["selector-names-nothing"]


def test_a_change_to_what_is_wrong_changes_nothing(office):
    create_screens(office, ROOT, [(make_screen(f"taxi-{n}"), screen_csv.FaultLocation()) for n in range(3)])
    with pytest.raises(Refused):
        update_screens(
            office, ROOT, ["*"], lambda s: replace(s, panel="none") if s.id == "taxi-2" else replace(s, unit="x")
        )
    assert kept(office, "taxi-0").screen.unit is None


def test_nothing_to_change_leaves_no_entry(office):
    create_screen(office, ROOT, make_screen())
    before = len(list_audit_entries(office))
    update_screens(office, ROOT, ["*"], lambda s: s)
    assert len(list_audit_entries(office)) == before


def test_two_keys_sign_while_they_change(office):
    first = create_screen(office, ROOT, make_screen()).key
    second = rotate_signing_key(office, ROOT).id
    assert [key.id for key in get_signing_keys(office)] == [first, second]
    assert create_screen(office, ROOT, make_screen("taxi-0002")).key == second
    retire_signing_key(office, ROOT, first)
    with pytest.raises(Refused) as refused:
        retire_signing_key(office, ROOT, second)
    assert codes(refused) == ["key-last"]


def parse_csv(data, timezone="Asia/Shanghai"):
    panels = {panel.id: panel for panel in PRESET_PANELS}
    return screen_csv.parse_screens_csv("fleet.csv", data, timezone, panels, PRESET_KIND_LABELS)


FLEET = """\
id,kind,panel,groups,tags,unit,timezone
taxi-0001,taxi-roof,taxi-192x64,buses;north,centre,bureau,Asia/Shanghai
taxi-0002,taxi-roof,taxi-192x64,,,,
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_fleet_comes_from_a_file(office, encoding):
    made = create_screens(office, ROOT, parse_csv(FLEET.encode(encoding), "Asia/Urumqi"))
    assert [one.screen for one in made] == ["taxi-0001", "taxi-0002"]
    assert kept(office, "taxi-0001").screen.groups == ("buses", "north")
    assert kept(office, "taxi-0002").screen.timezone == "Asia/Urumqi"


def test_a_fleet_with_faults_names_each_row_and_enrols_nothing(office):
    create_screen(office, ROOT, make_screen("taxi-0001"))
    text = FLEET + "taxi-0002,taxi-roof,taxi-192x64,,,,\nTAXI,taxi-roof,roof,,,,\n"
    with pytest.raises(Refused) as refused:
        create_screens(office, ROOT, parse_csv(text.encode(), "Asia/Shanghai"))
    assert [(f.location.line, f.code) for f in refused.value.faults] == [
        (2, "screen-exists"),
        (4, "screen-twice"),
        (5, "id-malformed"),
        (5, "panel-unknown"),
    ]
    assert all(fault.location.file == "fleet.csv" for fault in refused.value.faults)
    assert kept(office, "taxi-0002") is None


def test_cells_and_facts_that_are_wrong_are_told_at_once(office):
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


def test_what_is_exported_can_be_imported(office):
    full = make_screen(
        groups=("a", "b"), position=(121.5, 31.2), hours=(OperatingHours("sunrise", parse_sun_time("22:00")),)
    )
    create_screen(office, ROOT, full)
    written = screen_csv.format_screens_csv([full]).replace(b"22:00", b"23:00")
    assert replace_screens(office, ROOT, parse_csv(written, "UTC")) == (1, 1)
    assert kept(office, "taxi-0001").screen.hours[0].until == parse_sun_time("23:00")


def test_what_is_exported_comes_back_equal():
    known = [
        make_screen("007", position=(-43.1729, 0.5), tags=("12e5", "centre"), unit="123456789012"),
        make_screen("taxi-0001", hours=(parse_hours("sunrise-23:00"),), groups=("buses", "0815")),
    ]
    written = screen_csv.format_screens_csv(known)
    assert written.startswith(b"\xef\xbb\xbfid,kind,panel,") and written.count(b"\n") == written.count(b"\r\n") == 3
    assert b"\r\n'007," in written and b",-43" not in written
    assert [entry for entry, _ in parse_csv(written, "Asia/Shanghai")] == known


CHINESE_FLEET = """编号,类型,屏型,分组,标签,单位,时区,名称,地址,位置
taxi-0001,出租车顶屏,顶屏 192×64 全彩,城区-北;公交站,夜班,高新区,,京A·T1234,人民路 1 号,116.4;39.9
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_fleet_comes_from_a_chinese_spreadsheet(office, encoding):
    create_screens(office, ROOT, parse_csv(CHINESE_FLEET.encode(encoding)))
    screen = kept(office, "taxi-0001").screen
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


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("name", "屏" * 61, "name-too-long"),
        ("name", "two\nlines", "name-unreadable"),
        ("address", "路" * 201, "name-too-long"),
        ("groups", ("公交 站",), "word-malformed"),
        ("tags", ("-北",), "word-malformed"),
        ("unit", "局" * 31, "word-malformed"),
    ],
)
def test_a_name_or_word_that_is_malformed_is_refused(office, field, value, code):
    with pytest.raises(Refused) as refused:
        create_screen(office, ROOT, make_screen(**{field: value}))
    assert codes(refused) == [code]


def test_words_are_compared_in_composed_form(office):
    create_screen(office, ROOT, make_screen(groups=("caf\u0065\u0301",)))
    assert kept(office, "taxi-0001").screen.groups == ("caf\u00e9",)
    assert [s.id for s in select_screens([kept(office, "taxi-0001").screen], ["group:caf\u0065\u0301"], {})] == [
        "taxi-0001"
    ]
