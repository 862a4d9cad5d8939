"""Queries over the audit log and the plays, in pages. The callers check the permissions (``audit.view``)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from signage.evidence.archive_files import JudgedPlay
from signage.evidence.judged_plays import JudgedPlayReader
from signage.protocol.epoch import to_ms
from signage.services.context import AppContext
from signage.services.evidence.plays import build_evidence
from signage.store import audit_log
from signage.store.engine import Connection
from signage.store.plays.play_browsing import PlayCursor as PlayCursor
from signage.store.plays.play_browsing import list_newest_plays
from signage.store.plays.plays import ReceivedPlay, RunRow


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Selects entries of the audit log. *verb* may end in ``*``."""

    who: str = ""
    verb: str = ""
    object: str = ""
    from_: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class AuditEntryView:
    """An entry of the audit log. *details* include the personal values that are not erased."""

    index: int
    at: datetime
    who: str
    verb: str
    object: str
    details: Mapping[str, Any]


def list_audit_entries(
    app: AppContext, audit_filter: AuditFilter, before: int | None = None, limit: int = 50
) -> list[AuditEntryView]:
    """List a page of entries, the newest first, from the one before index *before* on."""
    with app.store.read() as connection:
        entries = audit_log.list_newest_entries(
            connection,
            before=before,
            limit=limit,
            who=audit_filter.who or None,
            verb=audit_filter.verb or None,
            object=audit_filter.object or None,
            from_=audit_filter.from_,
            until=audit_filter.until,
        )
        personal_values = _get_personal_values(connection, [entry.index for entry in entries])
    return [_build_entry_view(entry, personal_values.get(entry.index, {})) for entry in entries]


def iterate_audit_entries(app: AppContext, audit_filter: AuditFilter) -> Iterator[AuditEntryView]:
    """Iterate over all selected entries, the newest first."""
    before: int | None = None
    while page := list_audit_entries(app, audit_filter, before, 1000):
        yield from page
        before = page[-1].index


def _get_personal_values(connection: Connection, indexes: list[int]) -> dict[int, dict[str, str]]:
    values: dict[int, dict[str, str]] = {}
    for opening in audit_log.iter_openings(connection, indexes):
        values.setdefault(opening.index, {})[opening.key] = opening.value
    return values


def _build_entry_view(entry: audit_log.AuditEntryRow, personal_values: Mapping[str, str]) -> AuditEntryView:
    record = entry.parse()
    details = record["details"]
    assert isinstance(details, dict)
    at = datetime.fromisoformat(str(record["at"]))
    who, verb, object_ = str(record["who"]), str(record["verb"]), str(record["object"])
    return AuditEntryView(entry.index, at, who, verb, object_, {**details, **personal_values})


@dataclass(frozen=True, slots=True)
class PlayFilter:
    """Selects plays. *from_*, *until*: half-open range of their receipt."""

    screen: str = ""
    item: str = ""
    result: str = ""
    from_: datetime | None = None
    until: datetime | None = None


def list_plays(
    app: AppContext, play_filter: PlayFilter, after: PlayCursor | None = None, limit: int = 50
) -> tuple[list[JudgedPlay], PlayCursor | None]:
    """List a page of unsealed plays with verdicts, the newest first, and the cursor of the next page."""
    from_ms, until_ms = (None if at is None else to_ms(at) for at in (play_filter.from_, play_filter.until))
    with app.store.read() as connection:
        page = list_newest_plays(
            connection,
            screen=play_filter.screen,
            item=play_filter.item,
            result=play_filter.result,
            received_ms=(from_ms, until_ms),
            after=after,
            limit=limit,
        )
        return _judge_plays(app, connection, page.plays), page.next_cursor


def _judge_plays(app: AppContext, connection: Connection, plays: list[tuple[RunRow, ReceivedPlay]]) -> list[JudgedPlay]:
    reader = JudgedPlayReader(connection, build_evidence(app, connection))
    plays_by_run: dict[int, tuple[RunRow, list[ReceivedPlay]]] = {}
    for run, play in plays:
        plays_by_run.setdefault(run.id, (run, []))[1].append(play)
    judged = {
        (run.id, play.seq): play
        for run, run_plays in plays_by_run.values()
        for play in reader.judge_run(run, sorted(run_plays, key=lambda play: play.seq))
    }
    return [judged[run.id, play.seq] for run, play in plays]
