"""Plays received for sealed days, after a server clock that ran ahead was corrected."""

import shutil
from dataclasses import replace

import pytest

from signage.bench.report import _write_day
from signage.evidence import archive_sealing as sealing
from signage.evidence.archive_files import Archive
from signage.evidence.archive_integrity import hash_file
from signage.evidence.judged_plays import EvidenceContext, read_judged_plays
from signage.evidence.play_ingest import PlayIngest
from signage.evidence.settings import EvidenceConfig
from signage.store import audit_log as audit
from signage.store.plays import archive_days as table
from tests.evidence.builders import create_body, create_play, create_playlist, parse_instant
from tests.evidence.test_play_ingest import list_gap_names, summarize

AHEAD = 6


class CutError(Exception):
    """The power failed here."""


@pytest.fixture
def archive(tmp_path):
    return Archive(tmp_path / "archive")


@pytest.fixture
def evidence(archive):
    return EvidenceContext(lambda screen, serial: create_playlist() if serial == 7 else None, archive)


@pytest.fixture
def ingest(store, clock, archive):
    intake = PlayIngest(store, clock, archive.find_contents)
    yield intake
    intake.close()


def sent(first, last):
    return create_body(
        *(create_play(seq, started_at=f"2021-03-15T08:{seq:02}:00+08:00") for seq in range(first, last + 1))
    )


@pytest.fixture
def sealed_ahead(store, clock, ingest, seal):
    """Plays 1 to 10 are sealed by a clock that runs ahead; then it is corrected, and 11 to 13 are received that day."""
    ingest.submit("taxi-0001", sent(1, 10))
    clock.on(days=AHEAD)
    assert [one.plays for one in seal()] == [10]
    clock.on(days=-AHEAD, hours=1)
    ingest.submit("taxi-0001", sent(11, 13))
    clock.on(days=AHEAD)


@pytest.fixture
def seal(store, clock, archive, evidence):
    return lambda: sealing.seal_due_days(store, clock, archive, lambda connection: evidence, EvidenceConfig())


def list_plays(store, evidence):
    with store.read() as connection:
        return [proof.seq for proof in read_judged_plays(connection, evidence)]


def files(archive):
    return sorted(path.name for path in archive.folder.rglob("*.parquet") if ".sealing-" not in str(path))


def test_a_day_sealed_again_contains_the_plays_of_both_sealings(sealed_ahead, store, ingest, archive, evidence, seal):
    (made,) = seal()
    assert (made.plays, made.name) == (13, "plays/day=2021-03-15/plays-2.parquet")
    assert list_plays(store, evidence) == list(range(1, 14))
    assert list_gap_names(store) == []
    assert summarize(ingest.submit("taxi-0001", sent(1, 13))) == (13, 0, 13, [])
    with store.read() as connection:
        first, again = [entry.parse()["details"] for entry in audit.iter_entries(connection)]
    assert again["plays"] == 13
    assert again["replaces"] == {"sha256": first["sha256"], "plays": 10, "file": first["file"]}
    assert files(archive) == ["plays-2.parquet", "plays.parquet"]
    assert seal() == []
    assert files(archive) == ["plays-2.parquet"]
    assert list_plays(store, evidence) == list(range(1, 14))


def test_other_content_of_a_play_that_was_sealed_first_is_still_rejected(sealed_ahead, ingest, seal):
    seal()
    wrong = create_body(create_play(3, duration_ms=1), create_play(12, duration_ms=1))
    assert summarize(ingest.submit("taxi-0001", wrong)) == (13, 0, 0, [3, 12])


@pytest.mark.parametrize(
    "step", ["_judge_day", "_write_raw_rows", "write_parquet", "_finish_file", "_sync_to_disk", "_record_sealing"]
)
@pytest.mark.parametrize("after", [False, True])
def test_a_crash_at_any_step_loses_nothing(sealed_ahead, store, archive, evidence, seal, monkeypatch, step, after):
    true = getattr(sealing, step)

    def cut(*args, **more):
        if after:
            true(*args, **more)
        raise CutError

    with monkeypatch.context() as patch:
        patch.setattr(sealing, step, cut)
        with pytest.raises(CutError):
            seal()
    assert list_plays(store, evidence) == list(range(1, 14))
    assert [one.plays for one in seal()] == [13]
    assert seal() == []
    assert list_plays(store, evidence) == list(range(1, 14))
    assert files(archive) == ["plays-2.parquet"]


def test_a_crash_after_the_row_is_written_is_a_sealed_day(sealed_ahead, store, archive, evidence, seal, monkeypatch):
    true = sealing.received_days.delete_plays_between

    def cut(*args):
        true(*args)
        raise CutError

    with monkeypatch.context() as patch:
        patch.setattr(sealing.received_days, "delete_plays_between", cut)
        with pytest.raises(CutError):
            seal()
    assert list_plays(store, evidence) == list(range(1, 14))
    seal()
    assert list_plays(store, evidence) == list(range(1, 14))


def test_plays_received_during_sealing_are_sealed_later(
    sealed_ahead, store, clock, ingest, archive, evidence, seal, monkeypatch
):
    true = sealing._finish_file

    def meanwhile(*args):
        clock.on(days=-AHEAD)
        ingest.submit("taxi-0001", sent(14, 15))
        clock.on(days=AHEAD)
        return true(*args)

    with monkeypatch.context() as patch:
        patch.setattr(sealing, "_finish_file", meanwhile)
        assert seal() == []
    assert list_plays(store, evidence) == list(range(1, 16))
    assert [one.plays for one in seal()] == [15]
    assert list_plays(store, evidence) == list(range(1, 16))


@pytest.mark.parametrize("spoil", [lambda path: path.unlink(), lambda path: path.write_bytes(b"PAR1" + b"x" * 99)])
def test_a_day_with_a_damaged_file_is_not_sealed_again(sealed_ahead, store, archive, evidence, seal, tmp_path, spoil):
    path = archive.get_path(Archive.format_name("2021-03-15"))
    shutil.copy(path, tmp_path / "saved")
    spoil(path)
    assert seal() == []
    assert list_plays(store, evidence) == [11, 12, 13]
    shutil.copy(tmp_path / "saved", path)
    assert [one.plays for one in seal()] == [13]
    assert list_plays(store, evidence) == list(range(1, 14))


def test_a_day_may_be_sealed_many_times(sealed_ahead, store, clock, ingest, archive, evidence, seal):
    seal()
    for seq in (14, 15):
        clock.on(days=-AHEAD)
        ingest.submit("taxi-0001", sent(seq, seq))
        clock.on(days=AHEAD)
        assert [one.plays for one in seal()] == [seq]
    assert list_plays(store, evidence) == list(range(1, 16))
    seal()
    assert files(archive) == ["plays-4.parquet"]
    with store.read() as connection:
        assert [one.name for one in table.list_archive_days(connection)] == ["plays/day=2021-03-15/plays-4.parquet"]


def test_a_day_that_cannot_be_sealed_does_not_block_others(
    sealed_ahead, store, clock, ingest, archive, evidence, seal, monkeypatch
):
    clock.on(days=-AHEAD + 1)
    ingest.submit("taxi-0001", sent(14, 15))
    clock.on(days=AHEAD)
    true = sealing.write_parquet

    def full(raw, target, *args, existing=None, **how):
        if existing is not None:
            raise OSError("no space left")
        true(raw, target, *args, existing=existing, **how)

    with monkeypatch.context() as patch:
        patch.setattr(sealing, "write_parquet", full)
        assert [one.day for one in seal()] == ["2021-03-16"]
    assert list_plays(store, evidence) == list(range(1, 16))
    assert [(one.day, one.plays) for one in seal()] == [("2021-03-15", 13)]


def test_a_big_file_is_sealed_again_in_little_memory(sealed_ahead, store, archive, evidence, seal):
    """Half a million plays of the first sealing are not sorted again."""
    path = archive.get_path(Archive.format_name("2021-03-15"))
    shutil.rmtree(path.parent)
    _write_day(path, 0, 500_000)
    with store.write() as connection:
        big = replace(
            table.get_archive_day(connection, "2021-03-15"), plays=500_000, sha256=hash_file(path, rehash=True)
        )
        table.delete_archive_day(connection, big.day)
        table.create_archive_day(connection, big, [])
        audit.append_entry(
            connection,
            parse_instant("2021-03-21T00:00:00Z"),
            "system",
            table.SEAL_VERB,
            big.day,
            {"sha256": big.sha256},
        )
    assert [one.plays for one in seal()] == [500_003]
