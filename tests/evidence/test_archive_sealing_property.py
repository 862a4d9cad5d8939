"""Plays, totals and exported rows are equal before and after sealing."""

import os
import tempfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from signage.evidence.archive_files import Archive
from signage.evidence.archive_sealing import seal_due_days
from signage.evidence.bundle.play_parts import write_plays
from signage.evidence.judged_plays import EvidenceContext, list_gaps, read_judged_plays
from signage.evidence.play_ingest import PlayIngest
from signage.evidence.reports.aggregate import compute_proven_totals
from signage.evidence.settings import EvidenceConfig
from signage.store.engine import Store, metadata
from signage.store.migrate import import_table_modules
from tests.evidence.builders import create_body, create_play, create_playlist
from tests.evidence.conftest import SetClock
from tests.evidence.reports.samples import CAMPAIGN

EXAMPLES = int(os.environ.get("SIGNAGE_SEALINGS", "25"))
ITEMS = ("315-2021/a", "315-2021/b", "315-2021/c", "other/x")
DAYS = 8

PLAYS = st.fixed_dictionaries(
    {
        "seq": st.integers(1, 60),
        "item": st.sampled_from(ITEMS),
        "minutes": st.integers(0, 3 * 1440),
        "result": st.sampled_from(("completed", "completed", "completed", "cut", "failed")),
        "clock": st.sampled_from(("right", "right", "right", "right", "1970", "ahead", "behind")),
        "readable": st.sampled_from((True,) * 9 + (False,)),
    }
)
BATCHES = st.lists(
    st.tuples(
        st.integers(0, DAYS * 1440 - 1),
        st.sampled_from(("taxi-0001", "taxi-0002")),
        st.sampled_from(("r1", "r2")),
        st.lists(PLAYS, max_size=8),
        st.lists(st.tuples(st.integers(1, 60), st.integers(0, 5)), max_size=2),
    ),
    max_size=14,
)
SHIFT = {"ahead": timedelta(hours=5), "behind": timedelta(hours=-30), "right": timedelta()}


def sent(one, now):
    at = now - timedelta(minutes=one["minutes"], seconds=8)
    at = datetime(1970, 1, 1, 0, 5, tzinfo=UTC) if one["clock"] == "1970" else at + SHIFT[one["clock"]]
    duration = {"completed": 8000, "cut": 3000, "failed": 0}[one["result"]] if one["readable"] else "eight"
    facts = {"item": one["item"], "result": one["result"], "duration_ms": duration}
    return create_play(one["seq"], started_at=at.isoformat(timespec="milliseconds"), **facts)


def list_plays(store, evidence, folder):
    """Return plays, gaps, totals, and the bytes of the exported files."""
    folder.mkdir()
    with store.read() as connection, store.read() as reading:
        rows = list(read_judged_plays(reading, evidence))
        sums = compute_proven_totals(connection, evidence, CAMPAIGN.id, CAMPAIGN.zone)
        gaps = [list_gaps(connection, screen) for screen in ("taxi-0001", "taxi-0002")]
        write_plays(read_judged_plays(reading, evidence), folder, folder)
    return rows, gaps, sums, (folder / "plays.csv").read_bytes()


@settings(max_examples=EXAMPLES, deadline=None)
@given(BATCHES, st.integers(1, 6))
def test_plays_totals_and_exports_are_equal_before_and_after_sealing(batches, seal_after):
    import_table_modules()
    begin = datetime(2021, 3, 15, tzinfo=UTC)
    clock = SetClock(begin)
    with tempfile.TemporaryDirectory() as name:
        store = Store(Path(name) / "signage.db")
        with store.write() as connection:
            metadata.create_all(connection)
        archive = Archive(Path(name) / "archive")
        evidence = EvidenceContext(lambda screen, serial: create_playlist(days=8), archive)
        with closing(store), closing(PlayIngest(store, clock, archive.find_contents)) as intake:
            for minute, screen, run, shown, lost in sorted(batches, key=lambda one: one[0]):
                clock.at = begin + timedelta(minutes=minute)
                ranges = [[first, first + more] for first, more in lost]
                intake.submit(screen, create_body(*(sent(one, clock.at) for one in shown), run=run, lost=ranges))
            clock.at = begin + timedelta(days=DAYS)
            before = list_plays(store, evidence, Path(name) / "before")
            seal_due_days(
                store, clock, archive, lambda connection: evidence, EvidenceConfig(seal_after_days=seal_after)
            )
            assert list_plays(store, evidence, Path(name) / "after") == before
