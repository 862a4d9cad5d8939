"""Looking through what was done and what was played: entries of the audit log and plays, a page at a time.

Nothing here changes anything; reading the log has its own duty (``audit.view``), which pages and programs check.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from signage.evidence.archive_files import JudgedPlay
from signage.evidence.judge import PlayJudge
from signage.evidence.judged_plays import judge_run
from signage.protocol.epoch import to_ms
from signage.services.context import AppContext
from signage.services.evidence.plays import build_evidence
from signage.store import audit_log as audit
from signage.store.engine import Connection
from signage.store.plays import clock_samples as clocks
from signage.store.plays import play_browsing as play_lists
from signage.store.plays.play_browsing import PlayCursor as PlayCursor
from signage.store.plays.plays import ReceivedPlay, RunRow


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries. *verb* may end in ``*``."""

    who: str = ""
    verb: str = ""
    object: str = ""
    from_: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class AuditEntryView:
    """An entry as people read it. *details*: what was there before and after, and all else; *openings*: personal
    facts that are still kept."""

    index: int
    at: datetime
    who: str
    verb: str
    object: str
    details: Mapping[str, Any]


def list_audit_entries(
    office: AppContext, wanted: AuditFilter, before: int | None = None, limit: int = 50
) -> list[AuditEntryView]:
    """A page of entries, the newest first."""
    with office.store.read() as connection:
        found = audit.list_newest_entries(
            connection,
            before=before,
            limit=limit,
            who=wanted.who or None,
            verb=wanted.verb or None,
            object=wanted.object or None,
            from_=wanted.from_,
            until=wanted.until,
        )
        opened = _get_personal_values(connection, [one.index for one in found])
    return [_build_entry_view(one, opened.get(one.index, {})) for one in found]


def iterate_audit_entries(office: AppContext, wanted: AuditFilter) -> Iterator[AuditEntryView]:
    """All entries that are wanted, the newest first."""
    before: int | None = None
    while page := list_audit_entries(office, wanted, before, 1000):
        yield from page
        before = page[-1].index


def _get_personal_values(connection: Connection, indexes: list[int]) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    for one in audit.iter_openings(connection, indexes):
        found.setdefault(one.index, {})[one.key] = one.value
    return found


def _build_entry_view(one: audit.AuditEntryRow, opened: Mapping[str, str]) -> AuditEntryView:
    said = one.parse()
    details = said["details"]
    assert isinstance(details, dict)
    at = datetime.fromisoformat(str(said["at"]))
    return AuditEntryView(
        one.index, at, str(said["who"]), str(said["verb"]), str(said["object"]), {**details, **opened}
    )


@dataclass(frozen=True, slots=True)
class PlayFilter:
    """Which plays; *from_*, *until*: when they came in."""

    screen: str = ""
    item: str = ""
    result: str = ""
    from_: datetime | None = None
    until: datetime | None = None


def list_plays(
    office: AppContext, wanted: PlayFilter, after: PlayCursor | None = None, limit: int = 50
) -> tuple[list[JudgedPlay], PlayCursor | None]:
    """A page of plays that are not in the archive yet, the newest first, judged; and where to go on."""
    received = tuple(None if at is None else to_ms(at) for at in (wanted.from_, wanted.until))
    with office.store.read() as connection:
        page = play_lists.list_newest_plays(
            connection,
            screen=wanted.screen,
            item=wanted.item,
            result=wanted.result,
            received_ms=(received[0], received[1]),
            after=after,
            limit=limit,
        )
        proofs = _judge_plays(office, connection, page.plays)
    return proofs, page.next_cursor


def _judge_plays(
    office: AppContext, connection: Connection, found: list[tuple[RunRow, ReceivedPlay]]
) -> list[JudgedPlay]:
    facts = build_evidence(office, connection)
    judge = PlayJudge(facts.find_playlist)
    by_run: dict[int, tuple[RunRow, list[ReceivedPlay]]] = {}
    for run, play in found:
        by_run.setdefault(run.id, (run, []))[1].append(play)
    told: dict[tuple[int, int], JudgedPlay] = {}
    for run, some in by_run.values():
        observed = clocks.list_samples(connection, run.screen)
        for proof in judge_run(connection, facts, judge, run, observed, sorted(some, key=lambda play: play.seq)):
            told[run.id, proof.seq] = proof
    return [told[run.id, play.seq] for run, play in found]
