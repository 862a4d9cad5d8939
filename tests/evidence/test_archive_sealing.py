from datetime import timedelta

import pytest

from signage.evidence.archive_files import Archive
from signage.evidence.archive_sealing import delete_expired_days, seal_due_days
from signage.evidence.judged_plays import EvidenceContext, read_judged_plays
from signage.evidence.play_ingest import PlayIngest
from signage.evidence.settings import EvidenceConfig
from signage.store import audit_log as audit
from signage.store.plays import plays
from tests.evidence.builders import create_body, create_play, create_playlist, parse_instant
from tests.evidence.test_play_ingest import list_gap_names, summarize


@pytest.fixture
def archive(tmp_path):
    return Archive(tmp_path / "archive")


@pytest.fixture
def evidence(archive):
    return EvidenceContext(lambda screen, serial: create_playlist() if serial == 7 else None, archive)


def list_plays(store, evidence):
    with store.read() as connection, store.read():
        return list(read_judged_plays(connection, evidence))


def send_days(intake, clock, days=3):
    for day in range(days):
        for screen in ("taxi-0001", "taxi-0002"):
            found = [
                create_play(day * 10 + n, started_at=(clock.now() - timedelta(minutes=9 - n)).isoformat())
                for n in (1, 2, 3, 5)
            ]
            intake.submit(screen, create_body(*found))
        clock.on(days=1)


def test_past_days_are_sealed_and_read_the_same(store, clock, intake, archive, evidence):
    send_days(intake, clock)
    before = list_plays(store, evidence)
    clock.on(days=3)
    made = seal_due_days(store, clock, archive, lambda connection: evidence, EvidenceConfig())
    assert [(one.day, one.plays) for one in made] == [("2021-03-15", 8), ("2021-03-16", 8)]
    assert list_plays(store, evidence) == before
    with store.read() as connection:
        assert plays.count_runs_and_plays(connection) == (2, 8)
        said = [entry.parse() for entry in audit.iter_entries(connection)]
    assert [(s["verb"], s["object"], s["details"]["sha256"]) for s in said] == [
        ("plays.seal", one.day, one.sha256) for one in made
    ]


def test_a_resend_of_a_sealed_play_is_a_duplicate_and_other_content_is_rejected(store, clock, archive, evidence):
    intake = PlayIngest(store, clock, archive.find_contents)
    first = create_body(create_play(1), create_play(2))
    intake.submit("taxi-0001", first)
    clock.on(days=9)
    seal_due_days(store, clock, archive, lambda connection: evidence, EvidenceConfig())
    assert summarize(intake.submit("taxi-0001", first)) == (2, 0, 2, [])
    assert summarize(intake.submit("taxi-0001", create_body(create_play(2, duration_ms=1), create_play(3)))) == (
        3,
        1,
        0,
        [2],
    )
    assert list_gap_names(store) == []
    intake.close()
    blind = PlayIngest(store, clock)
    assert summarize(blind.submit("taxi-0001", first)) == (3, 0, 2, [])
    blind.close()


def test_retention_is_at_least_six_months(store, clock, intake, archive, evidence):
    send_days(intake, clock, 1)
    clock.on(days=30)
    config = EvidenceConfig(keep_days=1)
    assert config.effective_keep_days == 183
    (made,) = seal_due_days(store, clock, archive, lambda connection: evidence, config)
    assert delete_expired_days(store, clock, archive, config) == []
    clock.on(days=160)
    assert delete_expired_days(store, clock, archive, config) == [made]
    assert not archive.get_path(made.name).exists()
    assert list_plays(store, evidence) == []
    with store.read() as connection:
        assert [entry.parse()["verb"] for entry in audit.iter_entries(connection)] == ["plays.seal", "plays.expire"]
    assert EvidenceConfig().effective_keep_days >= 3 * 365


def test_a_sealed_day_is_dated_by_later_plays(store, clock, intake, archive, evidence):
    clock.at = parse_instant("2021-03-15T23:59:50+00:00")
    intake.submit("taxi-0001", create_body(create_play(1, started_at="1970-01-01T00:00:10Z")))
    clock.on(minutes=10)
    intake.submit("taxi-0001", create_body(create_play(2, started_at="2021-03-15T23:50:00Z")))
    clock.on(days=9)
    before = list_plays(store, evidence)
    seal_due_days(store, clock, archive, lambda connection: evidence, EvidenceConfig())
    assert list_plays(store, evidence) == before
    assert before[0].corrected_ms == before[1].corrected_ms - 8000
