"""``signage explain`` and ``signage simulate`` over an installation on disk, without a server."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from signage.cli.errors import run_command
from signage.cli.lazy_group import signage

CAMPAIGN = """\
format = "signage.campaign/1"
id = "spring"
title = "春季"
timezone = "Asia/Shanghai"
from = 2021-03-10T00:00:00
until = 2021-03-12T00:00:00
[[item]]
id = "a"
text = "诚信"
[[item]]
id = "b"
text = "消费"
[daypart.day]
from = 08:00:00
until = 20:00:00
[[placement]]
screens = ["kind:taxi-roof"]
items = ["*"]
dayparts = ["day"]
order = "listed"
"""


def get_config_option() -> tuple[str, str]:
    """Return the option with an absolute path: the configuration is loaded once per path and process."""
    return "--config", str(Path.cwd() / "config.toml")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    (tmp_path / "playlists").mkdir()
    (tmp_path / "config.toml").write_text("")
    (tmp_path / "playlists" / "spring.toml").write_text(CAMPAIGN, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    for name in ("taxi-1", "taxi-2"):
        assert (
            run_command(
                signage,
                [
                    *get_config_option(),
                    "screens",
                    "add",
                    name,
                    "--kind",
                    "taxi-roof",
                    "--panel",
                    "taxi-192x64",
                    "--json",
                ],
            )
            == 0
        )
    capsys.readouterr()
    return tmp_path


def run_signage(capsys: pytest.CaptureFixture[str], *args: str, status: int = 0) -> str:
    assert run_command(signage, [*get_config_option(), *args]) == status
    out, err = capsys.readouterr()
    assert (err == "") == (status == 0), err
    return out if status == 0 else err


def run_json(capsys: pytest.CaptureFixture[str], *args: str) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(run_signage(capsys, *args, "--json"))
    return result


def test_explain_prints_the_json_of_the_contract(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = run_json(capsys, "explain", "taxi-1", "--at", "2021-03-10T08:00:20")
    trail = result.pop("trail")
    assert result == {
        "screen": "taxi-1",
        "at": "2021-03-10T08:00:20+08:00",
        "item": "spring/a",
        "program": {"from": "2021-03-10T08:00:00+08:00", "until": "2021-03-10T20:00:00+08:00", "why": "spring / day"},
        "position_ms": 4000,
    }
    assert all(set(step) == {"rule", "candidate", "kept", "reason"} for step in trail)
    assert [s["candidate"] for s in trail if s["rule"] == "turn" and s["kept"]] == ["spring/a"]
    assert not [s for s in trail if s["reason"].startswith("explain-") or "{" in s["reason"]]


def test_explain_speaks_chinese(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = run_signage(capsys, "explain", "taxi-1", "--at", "2021-03-10T21:00:00+08:00", "--lang", "zh")
    assert "_signage/still" in result and "此刻不在其任何时段内：day。" in result


@pytest.mark.parametrize("at", ["9999-12-31T23:00:00", "0001-01-01T00:00:00Z"])
def test_times_beyond_the_calendar_are_refused(site: Path, capsys: pytest.CaptureFixture[str], at: str) -> None:
    assert "beyond the range" in run_signage(capsys, "explain", "taxi-1", "--at", at, status=1)


def test_an_unknown_screen_or_campaign_is_named(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "taxi-9" in run_signage(capsys, "explain", "taxi-9", status=1)
    assert "autumn" in run_signage(capsys, "simulate", "autumn", status=1)


def test_simulate_prints_the_json_of_the_contract(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = run_json(capsys, "simulate", "spring")
    assert result["campaign"] == "spring"
    assert [one["screen"] for one in result["screens"]] == ["taxi-1", "taxi-2"]
    for one in result["screens"]:
        assert [(i["item"], i["plays"], i["seconds"], i["starved"]) for i in one["items"]] == [
            ("spring/a", 5400, 43200.0, False),
            ("spring/b", 5400, 43200.0, False),
        ]
        assert all((i["share_asked"], i["share_got"]) == (0.5, 0.5) for i in one["items"])
        assert sum(i["plays"] for i in one["days"]["2021-03-10"]) == 5400
        assert {s["kind"] for s in one["silent"]} == {"not-due"} and one["bytes"]["media"] > 0


def test_simulate_reads_times_in_the_servers_time_zone(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    period = ("--from", "2021-03-10T19:59:50", "--until", "2021-03-11T08:00:10")
    items = run_json(capsys, "simulate", "spring", *period)["screens"][0]["items"]
    assert [(i["plays"], i["cut"], i["seconds"]) for i in items] == [(1, 1, 10.0), (1, 1, 10.0)]
    assert "not after its start" in run_signage(
        capsys, "simulate", "spring", *period[:2], "--until", period[1], status=1
    )


def test_simulate_as_csv_and_as_a_table(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = list(csv.DictReader(io.StringIO(run_signage(capsys, "simulate", "spring", "--csv").removeprefix("\ufeff"))))
    assert len(rows) == 2 * 2 * 2 and rows[0]["date"] == "2021-03-10" and rows[0]["plays"] == "2700"
    table = run_signage(capsys, "simulate", "spring")
    assert "spring/a" in table and "24.0 h by its own dates" in table


def test_simulate_draws_the_week(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_signage(capsys, "simulate", "spring", "--picture", "week.svg", "--csv")
    drawn = Path("week.svg").read_text(encoding="utf-8")
    assert drawn.startswith("<svg") and "spring / day" in drawn and "taxi-1  +1" in drawn
    run_signage(capsys, "simulate", "spring", "--picture", "week.png", "--csv")
    assert Path("week.png").read_bytes().startswith(b"\x89PNG")
    assert ".svg" in run_signage(capsys, "simulate", "spring", "--picture", "week.gif", status=1)


def test_a_campaign_without_screens_prints_a_note(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = CAMPAIGN.replace('id = "spring"', 'id = "nowhere"').replace("kind:taxi-roof", "kind:tower")
    (site / "playlists" / "nowhere.toml").write_text(text, encoding="utf-8")
    assert run_json(capsys, "simulate", "nowhere") == {"campaign": "nowhere", "screens": []}
    assert run_command(signage, [*get_config_option(), "simulate", "nowhere"]) == 0
    assert "No screen" in capsys.readouterr().err
