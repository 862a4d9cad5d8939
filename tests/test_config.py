"""The configuration: every setting, and all faults at once."""

from dataclasses import fields
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from signage.config import Config, load_config, parse_config
from signage.config_schema import CONFIG_TABLES, KEYED_TABLES, SETTINGS, TABLE_ARRAYS, get_default, get_key
from signage.faults import Fault, Refused
from signage.messages import has_message
from signage.model.panel import PRESET_PANELS, Panel
from tests.support.settings_pages import ROOT, render_config_toml, render_settings_page

PATH = Path("/srv/signage/config.toml")


def faults(text: str) -> list[tuple[int | None, str, str]]:
    with pytest.raises(Refused) as refused:
        parse_config(PATH, text)
    for fault in refused.value.faults:
        assert isinstance(fault, Fault)
        assert has_message(fault.code)
    return [(f.location.line, f.location.key, f.code) for f in refused.value.faults]


def test_the_shipped_file_and_the_page_match_the_schema() -> None:
    assert (ROOT / "config.toml").read_text("utf-8") == render_config_toml()
    assert (ROOT / "docs" / "settings.md").read_text("utf-8") == render_settings_page()


def test_the_shipped_file_contains_the_defaults() -> None:
    shipped, empty = load_config(ROOT / "config.toml"), parse_config(ROOT / "config.toml", "")
    names = {field.name for field in fields(Config)} - {"is_consent_decided"}
    assert {name: getattr(shipped, name) for name in names} == {name: getattr(empty, name) for name in names}
    assert shipped.is_consent_decided  # so that a new installation begins with the rule, whatever is older than it
    assert shipped.panels == {panel.id: panel for panel in PRESET_PANELS}


def test_every_field_of_every_config_class_is_a_setting_and_nothing_else() -> None:
    for table, owners in CONFIG_TABLES.items():
        assert {s.key for s in SETTINGS if s.table == table} == {get_key(f.name) for o in owners for f in fields(o)}
    assert {s.key for s in SETTINGS if s.table == "panel"} == {f.name for f in fields(Panel)}
    assert {s.table for s in SETTINGS} == {*CONFIG_TABLES, *TABLE_ARRAYS, *KEYED_TABLES}


def test_every_default_is_a_valid_value() -> None:
    for setting in SETTINGS:
        if setting.table in CONFIG_TABLES:
            default = get_default(setting)
            setting.kind(list(default) if isinstance(default, tuple) else default)


def test_paths_are_relative_to_the_folder_of_the_file() -> None:
    config = parse_config(PATH, '[storage]\nstate = "data/now"\n')
    assert (config.root, config.state) == (Path("/srv/signage"), Path("/srv/signage/data/now"))
    assert parse_config(PATH, '[storage]\nstate = "/var/lib/signage"\n').state == Path("/var/lib/signage")


def test_all_faults_are_reported_at_once_with_their_lines() -> None:
    assert faults(
        """
[server]
prot = 80
port = true
timezone = "Asia/Shanhgai"
workers = nan

[schedule]
max_loop_s = "long"
days = 0

[[panel]]
id = "Roof"
width = 12.5

[[holiday]]
date = 2021-02-30
workday = 1

[colour]
"""
    ) == [
        (3, "server.prot", "key-unknown"),
        (4, "server.port", "not-whole"),
        (5, "server.timezone", "zone-unknown"),
        (6, "server.workers", "not-whole"),
        (9, "schedule.max_loop_s", "not-whole"),
        (10, "schedule.days", "not-whole"),
        (12, "panel[1].height", "key-missing"),
        (13, "panel[1].id", "not-id"),
        (14, "panel[1].width", "not-whole"),
        (17, "holiday[1].date", "date-impossible"),
        (18, "holiday[1].workday", "not-flag"),
        (20, "colour", "key-unknown-far"),
    ]


def test_a_table_in_place_of_an_array_of_tables_is_reported() -> None:
    assert faults('[panel]\nid = "a"\n') == [(1, "panel", "not-tables")]
    assert faults("server = 3\n") == [(1, "server", "not-table")]


def test_key_periods_are_read_in_the_servers_time_zone() -> None:
    config = parse_config(
        PATH, "[[key_period]]\nfrom = 2021-03-14T00:00:00\nuntil = 2021-03-16T00:00:00+08:00\npoll_seconds = 10\n"
    )
    (period,) = config.schedule_settings.key_periods
    assert period.from_ == datetime(2021, 3, 13, 16, tzinfo=UTC)
    assert (period.until, period.poll_seconds) == (datetime(2021, 3, 15, 16, tzinfo=UTC), 10)
    assert faults("[[key_period]]\nfrom = 2021-03-16T00:00:00\nuntil = 2021-03-14T00:00:00\n") == [
        (3, "key_period[1].until", "until-not-after-from")
    ]


def test_a_calendar_day_may_be_corrected_once() -> None:
    config = parse_config(PATH, "[[holiday]]\ndate = 2021-03-15\nworkday = false\n")
    assert not config.calendars.is_workday(date(2021, 3, 15), "Asia/Shanghai")
    twice = "[[holiday]]\ndate = 2021-03-15\nworkday = false\n" * 2
    assert faults(twice) == [(5, "holiday[2].date", "holiday-twice")]


def test_a_panel_with_a_built_in_id_replaces_the_built_in_one() -> None:
    config = parse_config(PATH, '[[panel]]\nid = "taxi-192x64"\nwidth = 200\nheight = 64\nplays = ["still"]\n')
    assert config.panels["taxi-192x64"] == Panel("taxi-192x64", 200, 64, plays=frozenset({"still"}))
    assert config.panels["wall-960x540"].width == 960
    twice = '[[panel]]\nid = "a"\nwidth = 2\nheight = 2\n' * 2
    assert faults(twice) == [(6, "panel[2].id", "panel-twice")]


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        load_config(tmp_path / "config.toml")
    (fault,) = refused.value.faults
    assert (fault.code, fault.location.file) == ("config-missing", str(tmp_path / "config.toml"))


def test_a_file_in_gbk_is_refused_by_its_encoding() -> None:
    with pytest.raises(Refused) as refused:
        parse_config(PATH, "[server]\n# 屏\n".encode("gb18030"))
    (fault,) = refused.value.faults
    assert (fault.code, fault.facts["encoding"]) == ("encoding-wrong", "GBK")
