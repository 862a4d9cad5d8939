import json
import shutil
import subprocess
import sys
from datetime import timedelta

import pytest

from signage.evidence.archive_files import Archive
from signage.evidence.bundle import verifier
from signage.evidence.bundle.export import write_bundle
from signage.evidence.bundle.scope import BundleScope, BundleSources
from signage.evidence.judged_plays import EvidenceContext
from signage.faults import Refused
from signage.protocol.playlist import encode_playlist
from signage.store import audit_log as audit
from tests.evidence.builders import create_body, create_play, create_playlist, parse_instant

LOG_ENTRIES = 40


def sources(tmp_path):
    known = {("taxi-0001", 7): create_playlist(), ("taxi-0001", 8): create_playlist(serial=8)}
    return BundleSources(
        evidence=EvidenceContext(lambda screen, serial: known.get((screen, serial)), Archive(tmp_path / "archive")),
        find_playlist=lambda screen, serial: (
            encode_playlist(known[screen, serial]) if (screen, serial) in known else None
        ),
        list_published=lambda begin, end: iter([("taxi-0001", 8)]),
        find_picture=lambda sha256: None,
    )


def work(store, clock, entries=LOG_ENTRIES):
    for number in range(entries):
        clock.on(minutes=1)
        with store.write() as connection:
            audit.append_entry(
                connection,
                clock.now(),
                "wang",
                "item.approve",
                f"315-2021/slogan-{number:02}",
                {"person": "王某", "n": number},
            )


@pytest.fixture
def sent(store, clock, intake):
    work(store, clock)
    for hour in range(3):
        found = [
            create_play(
                hour * 10 + n,
                started_at=f"2021-03-15T0{hour + 7}:00:{n * 8:02}+08:00",
                item="=1+1" if n == 3 else "315-2021/a",
            )
            for n in range(1, 7)
        ]
        intake.submit("taxi-0001", create_body(*found))


def made(store, clock, tmp_path, name, scope=None):
    folder = tmp_path / name
    write_bundle(store, clock, folder, scope or BundleScope(), sources(tmp_path), "cli:root")
    return folder


def broken(folder, **how):
    with pytest.raises(verifier.VerificationError) as found:
        verifier.verify_bundle(str(folder), **how)
    return found.value


def test_a_bundle_is_valid_by_the_program_and_by_its_own_verifier(store, clock, sent, tmp_path):
    folder = made(store, clock, tmp_path, "bundle")
    held = verifier.verify_bundle(str(folder))
    assert (held.entry_count, held.log_size) == (LOG_ENTRIES + 2, LOG_ENTRIES + 2)
    assert sorted(p.name for p in folder.iterdir()) == [
        "audit.jsonl",
        "checkpoint.txt",
        "index.html",
        "keys.json",
        "manifest.json",
        "playlists",
        "plays.csv",
        "plays.parquet",
        "proofs.json",
        "thumbnails",
        "verify.py",
    ]
    assert sorted(p.name for p in (folder / "playlists").iterdir()) == ["taxi-0001-7.json", "taxi-0001-8.json"]
    assert (folder / "plays.csv").read_bytes().startswith(b"\xef\xbb\xbfscreen,run,seq,")
    assert "'=1+1" in (folder / "plays.csv").read_text("utf-8-sig")
    run = subprocess.run([sys.executable, "-I", str(folder / "verify.py")], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    assert next(iter(held.keys)) in run.stdout


def test_the_parquet_and_the_csv_say_the_same(store, clock, sent, tmp_path):
    import csv

    import duckdb

    folder = made(store, clock, tmp_path, "bundle")
    with (folder / "plays.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    found = duckdb.sql(
        f"SELECT seq, item, corrected_at, verdict, flags FROM read_parquet('{folder}/plays.parquet') ORDER BY seq"
    ).fetchall()
    assert len(rows) == len(found) == 18
    for row, (seq, item, corrected, verdict, flags) in zip(rows, found, strict=True):
        assert (int(row["seq"]), row["item"].lstrip("'"), row["verdict"], row["flags"]) == (seq, item, verdict, flags)
        assert parse_instant(row["corrected_at"]).replace(tzinfo=None) == corrected


def test_a_part_of_the_log_is_proved(store, clock, sent, tmp_path):
    begin = parse_instant("2021-03-15T09:10:00+08:00")
    folder = made(store, clock, tmp_path, "part", BundleScope(begin, begin + timedelta(minutes=7)))
    held = verifier.verify_bundle(str(folder))
    assert (held.entry_count, held.log_size) == (8, LOG_ENTRIES + 2)
    odd = BundleScope(unit="bureau", is_unit_entry=lambda said: said["details"].get("n", 0) % 3 == 1)
    held = verifier.verify_bundle(str(made(store, clock, tmp_path, "unit", odd)))
    assert held.entry_count == 14


def test_an_older_bundle_and_the_key_reveal_a_recreated_log(store, clock, sent, tmp_path):
    older = made(store, clock, tmp_path, "older")
    key = next(iter(verifier.verify_bundle(str(older)).keys))
    work(store, clock, 5)
    newer = made(store, clock, tmp_path, "newer")
    part = made(store, clock, tmp_path, "part", BundleScope(clock.now(), None))
    for folder in (newer, part):
        verifier.verify_bundle(str(folder), key=key, since=str(older))
    assert broken(older, since=str(newer)).code == "shorter"
    assert broken(newer, key="k" + "0" * 16).code == "not-that-key"

    other = forged(tmp_path, clock, newer)
    verifier.verify_bundle(str(other))
    assert broken(other, key=key).code == "not-that-key"
    assert broken(other, since=str(older)).code in ("rewritten", "other-key")
    shutil.copy(newer / "index.html", older / "index.html")
    assert broken(newer, since=str(older)).file == str(older / "index.html")


def forged(tmp_path, clock, like):
    """Export a bundle of the same entries with one changed, signed by another key."""
    from signage.store.engine import Store, metadata

    store = Store(tmp_path / "forged.db")
    with store.write() as connection:
        metadata.create_all(connection)
        for line in (like / "audit.jsonl").read_text("utf-8").splitlines()[:-1]:
            said = json.loads(line)
            who = "li" if said["record"] == 3 else said["who"]
            audit.append_entry(
                connection, parse_instant(said["at"]), who, said["verb"], said["object"], said["details"]
            )
    return made(store, clock, tmp_path, "forged")


def test_erasing_personal_values_does_not_change_the_tree(store, clock, sent, tmp_path):
    before = made(store, clock, tmp_path, "before")
    assert "王某" in (before / "proofs.json").read_text("utf-8")
    with store.write() as connection:
        assert audit.erase_personal_value(connection, "王某") == LOG_ENTRIES
    after = made(store, clock, tmp_path, "after")
    verifier.verify_bundle(str(after), since=str(before))
    assert all("王某" not in path.read_text("utf-8", "replace") for path in after.iterdir() if path.is_file())


def test_a_folder_that_is_not_empty_is_refused_and_nothing_remains(store, clock, sent, tmp_path):
    folder = made(store, clock, tmp_path, "bundle")
    with pytest.raises(Refused, match="bundle-folder-taken"):
        made(store, clock, tmp_path, "bundle")
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]
    assert verifier.verify_bundle(str(folder))


def test_the_bundle_of_an_empty_installation_is_valid(store, clock, tmp_path):
    assert verifier.verify_bundle(str(made(store, clock, tmp_path, "bundle"))).entry_count == 2
