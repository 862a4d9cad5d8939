"""Missing and altered archive files are reported and left out everywhere."""

import json
import os

import pytest

from signage.evidence import archive_integrity as kept
from signage.evidence.archive_files import Archive, open_duckdb, quote_sql
from signage.evidence.archive_sealing import seal_due_days
from signage.evidence.bundle import verifier
from signage.evidence.bundle.export import write_bundle
from signage.evidence.bundle.scope import BundleScope
from signage.evidence.judged_plays import EvidenceContext, find_archive_damage, read_judged_plays
from signage.evidence.reports.build import assemble_report
from signage.evidence.reports.text import get_report_text
from signage.evidence.settings import EvidenceConfig
from signage.messages import render_message
from signage.services.context import AppContext
from signage.services.evidence import evidence_jobs as acts
from signage.services.evidence.plays import get_archive as proofs_of
from signage.services.incidents.incidents import INCIDENT_KINDS
from signage.store import audit_log as audit
from signage.store import incidents
from signage.store.plays import archive_days as table
from tests.evidence.builders import create_body, create_play, create_playlist, parse_instant
from tests.evidence.bundle.test_export import sources
from tests.evidence.reports.samples import CAMPAIGN, PAPERS, SCREENS

DAY = "2021-03-15"
FILE = Archive.format_name(DAY)


@pytest.fixture
def archive(tmp_path):
    return Archive(tmp_path / "archive")


@pytest.fixture
def evidence(archive):
    return EvidenceContext(lambda screen, serial: create_playlist() if serial == 7 else None, archive)


@pytest.fixture
def sealed(store, clock, intake, archive, evidence):
    """Seal a play of the 15th and one of the 16th."""
    intake.submit("taxi-0001", create_body(create_play(1)))
    clock.on(days=1)
    intake.submit("taxi-0001", create_body(create_play(2, started_at="2021-03-16T08:00:00+08:00")))
    clock.on(days=9)
    assert len(seal_due_days(store, clock, archive, lambda connection: evidence, EvidenceConfig())) == 2
    return archive.get_path(FILE)


def forged(path):
    """Write a readable file with another play duration; age and size equal to the original where possible."""
    was, new = path.stat(), path.with_suffix(".new")
    with open_duckdb() as duck:
        chosen = f"SELECT * REPLACE (3600000::BIGINT AS duration_ms) FROM read_parquet({quote_sql(path)})"
        duck.execute(f"COPY ({chosen}) TO {quote_sql(new)} (FORMAT parquet, COMPRESSION zstd)")
    path.write_bytes(new.read_bytes())
    os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))


SPOILS = {"altered": [forged, lambda path: path.write_bytes(b"no Parquet")], "missing": [lambda path: path.unlink()]}
CASES = [pytest.param(spoil, why, id=f"{why}-{n}") for why, all_ in SPOILS.items() for n, spoil in enumerate(all_)]


def list_plays(store, evidence, **period):
    with store.read() as connection:
        return [proof.seq for proof in read_judged_plays(connection, evidence, **period)]


@pytest.mark.parametrize(("spoil", "why"), CASES)
def test_a_damaged_file_is_listed_and_its_plays_are_left_out(store, evidence, archive, sealed, spoil, why):
    assert list_plays(store, evidence) == [1, 2]
    spoil(sealed)
    assert list_plays(store, evidence) == [2]
    with store.read() as connection:
        (found,) = find_archive_damage(connection, archive)
        assert (found.day, found.file, found.why) == (DAY, FILE, why)
        assert found.sha256 == table.get_logged_hashes(connection)[DAY]
        assert find_archive_damage(connection, archive, "taxi-0001") == [found]
        assert find_archive_damage(connection, archive, "taxi-0002") == []


@pytest.mark.parametrize(("spoil", "why"), CASES)
def test_a_report_excludes_a_damaged_file_and_says_so(store, clock, evidence, sealed, spoil, why):
    spoil(sealed)
    report = assemble_report(store, clock, evidence, CAMPAIGN, PAPERS, SCREENS, lambda item: None)
    assert (report.total.proven, report.total.proven_ms) == (1, 8000)
    for said in map(get_report_text, ("zh", "en")):
        (line,) = [line for section in said.build_sections(report) for line in section.paragraphs if FILE in line]
        assert DAY in line


@pytest.mark.parametrize(("spoil", "why"), CASES)
def test_a_bundle_excludes_a_damaged_file_and_proves_it(store, clock, tmp_path, sealed, capsys, spoil, why):
    spoil(sealed)
    made = write_bundle(store, clock, tmp_path / "bundle", BundleScope(), sources(tmp_path), "cli:root")
    assert (made.plays, [one.file for one in made.archive_damage]) == (1, [FILE])
    manifest = json.loads((made.folder / "manifest.json").read_bytes())
    assert [(one["day"], one["why"]) for one in manifest["left_out"]] == [(DAY, why)]
    with store.read() as connection:
        (entry,) = audit.list_newest_entries(connection, limit=1)
    assert entry.parse()["details"]["left_out"] == manifest["left_out"]
    assert FILE in (made.folder / "index.html").read_text("utf-8")
    assert verifier.main([str(made.folder)]) == 0
    assert FILE in capsys.readouterr().out
    del manifest["left_out"]
    (made.folder / "manifest.json").write_bytes(verifier.encode_canonical_json(manifest))
    with pytest.raises(verifier.VerificationError):
        verifier.verify_bundle(str(made.folder))


def test_a_damaged_file_does_not_affect_other_periods(store, clock, tmp_path, sealed):
    sealed.unlink()
    scope = BundleScope(parse_instant("2021-03-16T00:00:00+08:00"), parse_instant("2021-03-17T00:00:00+08:00"))
    made = write_bundle(store, clock, tmp_path / "bundle", scope, sources(tmp_path), "cli:root")
    assert (made.plays, made.archive_damage) == (1, ())


def test_a_row_changed_to_match_a_forged_file_is_detected(store, evidence, archive, sealed):
    forged(sealed)
    with store.write() as connection:
        found = table.get_archive_day(connection, DAY)
        table.delete_archive_day(connection, DAY)
        values = {name: getattr(found, name) for name in found.__slots__}
        table.create_archive_day(connection, table.ArchiveDayRow(**{**values, "sha256": kept.hash_file(sealed)}), [])
    assert list_plays(store, evidence) == [2]
    with store.read() as connection:
        assert [one.why for one in find_archive_damage(connection, archive)] == ["altered"]


def test_a_file_is_hashed_once_unless_rehash_is_requested(store, archive, sealed, monkeypatch):
    hashed = []
    true = kept.hashlib.file_digest
    monkeypatch.setattr(kept.hashlib, "file_digest", lambda file, name: hashed.append(1) or true(file, name))
    with store.read() as connection:
        find_archive_damage(connection, archive)
        hashed.clear()
        assert find_archive_damage(connection, archive) == [] == hashed
        find_archive_damage(connection, archive, rehash=True)
    assert len(hashed) == 2


def test_a_restored_file_is_read_again(store, evidence, sealed):
    true = sealed.read_bytes()
    forged(sealed)
    assert list_plays(store, evidence) == [2]
    sealed.write_bytes(true)
    assert list_plays(store, evidence) == [1, 2]


def test_a_damaged_file_raises_one_incident(store, clock, tmp_path, intake):
    office = AppContext(store, clock, tmp_path, tmp_path / "var")
    (tmp_path / "var" / "archive").mkdir(parents=True)
    intake.submit("taxi-0001", create_body(create_play(1)))
    clock.on(days=9)
    assert len(acts.maintain_archive(office, EvidenceConfig())) == 1
    proofs_of(office).get_path(FILE).unlink()
    for _ in range(2):
        assert acts.maintain_archive(office, EvidenceConfig()) == []
    with store.read() as connection:
        (one,) = incidents.get_open_by_cause(connection).values()
    assert (one.kind, one.cause, one.facts["file"], one.facts["why"]) == ("archive", f"archive {DAY}", FILE, "missing")
    assert one.kind in INCIDENT_KINDS
    assert FILE in render_message("incident-archive", "zh", dict(one.facts))
