"""Reads plays with corrected time, flags and verdict, from the hot table and the archive."""

from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import cached_property
from heapq import merge

from msgspec import Struct
from msgspec.structs import asdict

from signage.evidence.archive_files import Archive, JudgedPlay, quote_sql
from signage.evidence.archive_integrity import ArchiveDamage, VerifiedArchive
from signage.evidence.clock_correction import DatedAnchor, DatedPlay, ScreenClock, date_plays
from signage.evidence.judge import PlayJudge, PlaylistLookup
from signage.protocol.epoch import from_ms
from signage.store.engine import Connection
from signage.store.plays import archive_days, clock_samples, gap_times, gaps
from signage.store.plays import plays as plays_table
from signage.store.plays.plays import ReceivedPlay, RunRow

ItemFilter = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class EvidenceContext:
    """What plays are judged by. *is_known_item*: whether any campaign ever had an item of that name."""

    find_playlist: PlaylistLookup
    archive: Archive | None = None
    is_known_item: ItemFilter | None = None


class PlayGap(Struct, frozen=True):
    """Sequence numbers *first* to *last* of a run without plays."""

    run: str
    first: int
    last: int
    why: str


class RejectedRecordView(Struct, frozen=True, omit_defaults=True):
    """A rejected record with its bytes as received: *text*, or *base64* where they are not UTF-8."""

    run: str
    seq: int | None
    why: str
    received_at: datetime
    text: str | None = None
    base64: str | None = None


class JudgedPlayReader:
    """Reads and judges the plays of runs; caches playlists, verified archive files and clock samples."""

    def __init__(self, connection: Connection, evidence: EvidenceContext) -> None:
        self._connection = connection
        self._evidence = evidence
        self._judge = PlayJudge(evidence.find_playlist)
        self._samples: tuple[str, list[tuple[int, int]]] = ("", [])

    @cached_property
    def _verified_archive(self) -> VerifiedArchive | None:
        archive = self._evidence.archive
        return None if archive is None else VerifiedArchive(self._connection, archive)

    def read_run(self, run: RunRow, from_ms_: int | None, until_ms: int | None) -> Iterator[JudgedPlay]:
        """Yield the plays of a run by number, those of intact archive files of the period among them."""
        hot = self.judge_run(run)
        verified, archive = self._verified_archive, self._evidence.archive
        if verified is None or archive is None:
            return hot
        days = archive_days.list_days_of_run(self._connection, run.id)
        intact = verified.list_intact(verified.list_days(days, from_ms_, until_ms))
        if not intact:
            return hot
        where = f"run_id = {run.id} AND screen = {quote_sql(run.screen)}"
        sealed = archive.read_plays([day.name for day in intact], where)
        return merge(sealed, hot, key=lambda play: play.seq)

    def judge_run(
        self, run: RunRow, plays: Iterable[ReceivedPlay] | None = None, accepts_item: ItemFilter | None = None
    ) -> Iterator[JudgedPlay]:
        """Yield the hot plays of a run (or *plays* of it) judged; *accepts_item* selects those to judge."""
        lags: dict[int, int] = {}
        for received_ms, _, lag in plays_table.list_batch_lags(self._connection, run.id):
            lags[received_ms] = min(lag, lags.get(received_ms, lag))
        stored = plays_table.iter_plays(self._connection, run) if plays is None else plays
        clock = ScreenClock(self._list_samples(run.screen), lags)
        for dated in date_plays(stored, clock, self._create_sealed_lookup(run)):
            if accepts_item is None or accepts_item(dated.play.item):
                yield self._judge_play(dated, run)

    def _list_samples(self, screen: str) -> list[tuple[int, int]]:
        if self._samples[0] != screen:
            self._samples = (screen, clock_samples.list_samples(self._connection, screen))
        return self._samples[1]

    def _create_sealed_lookup(self, run: RunRow) -> Callable[[int], DatedAnchor | None] | None:
        """Return the look-up of the run's sealed plays; None where there are none."""
        archive = self._evidence.archive
        if archive is None or not archive_days.has_sealed_plays(self._connection, run.id):
            return None

        def find_next(seq: int) -> DatedAnchor | None:
            place = archive_days.find_next_sealed_play(self._connection, run.id, seq)
            verified = self._verified_archive
            if place is None or verified is None:
                return None
            day, number = place
            names = [row.name for row in verified.list_intact(verified.list_days([day]))]
            for play in archive.read_plays(names, f"run_id = {run.id} AND seq = {number}"):
                return DatedAnchor(play.seq, play.started_ms, play.duration_ms, play.received_ms, play.corrected_ms)
            return None

        return find_next

    def _judge_play(self, dated: DatedPlay, run: RunRow) -> JudgedPlay:
        play, at = dated.play, from_ms(dated.corrected_ms)
        is_known_item = self._evidence.is_known_item
        flags = dated.flags + self._judge.get_flags(play.screen, play.serial, play.item, play.sha256, at)
        if "unknown-item" not in flags and is_known_item is not None and not is_known_item(play.item):
            flags = (*flags, "unknown-item")
        verdict = self._judge.get_verdict(
            play.screen, play.serial, play.item, play.sha256, at, play.duration_ms, play.result
        )
        return JudgedPlay(**asdict(play), run_id=run.id, corrected_ms=dated.corrected_ms, flags=flags, verdict=verdict)


def read_judged_plays(
    connection: Connection,
    evidence: EvidenceContext,
    screens: Iterable[str] | None = None,
    from_ms_: int | None = None,
    until_ms: int | None = None,
) -> Iterator[JudgedPlay]:
    """Yield the plays of *screens* (all) by screen, run and number, with corrected times in the half-open period.

    Plays of damaged archive files are left out: :func:`find_archive_damage` lists those files.
    """
    reader = JudgedPlayReader(connection, evidence)
    selected: Iterable[str | None] = [None] if screens is None else screens
    for screen in selected:
        for run in plays_table.list_runs(connection, screen):
            for play in reader.read_run(run, from_ms_, until_ms):
                is_late_enough = from_ms_ is None or play.corrected_ms >= from_ms_
                if is_late_enough and (until_ms is None or play.corrected_ms < until_ms):
                    yield play


def judge_unsealed_plays(
    connection: Connection, evidence: EvidenceContext, accepts_item: ItemFilter | None = None
) -> Iterator[JudgedPlay]:
    """Yield the plays of all screens that are not archived yet."""
    reader = JudgedPlayReader(connection, evidence)
    for run in plays_table.list_runs(connection):
        yield from reader.judge_run(run, None, accepts_item)


def find_archive_damage(
    connection: Connection,
    archive: Archive,
    screen: str | None = None,
    from_ms_: int | None = None,
    until_ms: int | None = None,
    *,
    rehash: bool = False,
) -> list[ArchiveDamage]:
    """Find missing and altered archive files that have plays of the period (of a screen)."""
    verified = VerifiedArchive(connection, archive, rehash=rehash)
    days = None
    if screen is not None:
        runs = plays_table.list_runs(connection, screen)
        days = [day for run in runs for day in archive_days.list_days_of_run(connection, run.id)]
    return verified.list_damaged(verified.list_days(days, from_ms_, until_ms))


def list_gaps(connection: Connection, screen: str) -> list[PlayGap]:
    """List the gaps in the sequence numbers of a screen, by run."""
    return [
        PlayGap(run.run, gap.first, gap.last, gap.why)
        for run in plays_table.list_runs(connection, screen)
        for gap in gaps.list_gaps(connection, run.id, run.settled_through)
    ]


def list_rejected_records(connection: Connection, screen: str, zone: tzinfo = UTC) -> Iterator[RejectedRecordView]:
    """Yield the rejected records of a screen, by run and receipt."""
    for run in plays_table.list_runs(connection, screen):
        for row in gaps.list_rejected_records(connection, run.id):
            at = from_ms(row.received_ms).astimezone(zone)
            try:
                yield RejectedRecordView(run.run, row.seq, row.why, at, row.bytes.decode("utf-8"))
            except UnicodeDecodeError:
                yield RejectedRecordView(run.run, row.seq, row.why, at, None, b64encode(row.bytes).decode("ascii"))


def list_gaps_within(
    connection: Connection, run: RunRow, from_ms_: int | None, until_ms: int | None
) -> Iterator[tuple[gaps.SequenceGap, bool]]:
    """Yield the gaps of a run that may lie in the period, by the plays around them; False: their start is unknown."""
    if from_ms_ is not None and run.last_received_ms <= from_ms_:
        return
    for gap in gaps.list_gaps(connection, run.id, run.settled_through):
        since, until = gap_times.estimate_gap_times(connection, run, gap.first, gap.last)
        if (from_ms_ is None or until > from_ms_) and (until_ms is None or since is None or since < until_ms):
            yield gap, since is not None
