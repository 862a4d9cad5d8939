"""A play has one list of fields: wire, table, archive, CSV and JSON are derived from it."""

import csv
import io
import json

import msgspec
import pytest

from signage.evidence.archive_files import COLUMNS, Archive, JudgedPlay, open_duckdb, write_parquet
from signage.evidence.archive_sealing import seal_due_days
from signage.evidence.judged_plays import EvidenceContext, read_judged_plays
from signage.evidence.play_export import (
    CSV_COLUMNS,
    PlayView,
    ScreenPlayView,
    create_play_view,
    create_screen_play_view,
    format_csv_row,
    list_details,
)
from signage.evidence.play_ingest import PlayIngest
from signage.evidence.settings import EvidenceConfig
from signage.model.spreadsheet_csv import iter_csv_bytes
from signage.protocol.plays import OPTIONAL_FIELDS, Play
from signage.store.plays.plays import plays
from tests.evidence.builders import create_body, create_play, create_playlist

DETAILS = {"area": "北城", "cell": "r12-c7", "fix_age_s": 2.5, "live_ms": 6000, "fallback_ms": 2000}
WIRE_FIELDS = Play.__struct_fields__


def test_every_field_of_a_play_is_in_every_form_of_it():
    assert set(WIRE_FIELDS) == {*create_play(1), *DETAILS}
    assert set(WIRE_FIELDS) <= set(plays.c.keys())
    assert set(COLUMNS) == set(JudgedPlay.__struct_fields__) >= set(WIRE_FIELDS)
    assert ScreenPlayView.__struct_fields__ == CSV_COLUMNS
    assert PlayView.__struct_fields__ == CSV_COLUMNS[1:]
    assert set(WIRE_FIELDS) <= set(CSV_COLUMNS)


def test_the_names_that_others_read_are_fixed():
    """Names and order of tables, archive files and CSV outlive this version: new ones are appended."""
    assert list(COLUMNS)[:15] == [
        "screen",
        "run",
        "run_id",
        "seq",
        "item",
        "sha256",
        "serial",
        "started_at",
        "started_ms",
        "corrected_ms",
        "received_ms",
        "duration_ms",
        "result",
        "flags",
        "verdict",
    ]
    assert list(CSV_COLUMNS)[:13] == [
        "screen",
        "run",
        "seq",
        "item",
        "sha256",
        "serial",
        "started_at",
        "corrected_at",
        "received_at",
        "duration_ms",
        "result",
        "flags",
        "verdict",
    ]
    assert list(COLUMNS)[15:] == list(CSV_COLUMNS)[13:] == list(OPTIONAL_FIELDS)
    assert {name: COLUMNS[name] for name in ("run_id", "started_at", "flags", "fix_age_s", "live_ms")} == {
        "run_id": "BIGINT",
        "started_at": "VARCHAR",
        "flags": "VARCHAR",
        "fix_age_s": "DOUBLE",
        "live_ms": "BIGINT",
    }
    assert set(plays.c.keys()) == {
        *("run_id", "seq", "item", "sha256", "serial", "started_at", "started_ms", "received_ms", "duration_ms"),
        *("result", "area", "cell", "fix_age_s", "live_ms", "fallback_ms"),
    }


@pytest.fixture
def archive(tmp_path):
    return Archive(tmp_path / "archive")


@pytest.fixture
def evidence(archive):
    return EvidenceContext(lambda screen, serial: create_playlist(), archive)


def list_judged_plays(store, evidence):
    with store.read() as connection:
        return list(read_judged_plays(connection, evidence))


@pytest.mark.parametrize("is_sealed", [False, True])
def test_details_are_stored_sealed_and_shown(store, clock, archive, evidence, is_sealed):
    ingest = PlayIngest(store, clock, archive.find_contents)
    body = create_body(create_play(1, **DETAILS), create_play(2, result="preempted"))
    assert ingest.submit("taxi-0001", body).stored == 2
    if is_sealed:
        clock.on(days=9)
        assert len(seal_due_days(store, clock, archive, lambda connection: evidence, EvidenceConfig())) == 1
    assert ingest.submit("taxi-0001", body).duplicates == 2
    changed = create_body(create_play(1, **{**DETAILS, "live_ms": 1}))
    assert [rejection.seq for rejection in ingest.submit("taxi-0001", changed).rejected] == [1]
    ingest.close()
    detailed, preempted = list_judged_plays(store, evidence)
    assert (preempted.result, preempted.verdict, list_details(preempted)) == ("preempted", "not-shown", [])
    assert dict(list_details(detailed)) == DETAILS
    content = b"".join(iter_csv_bytes(CSV_COLUMNS, map(format_csv_row, (detailed, preempted)))).decode("utf-8-sig")
    first, second = csv.DictReader(io.StringIO(content))
    assert {name: first[name] for name in DETAILS} == {name: str(value) for name, value in DETAILS.items()}
    assert {second[name] for name in DETAILS} == {""}
    for create in (create_play_view, create_screen_play_view):
        assert DETAILS.items() <= json.loads(msgspec.json.encode(create(detailed))).items()
        assert not DETAILS.keys() & json.loads(msgspec.json.encode(create(preempted))).keys()


@pytest.mark.parametrize("name", DETAILS)
def test_a_detail_of_another_type_is_rejected_by_its_name(store, clock, name):
    ingest = PlayIngest(store, clock)
    good, absent, bad = create_play(1, **DETAILS), create_play(2, **{name: None}), create_play(3, **{name: [1]})
    acknowledgement = ingest.submit("taxi-0001", create_body(good, absent, bad))
    ingest.close()
    assert acknowledgement.stored == 2
    assert [(rejection.seq, name in rejection.why) for rejection in acknowledgement.rejected] == [(3, True)]


def test_a_file_that_was_sealed_before_details_existed_is_read_and_sealed_again(tmp_path, archive):
    """The first version's file has 15 columns."""
    old_columns = {name: kind for name, kind in COLUMNS.items() if name not in OPTIONAL_FIELDS}
    name = archive.format_name("2021-03-15")
    path = archive.get_path(name)
    path.parent.mkdir(parents=True)
    raw = tmp_path / "plays.raw"
    raw.write_text("taxi-0001,r1,1,1,a/b,00,7,2021-03-15T08:00:00Z,1,2,3,8000,completed,clock-ahead future,late\n")
    write_parquet(raw, path, old_columns)
    (old,) = archive.read_plays([name])
    assert (old.seq, old.flags, old.area, old.live_ms) == (1, ("clock-ahead", "future"), None, None)
    assert archive.find_contents(name, 1, [1]) == {
        1: ("a/b", "00", 7, "2021-03-15T08:00:00Z", 8000, "completed", *[None] * len(DETAILS))
    }
    again = archive.get_path(archive.format_name("2021-03-15", 2))
    write_parquet(raw, again, old_columns, existing=path)
    with open_duckdb() as duck:
        assert duck.execute(f"SELECT count(*) FROM read_parquet('{again}')").fetchone() == (2,)


def test_any_text_of_a_screen_survives_the_archive(store, clock, archive, evidence):
    items = ["\\N", "null", "", '"', "a,b", "a\nb", " "]
    ingest = PlayIngest(store, clock)
    ingest.submit("taxi-0001", create_body(*(create_play(n, item=item) for n, item in enumerate(items, 1))))
    ingest.close()
    clock.on(days=9)
    assert seal_due_days(store, clock, archive, lambda connection: evidence, EvidenceConfig())
    assert [play.item for play in list_judged_plays(store, evidence)] == items
