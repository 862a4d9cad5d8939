"""Bundles of a played campaign are valid, by a bare Python too."""

import csv
import json
import shutil
import subprocess
import sys
from datetime import date, timedelta

import pytest

from signage.evidence.bundle import verifier
from signage.model.users import make_cli_actor
from signage.services.evidence.bundle_export import export_bundle
from tests.support.played_campaign import play_campaign

WHO = make_cli_actor("wang")
SLOGANS, FILMS = 10, 3


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    return play_campaign(tmp_path_factory.mktemp("played") / "office", first=date(2021, 3, 15), days=1, every=8).office


def exported(office, tmp_path, name, *scope):
    folder = tmp_path / name
    export_bundle(office, WHO, folder, *scope)
    return folder


def rows(folder):
    with (folder / "plays.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def bare(folder, *args):
    """Run the bundle's own verifier without any installed packages."""
    command = [sys.executable, "-S", "-I", "verify.py", *args]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_the_whole_bundle_has_thumbnails_of_films(office, tmp_path):
    folder = exported(office, tmp_path, "all")
    ran = bare(folder)
    assert (ran.returncode, ran.stderr) == (0, "")
    shown = {path.name.rpartition("-")[0] for path in (folder / "thumbnails").glob("315-2021--*.png")}
    assert len([name for name in shown if "--film-" in name]) == FILMS and len(shown) == SLOGANS + FILMS
    assert {row["verdict"] for row in rows(folder)} <= {"as-planned", "cut"}
    named = {(row["screen"], row["serial"]) for row in rows(folder)}
    assert {tuple(path.stem.rsplit("-", 1)) for path in (folder / "playlists").iterdir()} >= named


@pytest.mark.slow
def test_bundles_of_a_unit_and_of_a_period_are_proved_in_the_whole_log(office, tmp_path):
    whole = rows(exported(office, tmp_path, "all"))
    unit = exported(office, tmp_path, "unit", None, None, "mall")
    assert rows(unit) == [row for row in whole if row["screen"] == "street-0001"] != []
    morning = office.clock.now() - timedelta(hours=24), office.clock.now() - timedelta(hours=8)
    period = exported(office, tmp_path, "period", *morning)
    assert (
        rows(period) == [row for row in whole if "2021-03-15T00:00" <= row["started_at"] < "2021-03-15T16:00"] != whole
    )
    for folder in (unit, period):
        held = verifier.verify_bundle(str(folder))
        assert 0 < held.entry_count < held.log_size and "nodes" in json.loads((folder / "proofs.json").read_bytes())
        assert bare(folder).returncode == 0
    (unit / "plays.csv").write_bytes((period / "plays.csv").read_bytes())
    ran = bare(unit)
    assert ran.returncode == 1 and "plays.csv: record " in ran.stderr + ran.stdout


@pytest.mark.slow
def test_an_older_bundle_is_a_prefix_of_a_newer_one(office, tmp_path):
    older, newer = (exported(office, tmp_path, name) for name in ("older", "newer"))
    assert bare(newer, "--since", str(older)).returncode == 0
    assert verifier.verify_bundle(str(newer), None, str(older)).log_size > verifier.verify_bundle(str(older)).log_size
    assert bare(older, "--since", str(newer)).returncode == 1
    copy = tmp_path / "copy"
    shutil.copytree(older, copy)
    lines = (copy / "checkpoint.txt").read_text("utf-8").splitlines(keepends=True)
    (copy / "checkpoint.txt").write_text("".join([*lines[:1], "3\n", *lines[2:]]), "utf-8")
    assert bare(newer, "--since", str(copy)).returncode == 1
