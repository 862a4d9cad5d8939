"""The verifier finds any change in a bundle and names the first one."""

import contextlib
import json
import os
import random
import shutil
from pathlib import Path

import pytest

from signage.evidence.bundle import verifier
from signage.store import audit_log as audit
from tests.evidence.builders import create_body, create_play, parse_instant
from tests.evidence.bundle.test_export import broken, made, work


def read_lines(path):
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
    lines = read_lines(path)
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


def test_a_backdated_entry_is_named(copy):
    path = copy / "audit.jsonl"
    lines = read_lines(path)
    said = json.loads(lines[7])
    said["at"] = said["at"].replace("2021-03-15", "2021-03-14")
    lines[7] = audit.encode_canonical(said)
    write_lines(path, lines)
    assert str(broken(copy)) == "audit.jsonl: record 8: was altered"


def test_missing_and_added_files_are_named(copy):
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
    """Update the manifest so that it matches the altered files."""
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    for name in manifest["files"]:
        import hashlib

        manifest["files"][name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    (folder / "manifest.json").write_bytes(verifier.encode_canonical_json(manifest))


@pytest.mark.parametrize(
    "name", ["plays.parquet", "index.html", "verify.py", "plays.csv", "playlists/taxi-0001-7.json", "audit.jsonl"]
)
def test_a_manifest_changed_to_match_is_detected(copy, name):
    path = copy / name
    path.write_bytes(path.read_bytes().replace(b"a", b"b", 3))
    consistent_manifest(copy)
    found = broken(copy)
    assert found.file in (name, "manifest.json")


def test_proofs_have_one_canonical_form(copy):
    path = copy / "proofs.json"
    proofs = json.loads(path.read_text("utf-8"))
    steps = proofs["consistency"][0][2]
    steps[0] = steps[0].upper()
    path.write_bytes(verifier.encode_canonical_json(proofs))
    consistent_manifest(copy)
    assert broken(copy).file == "proofs.json"


def test_an_older_manifest_of_the_same_log_is_refused(copy, bundle):
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
    """Make one random change; return whether anything differs."""
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
    from tests.evidence.audit_log import oracle

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
