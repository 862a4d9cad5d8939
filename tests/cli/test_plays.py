import base64
import csv
import io
import json

import pytest

from signage.cli import main
from signage.evidence.archive_files import Archive
from signage.evidence.archive_sealing import seal_due_days
from signage.evidence.judged_plays import EvidenceContext
from signage.evidence.play_ingest import PlayIngest
from signage.evidence.settings import EvidenceConfig
from signage.protocol.epoch import from_ms, to_ms
from signage.store.engine import Store
from tests.evidence.builders import create_body, create_play, parse_instant
from tests.evidence.conftest import SetClock


@pytest.fixture
def clock():
    return SetClock(parse_instant("2021-03-15T09:00:00+08:00"))


@pytest.fixture
def office(tmp_path):
    (tmp_path / "config.toml").write_text("", "utf-8")
    assert run(tmp_path, "screens", "add", "taxi-0001", "--kind", "taxi-roof", "--panel", "taxi-192x64") == 0
    return tmp_path


def run(folder, *args):
    with pytest.raises(SystemExit) as ended:
        main(["--config", str(folder / "config.toml"), *args])
    return ended.value.code


@pytest.fixture
def sent(office, clock):
    store = Store(office / "var" / "signage.db")
    intake = PlayIngest(store, clock)
    intake.submit(
        "taxi-0001",
        create_body(
            create_play(1),
            create_play(2, started_at="yesterday"),
            create_play(3, item="=gone", sha256="0" * 64, started_at="2021-03-15T08:00:08+08:00"),
            create_play(7, started_at="1970-01-01T00:00:05Z"),
            lost=[[4, 5]],
        ),
    )
    intake.close()
    store.close()
    return to_ms(clock.now())


def test_plays_as_json(office, sent, capsys):
    capsys.readouterr()
    assert run(office, "plays", "taxi-0001", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["screen"] == "taxi-0001"
    first = found["plays"][0]
    assert list(first) == [
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
    assert first["started_at"] == "2021-03-15T08:00:00.000+08:00"
    assert parse_instant(first["corrected_at"]) == parse_instant(first["started_at"])
    assert first["verdict"] == "not-judged" and first["flags"] == ["unknown-serial", "unknown-item"]
    last = found["plays"][-1]
    assert last["started_at"] == "1970-01-01T00:00:05Z" and "clock-unset" in last["flags"]
    assert parse_instant(last["corrected_at"]) == from_ms(sent - 8000)
    assert found["gaps"] == [
        {"run": "r1", "first": 2, "last": 2, "why": "rejected"},
        {"run": "r1", "first": 4, "last": 5, "why": "lost"},
        {"run": "r1", "first": 6, "last": 6, "why": "missing"},
    ]


def test_the_bytes_of_rejected_records_are_available_to_the_auditor(office, sent, clock, capsys):
    store = Store(office / "var" / "signage.db")
    intake = PlayIngest(store, clock)
    odd = b'{"seq": 9, "item": "\xff\xfe"}'
    intake.submit("taxi-0001", b'{"run":"r1","plays":[' + odd + b"]}")
    intake.submit("taxi-0001", create_body(create_play(1, duration_ms=1)))
    intake.close()
    store.close()
    capsys.readouterr()
    assert run(office, "plays", "taxi-0001", "--json") == 0
    unread, strange, other = json.loads(capsys.readouterr().out)["rejected"]
    assert list(unread) == ["run", "seq", "why", "received_at", "text"]
    assert (unread["run"], unread["seq"], json.loads(unread["text"])["started_at"]) == ("r1", 2, "yesterday")
    assert parse_instant(unread["received_at"]) == clock.now()
    assert base64.b64decode(strange["base64"]) == odd
    assert (other["seq"], json.loads(other["text"])["duration_ms"]) == (1, 1)
    assert run(office, "plays", "taxi-0001") == 0
    assert "yesterday" in capsys.readouterr().out


def test_plays_as_csv_for_excel(office, sent, capfdbinary):
    capfdbinary.readouterr()
    assert run(office, "plays", "taxi-0001", "--csv") == 0
    content = capfdbinary.readouterr().out
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert [row["item"] for row in rows] == ["315-2021/a", "'=gone", "315-2021/a"]
    assert rows[1]["sha256"] == "'" + "0" * 64


def test_a_period_is_half_open_and_in_the_screen_s_zone(office, sent, capsys):
    capsys.readouterr()
    run(office, "plays", "taxi-0001", "--from", "2021-03-15T08:00:00", "--until", "2021-03-15T08:00:08", "--json")
    assert [p["seq"] for p in json.loads(capsys.readouterr().out)["plays"]] == [1]


def test_plays_as_a_table(office, sent, capsys):
    capsys.readouterr()
    assert run(office, "plays", "taxi-0001") == 0
    out = capsys.readouterr().out
    assert "2021-03-15 08:00:00+08:00" in out and "missing" in out


def test_an_unknown_screen_is_named(office, capsys):
    assert run(office, "plays", "taxi-9999") == 1
    assert "taxi-9999" in capsys.readouterr().err


@pytest.fixture
def forged(office, sent, clock):
    """Seal all plays; then change the file."""
    store, archive = Store(office / "var" / "signage.db"), Archive(office / "var" / "archive")
    clock.on(days=9)
    (made,) = seal_due_days(
        store, clock, archive, lambda _: EvidenceContext(lambda *_: None, archive), EvidenceConfig()
    )
    store.close()
    archive.get_path(made.name).write_bytes(b"forged")
    return made.name


def test_an_altered_archive_file_is_named(office, forged, capsys):
    capsys.readouterr()
    assert run(office, "plays", "taxi-0001", "--json") == 1
    said = capsys.readouterr()
    assert f"archive/{forged}" in said.err
    found = json.loads(said.out)
    assert (found["plays"], [one["file"] for one in found["unfit"]]) == ([], [forged])
    assert run(office, "audit", "export", str(office / "bundle")) == 1
    assert f"archive/{forged}" in capsys.readouterr().err
    assert run(office, "audit", "verify", str(office / "bundle")) == 0
    assert forged in capsys.readouterr().out
