"""The plays as they are told: each with its corrected time, flags and verdict, from the hot table and the archive."""

from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from heapq import merge

from msgspec import Struct
from msgspec.structs import asdict

from signage.evidence.archive_files import Archive, JudgedPlay, quote_sql
from signage.evidence.archive_integrity import ArchiveDamage, VerifiedArchive
from signage.evidence.clock_correction import DatedAnchor, DatedPlay, ScreenClock, date_plays
from signage.evidence.judge import PlayJudge, PlaylistLookup
from signage.protocol.epoch import from_ms
from signage.store.engine import Connection
from signage.store.plays import archive_days as sealed
from signage.store.plays import clock_samples as clocks
from signage.store.plays import gap_times, gaps
from signage.store.plays import plays as table


@dataclass(frozen=True, slots=True)
class EvidenceContext:
    """All that is needed to tell plays. *known*: whether the office ever had an item of that name."""

    find_playlist: PlaylistLookup
    archive: Archive | None = None
    is_known_item: Callable[[str], bool] | None = None


class PlayGap(Struct, frozen=True):
    """Numbers of a run of which there is no play, both ends in it."""

    run: str
    first: int
    last: int
    why: str


class RejectedRecordView(Struct, frozen=True, omit_defaults=True):
    """A record that was not taken, with its bytes as they came: *text*, or *base64* where they are no UTF-8."""

    run: str
    seq: int | None
    why: str
    received_at: datetime
    text: str | None = None
    base64: str | None = None


def read_judged_plays(
    connection: Connection,
    evidence: EvidenceContext,
    screens: Iterable[str] | None = None,
    from_ms_: int | None = None,
    until_ms: int | None = None,
) -> Iterator[JudgedPlay]:
    """The plays of *screens* (all), by screen, run and number, whose corrected time is in the period (half-open).

    What stands in a file that is not the one that was sealed is left out: :func:`unfit` names it.
    """
    judge = PlayJudge(evidence.find_playlist)
    kept = None if evidence.archive is None else VerifiedArchive(connection, evidence.archive)
    wanted: Iterable[str | None] = [None] if screens is None else screens
    for screen in wanted:
        clock: tuple[str, list[tuple[int, int]]] | None = None
        for run in table.list_runs(connection, screen):
            if clock is None or clock[0] != run.screen:
                clock = (run.screen, clocks.list_samples(connection, run.screen))
            for proof in _read_run(connection, evidence, judge, run, clock[1], kept, (from_ms_, until_ms)):
                if (from_ms_ is None or proof.corrected_ms >= from_ms_) and (
                    until_ms is None or proof.corrected_ms < until_ms
                ):
                    yield proof


def find_archive_damage(
    connection: Connection,
    archive: Archive,
    screen: str | None = None,
    from_ms_: int | None = None,
    until_ms: int | None = None,
    *,
    rehash: bool = False,
) -> list[ArchiveDamage]:
    """The files that hold plays of the period (of a screen) and are not those that were sealed."""
    kept = VerifiedArchive(connection, archive, rehash=rehash)
    among = None
    if screen is not None:
        among = [
            day for run in table.list_runs(connection, screen) for day in sealed.list_days_of_run(connection, run.id)
        ]
    return kept.list_damaged(kept.list_days(among, from_ms_, until_ms))


def _read_run(
    connection: Connection,
    evidence: EvidenceContext,
    judge: PlayJudge,
    run: table.RunRow,
    observed: list[tuple[int, int]],
    kept: VerifiedArchive | None,
    period: tuple[int | None, int | None],
) -> Iterator[JudgedPlay]:
    hot = judge_run(connection, evidence, judge, run, observed, kept=kept)
    if kept is None or evidence.archive is None:
        return hot
    days = kept.list_intact(kept.list_days(sealed.list_days_of_run(connection, run.id), *period))
    if not days:
        return hot
    names = [day.name for day in days]
    where = f"run_id = {run.id} AND screen = {quote_sql(run.screen)}"
    return merge(evidence.archive.read_plays(names, where), hot, key=lambda proof: proof.seq)


def judge_run(
    connection: Connection,
    evidence: EvidenceContext,
    judge: PlayJudge,
    run: table.RunRow,
    observed: list[tuple[int, int]],
    plays: Iterable[table.ReceivedPlay] | None = None,
    only: Callable[[str], bool] | None = None,
    kept: VerifiedArchive | None = None,
) -> Iterator[JudgedPlay]:
    """The hot plays of a run (or those given), dated and judged; those of items that are wanted *only*."""
    lags: dict[int, int] = {}
    for received, _, lag in table.list_batch_lags(connection, run.id):
        lags[received] = min(lag, lags.get(received, lag))
    stored = table.iter_plays(connection, run) if plays is None else plays
    for dated in date_plays(
        stored, ScreenClock(observed, lags), _create_sealed_lookup(connection, evidence, run, kept)
    ):
        if only is None or only(dated.play.item):
            yield _judge_dated_play(dated, run, judge, evidence)


def _create_sealed_lookup(
    connection: Connection, evidence: EvidenceContext, run: table.RunRow, kept: VerifiedArchive | None
) -> Callable[[int], DatedAnchor | None] | None:
    """How the plays of the run that are in the archive are found; None where there are none."""
    archive = evidence.archive
    if archive is None or not sealed.has_sealed_plays(connection, run.id):
        return None

    def after(seq: int) -> DatedAnchor | None:
        nonlocal kept
        found = sealed.find_next_sealed_play(connection, run.id, seq)
        if found is None:
            return None
        day, number = found
        where = f"run_id = {run.id} AND seq = {number}"
        kept = kept or VerifiedArchive(connection, archive)
        for one in archive.read_plays([file.name for file in kept.list_intact(kept.list_days([day]))], where):
            return DatedAnchor(one.seq, one.started_ms, one.duration_ms, one.received_ms, one.corrected_ms)
        return None

    return after


def judge_unsealed_plays(
    connection: Connection, evidence: EvidenceContext, only: Callable[[str], bool] | None = None
) -> Iterator[JudgedPlay]:
    """The plays that are not in the archive yet, of all screens."""
    judge = PlayJudge(evidence.find_playlist)
    kept = None if evidence.archive is None else VerifiedArchive(connection, evidence.archive)
    seen: tuple[str, list[tuple[int, int]]] | None = None
    for run in table.list_runs(connection):
        if seen is None or seen[0] != run.screen:
            seen = (run.screen, clocks.list_samples(connection, run.screen))
        yield from judge_run(connection, evidence, judge, run, seen[1], None, only, kept)


def _judge_dated_play(dated: DatedPlay, run: table.RunRow, judge: PlayJudge, evidence: EvidenceContext) -> JudgedPlay:
    play, at = dated.play, from_ms(dated.corrected_ms)
    flags = dated.flags + judge.get_flags(play.screen, play.serial, play.item, play.sha256, at)
    if "unknown-item" not in flags and evidence.is_known_item is not None and not evidence.is_known_item(play.item):
        flags = (*flags, "unknown-item")
    verdict = judge.get_verdict(play.screen, play.serial, play.item, play.sha256, at, play.duration_ms, play.result)
    return JudgedPlay(**asdict(play), run_id=run.id, corrected_ms=dated.corrected_ms, flags=flags, verdict=verdict)


def list_gaps(connection: Connection, screen: str) -> list[PlayGap]:
    """The gaps of a screen, by run."""
    found: list[PlayGap] = []
    for run in table.list_runs(connection, screen):
        found += [
            PlayGap(run.run, g.first, g.last, g.why) for g in gaps.list_gaps(connection, run.id, run.settled_through)
        ]
    return found


def list_rejected_records(connection: Connection, screen: str, zone: tzinfo = UTC) -> Iterator[RejectedRecordView]:
    """The records of a screen that were not taken, by run, in the order in which they came."""
    for run in table.list_runs(connection, screen):
        for kept in gaps.list_rejected_records(connection, run.id):
            at = from_ms(kept.received_ms).astimezone(zone)
            try:
                yield RejectedRecordView(run.run, kept.seq, kept.why, at, kept.bytes.decode("utf-8"))
            except UnicodeDecodeError:
                yield RejectedRecordView(run.run, kept.seq, kept.why, at, None, b64encode(kept.bytes).decode("ascii"))


def list_gaps_within(
    connection: Connection, run: table.RunRow, from_ms_: int | None, until_ms: int | None
) -> Iterator[tuple[gaps.SequenceGap, bool]]:
    """The gaps of a run that may be of the period, by the plays around them; False: it is not known since when."""
    if from_ms_ is not None and run.last_received_ms <= from_ms_:
        return
    for gap in gaps.list_gaps(connection, run.id, run.settled_through):
        since, until = gap_times.estimate_gap_times(connection, run, gap.first, gap.last)
        if (from_ms_ is None or until > from_ms_) and (until_ms is None or since is None or since < until_ms):
            yield gap, since is not None
