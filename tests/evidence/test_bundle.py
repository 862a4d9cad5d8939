import contextlib
import json
import os
import random
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

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


def test_a_bundle_holds_by_the_program_and_by_its_own_verifier(store, clock, sent, tmp_path):
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


def test_a_part_of_the_log_proves_itself(store, clock, sent, tmp_path):
    begin = parse_instant("2021-03-15T09:10:00+08:00")
    folder = made(store, clock, tmp_path, "part", BundleScope(begin, begin + timedelta(minutes=7)))
    held = verifier.verify_bundle(str(folder))
    assert (held.entry_count, held.log_size) == (8, LOG_ENTRIES + 2)
    odd = BundleScope(unit="bureau", is_unit_entry=lambda said: said["details"].get("n", 0) % 3 == 1)
    held = verifier.verify_bundle(str(made(store, clock, tmp_path, "unit", odd)))
    assert held.entry_count == 14


def test_an_older_bundle_and_a_key_tell_a_log_that_was_made_anew(store, clock, sent, tmp_path):
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
    """The same entries, one changed, signed anew by another key."""
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


def test_erased_details_leave_the_tree_as_it_was(store, clock, sent, tmp_path):
    before = made(store, clock, tmp_path, "before")
    assert "王某" in (before / "proofs.json").read_text("utf-8")
    with store.write() as connection:
        assert audit.erase_personal_value(connection, "王某") == LOG_ENTRIES
    after = made(store, clock, tmp_path, "after")
    verifier.verify_bundle(str(after), since=str(before))
    assert all("王某" not in path.read_text("utf-8", "replace") for path in after.iterdir() if path.is_file())


def test_a_folder_that_is_taken_is_refused_and_nothing_is_left_behind(store, clock, sent, tmp_path):
    folder = made(store, clock, tmp_path, "bundle")
    with pytest.raises(Refused, match="bundle-folder-taken"):
        made(store, clock, tmp_path, "bundle")
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]
    assert verifier.verify_bundle(str(folder))


def test_an_empty_office_s_bundle_holds(store, clock, tmp_path):
    assert verifier.verify_bundle(str(made(store, clock, tmp_path, "bundle"))).entry_count == 2


# Tampering: whatever is changed, wherever, is found, and the first place is named


def lines_of(path):
    return path.read_bytes().split(b"\n")[:-1]


def write_lines(path, lines):
    path.write_bytes(b"".join(line + b"\n" for line in lines))


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    from signage.evidence.play_ingest import PlayIngest
    from signage.store.engine import Store, metadata
    from signage.store.migrate import import_table_modules
    from tests.evidence.conftest import SetClock

    tmp_path = tmp_path_factory.mktemp("tampering")
    import_table_modules()
    store, clock = Store(tmp_path / "signage.db"), SetClock(parse_instant("2021-03-15T09:00:00+08:00"))
    with store.write() as connection:
        metadata.create_all(connection)
    work(store, clock, 12)
    made(store, clock, tmp_path, "older")
    work(store, clock, 12)
    intake = PlayIngest(store, clock)
    intake.submit("taxi-0001", create_body(*(create_play(n) for n in range(1, 13))))
    intake.close()
    folder = made(store, clock, tmp_path, "bundle")
    verifier.verify_bundle(str(folder))
    return folder


@pytest.fixture
def copy(bundle, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(bundle, folder)
    return folder


@pytest.mark.parametrize("name", ["audit.jsonl", "plays.csv"])
@pytest.mark.parametrize("kind", ["edit", "delete", "insert", "reorder", "truncate", "cut"])
def test_the_first_altered_record_is_named(copy, name, kind):
    path, place = copy / name, 5
    lines = lines_of(path)
    if kind == "edit":
        lines[place] = lines[place].replace(b"1", b"2", 1)
    elif kind == "delete":
        del lines[place]
    elif kind == "insert":
        lines.insert(place, lines[3])
    elif kind == "reorder":
        lines[place], lines[place + 2] = lines[place + 2], lines[place]
    elif kind == "truncate":
        del lines[place:]
    write_lines(path, lines)
    if kind == "cut":
        path.write_bytes(path.read_bytes()[:-3])
        place = len(lines) - 1
    found = broken(copy)
    assert (found.file, found.record) == (name, place + (1 if name == "audit.jsonl" else 0))
    assert str(found).startswith(f"{name}: record {found.record}: ")


def test_a_back_dated_entry_is_named(copy):
    path = copy / "audit.jsonl"
    lines = lines_of(path)
    said = json.loads(lines[7])
    said["at"] = said["at"].replace("2021-03-15", "2021-03-14")
    lines[7] = audit.encode_canonical(said)
    write_lines(path, lines)
    assert str(broken(copy)) == "audit.jsonl: record 8: was altered"


def test_what_is_missing_and_what_was_added_is_named(copy):
    for path in sorted(p for p in copy.rglob("*") if p.is_file()):
        content = path.read_bytes()
        path.unlink()
        name = path.relative_to(copy).as_posix()
        assert str(broken(copy)) == f"{name}: record 1: is missing"
        path.write_bytes(content)
        (path.parent / "more.txt").write_bytes(b"")
        assert broken(copy).code == "added"
        (path.parent / "more.txt").unlink()
    (copy / "link").symlink_to("index.html")
    assert broken(copy).code == "link"


def consistent_manifest(folder):
    """The forger's better half: a manifest that fits what was altered."""
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    for name in manifest["files"]:
        import hashlib

        manifest["files"][name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    (folder / "manifest.json").write_bytes(verifier.encode_canonical_json(manifest))


@pytest.mark.parametrize(
    "name", ["plays.parquet", "index.html", "verify.py", "plays.csv", "playlists/taxi-0001-7.json", "audit.jsonl"]
)
def test_a_manifest_that_was_made_to_fit_does_not_help(copy, name):
    path = copy / name
    path.write_bytes(path.read_bytes().replace(b"a", b"b", 3))
    consistent_manifest(copy)
    found = broken(copy)
    assert found.file in (name, "manifest.json")


def test_proofs_are_written_in_one_way_only(copy):
    path = copy / "proofs.json"
    proofs = json.loads(path.read_text("utf-8"))
    steps = proofs["consistency"][0][2]
    steps[0] = steps[0].upper()
    path.write_bytes(verifier.encode_canonical_json(proofs))
    consistent_manifest(copy)
    assert broken(copy).file == "proofs.json"


def test_an_older_manifest_of_the_same_log_does_not_fit(copy, bundle):
    older = bundle.parent / "older"
    for name in ("manifest.json", "plays.csv", "plays.parquet", "index.html"):
        shutil.copy(older / name, copy / name)
    manifest = json.loads((copy / "manifest.json").read_text("utf-8"))
    manifest["files"] |= dict.fromkeys(verifier.LOG_FILES, "")
    (copy / "manifest.json").write_bytes(verifier.encode_canonical_json(manifest))
    consistent_manifest(copy)
    shutil.rmtree(copy / "playlists")
    shutil.copytree(older / "playlists", copy / "playlists")
    assert broken(copy)


TAMPERINGS = int(os.environ.get("SIGNAGE_TAMPERINGS", "250"))
KINDS = ("edit", "delete", "insert", "reorder", "truncate", "flip", "swap-files", "drop", "append")


def tamper(folder, random):
    """One random change; returns whether anything is different."""
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    path, kind = random.choice(files), random.choice(KINDS)
    content = path.read_bytes()
    lines = content.splitlines(keepends=True)
    if kind == "flip" and content:
        place = random.randrange(len(content))
        changed = bytearray(content)
        changed[place] ^= 1 << random.randrange(8)
        path.write_bytes(bytes(changed))
    elif kind == "edit" and lines:
        place = random.randrange(len(lines))
        lines[place] = lines[place].replace(
            random.choice([b"0", b"1", b"a", b"e", b"\n"]), random.choice([b"", b"7", b"zz"]), 1
        )
        path.write_bytes(b"".join(lines))
    elif kind == "delete" and lines:
        del lines[random.randrange(len(lines))]
        path.write_bytes(b"".join(lines))
    elif kind == "insert" and lines:
        lines.insert(random.randrange(len(lines) + 1), random.choice(lines))
        path.write_bytes(b"".join(lines))
    elif kind == "reorder" and len(lines) > 1:
        random.shuffle(lines)
        path.write_bytes(b"".join(lines))
    elif kind == "truncate":
        path.write_bytes(content[: random.randrange(len(content) + 1)])
    elif kind == "append":
        path.write_bytes(content + random.choice([b"\n", b" ", b"{}\n", content[-50:]]))
    elif kind == "swap-files":
        path.write_bytes(random.choice(files).read_bytes())
    elif kind == "drop":
        path.unlink()
    return not path.exists() or path.read_bytes() != content


def same(folder, other):
    names = {p.relative_to(other) for p in other.rglob("*") if p.is_file()}
    return all((folder / n).exists() and (folder / n).read_bytes() == (other / n).read_bytes() for n in names)


@pytest.mark.parametrize("seed", range(4))
def test_random_tampering_is_always_found(copy, bundle, seed):
    chance = random.Random(seed)
    tried = 0
    while tried < TAMPERINGS:
        if not tamper(copy, chance):
            continue
        if chance.random() < 0.3 and (copy / "manifest.json").exists():
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                consistent_manifest(copy)
        if same(copy, bundle):
            continue
        tried += 1
        found = broken(copy)
        assert found.record >= 0 and ": record " in str(found)
        for path in bundle.rglob("*"):
            if path.is_file():
                target = copy / path.relative_to(bundle)
                if not target.exists() or target.read_bytes() != path.read_bytes():
                    shutil.copy(path, target)
    verifier.verify_bundle(str(copy))


def test_signatures_are_those_of_rfc_8032():
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    for number in range(20):
        key = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)
        public, message = key.public_key().public_bytes_raw(), bytes(number)
        signature = key.sign(message)
        assert verifier.is_valid_signature(public, message, signature)
        assert not verifier.is_valid_signature(public, message + b"x", signature)
        for place in (0, 31, 32, 63):
            bad = bytearray(signature)
            bad[place] ^= 1
            assert not verifier.is_valid_signature(public, message, bytes(bad))
    s = int.from_bytes(signature[32:], "little") + 2**252 + 27742317777372353535851937790883648493
    assert not verifier.is_valid_signature(public, message, signature[:32] + s.to_bytes(32, "little"))


@pytest.mark.parametrize("size", range(1, 40))
def test_consistency_is_verified_as_the_rfc_says(size):
    from tests.evidence import oracle

    leaves = [oracle.hash_leaf(bytes([n])) for n in range(size)]
    root = oracle.mth(leaves)
    for old in range(1, size + 1):
        steps = oracle.proof(old, leaves)
        assert verifier.is_consistent(old, size, oracle.mth(leaves[:old]), root, steps)
        assert not verifier.is_consistent(old, size, oracle.hash_leaf(b"x"), root, steps)
        assert not verifier.is_consistent(old, size, oracle.mth(leaves[:old]), root, [*steps, root])
        if steps:
            assert not verifier.is_consistent(old, size, oracle.mth(leaves[:old]), root, steps[:-1])


def test_the_verifier_needs_nothing_newer_than_3_8():
    import ast

    ast.parse(Path(verifier.__file__).read_text("utf-8"), feature_version=(3, 8))
