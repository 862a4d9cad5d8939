"""Looking through what was done and what was played: entries of the audit log and plays, a page at a time.

Nothing here changes anything; reading the log has its own duty (``audit.view``), which pages and programs check.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from signage.evidence.archive_files import Proof
from signage.evidence.judge import Judge
from signage.evidence.judged_plays import judged
from signage.services.context import Office
from signage.services.evidence.plays import evidence
from signage.store import audit_log as audit
from signage.store.column_types import to_ms
from signage.store.engine import Connection
from signage.store.plays import clock_samples as clocks
from signage.store.plays import play_browsing as play_lists
from signage.store.plays.play_browsing import Cursor as Cursor
from signage.store.plays.plays import Run, Stored


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries. *verb* may end in ``*``."""

    who: str = ""
    verb: str = ""
    object: str = ""
    from_: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as people read it. *details*: what was there before and after, and all else; *openings*: personal
    facts that are still kept."""

    index: int
    at: datetime
    who: str
    verb: str
    object: str
    details: Mapping[str, Any]


def entries(office: Office, wanted: Wanted, before: int | None = None, limit: int = 50) -> list[Entry]:
    """A page of entries, the newest first."""
    with office.store.read() as connection:
        found = audit.newest(
            connection,
            before=before,
            limit=limit,
            who=wanted.who or None,
            verb=wanted.verb or None,
            object=wanted.object or None,
            from_=wanted.from_,
            until=wanted.until,
        )
        opened = _opened(connection, [one.index for one in found])
    return [_entry(one, opened.get(one.index, {})) for one in found]


def every_entry(office: Office, wanted: Wanted) -> Iterator[Entry]:
    """All entries that are wanted, the newest first."""
    before: int | None = None
    while page := entries(office, wanted, before, 1000):
        yield from page
        before = page[-1].index


def _opened(connection: Connection, indexes: list[int]) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    for one in audit.openings(connection, indexes):
        found.setdefault(one.index, {})[one.key] = one.value
    return found


def _entry(one: audit.Entry, opened: Mapping[str, str]) -> Entry:
    said = one.read()
    details = said["details"]
    assert isinstance(details, dict)
    at = datetime.fromisoformat(str(said["at"]))
    return Entry(one.index, at, str(said["who"]), str(said["verb"]), str(said["object"]), {**details, **opened})


@dataclass(frozen=True, slots=True)
class PlaysWanted:
    """Which plays; *from_*, *until*: when they came in."""

    screen: str = ""
    item: str = ""
    result: str = ""
    from_: datetime | None = None
    until: datetime | None = None


def plays(
    office: Office, wanted: PlaysWanted, after: Cursor | None = None, limit: int = 50
) -> tuple[list[Proof], Cursor | None]:
    """A page of plays that are not in the archive yet, the newest first, judged; and where to go on."""
    received = tuple(None if at is None else to_ms(at) for at in (wanted.from_, wanted.until))
    with office.store.read() as connection:
        page = play_lists.newest(
            connection,
            screen=wanted.screen,
            item=wanted.item,
            result=wanted.result,
            received=(received[0], received[1]),
            after=after,
            limit=limit,
        )
        proofs = _judged(office, connection, page.found)
    return proofs, page.further


def _judged(office: Office, connection: Connection, found: list[tuple[Run, Stored]]) -> list[Proof]:
    facts = evidence(office, connection)
    judge = Judge(facts.documents)
    by_run: dict[int, tuple[Run, list[Stored]]] = {}
    for run, play in found:
        by_run.setdefault(run.id, (run, []))[1].append(play)
    told: dict[tuple[int, int], Proof] = {}
    for run, some in by_run.values():
        observed = clocks.observed(connection, run.screen)
        for proof in judged(connection, facts, judge, run, observed, sorted(some, key=lambda play: play.seq)):
            told[run.id, proof.seq] = proof
    return [told[run.id, play.seq] for run, play in found]
