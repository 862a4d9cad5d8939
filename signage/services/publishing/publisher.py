"""Publishing: the system's act of giving screens another document, with its entry in the audit log.

One round looks at what is stored and at the instant, and publishes what must change in one transaction. Only the
process that holds the lease does it.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from signage.model.users import SYSTEM
from signage.publish import document
from signage.publish.group_compiler import Contents, Ground
from signage.publish.load_snapshot import Rules, load
from signage.publish.planner import Change, Desk, Round
from signage.publish.screen_groups import Fleet
from signage.publish.serials import Issue
from signage.schedule.snapshot import Installation
from signage.services.context import Office
from signage.services.takeovers import delivery as carried
from signage.store import change_counter as revision
from signage.store import playlists
from signage.store.playlists import Published
from signage.store.screens import screens

_KEPT_TAKEOVERS = timedelta(days=2)
_AN_ENTRY = 1000
_OWN = ("playlist", "contacts", "sessions")


class Press:
    """Runs rounds; remembers what is published, so that a round reads only what changed."""

    def __init__(self, office: Office, rules: Rules, contents_of: Callable[[Installation], Contents]) -> None:
        self._office = office
        self._rules = rules
        self._contents_of = contents_of
        self._desk = Desk(office.panels, self._tail)
        self._fleet = Fleet(())
        self._seen: Mapping[str, int] | None = None
        self._last: datetime | None = None
        with office.store.read() as connection:
            self._desk.issues = {one.screen: _issue(one) for one in playlists.newest(connection)}

    def moved(self) -> bool:
        """Whether anything that may decide what shows was changed since the last round."""
        with self._office.store.read() as connection:
            return _deciding(revision.subjects(connection)) != self._seen

    def clock_went_back(self) -> bool:
        """Whether the clock was set back since the last round, so that documents may be of the future."""
        return self._last is not None and self._office.clock.now() < self._last

    def round(self) -> datetime:
        """Publish what must change now; returns the instant of the next look at the latest."""
        now = self._last = self._office.clock.now()
        with self._office.store.read() as connection:
            seen = _deciding(revision.subjects(connection))
            if self._seen is None or seen.get("screens") != self._seen.get("screens"):
                self._fleet = Fleet(kept.screen for kept in screens.every(connection))
            loaded = load(connection, self._rules, now - _KEPT_TAKEOVERS)
            self._desk.reported = playlists.reported_serials(connection)
        contents = self._contents_of(loaded.installation)
        found = self._desk.round(Ground(loaded.installation, loaded.versions, contents, now), self._fleet)
        if found.changes:
            self._publish(found)
        self._seen = seen
        return found.next_at

    def _publish(self, found: Round) -> None:
        changes = found.changes
        with self._office.act(SYSTEM, "playlist.publish", "playlists", documents=len(changes)) as tx:
            documents = [_published(change) for change in changes]
            first = {change.screen for change in changes if change.first}
            playlists.publish(tx.connection, documents, first, found.tails.items())
            carried.note(tx.connection, tx.at, documents, found.tails)
            for number, batch in enumerate(_batches(changes)):
                issued = [_told(change, found.tails[change.issue.tail]) for change in batch]
                if number == 0:
                    tx.note(issued=issued)
                else:
                    tx.also("playlist.publish", "playlists", issued=issued)
        self._desk.accept(changes)

    def _tail(self, digest: str) -> bytes | None:
        with self._office.store.read() as connection:
            return playlists.tail(connection, digest)


def _deciding(subjects: Mapping[str, int]) -> dict[str, int]:
    return {subject: number for subject, number in subjects.items() if subject not in _OWN}


def _issue(one: Published) -> Issue:
    return Issue(one.serial, one.issued_at, one.tail, one.modified_at)


def _published(change: Change) -> Published:
    issue = change.issue
    return Published(change.screen, issue.serial, issue.issued_at, change.timezone, issue.tail, issue.modified_at)


def _told(change: Change, tail: bytes) -> dict[str, object]:
    """What the log says of a document: its sha256, and the facts of its head."""
    issue = change.issue
    head = document.head(change.screen, issue.serial, issue.issued_at, ZoneInfo(change.timezone))
    whole = hashlib.sha256(document.join(head, tail)).hexdigest()
    return {"screen": change.screen, "serial": issue.serial, "sha256": whole}


def _batches(changes: Sequence[Change]) -> Iterator[list[Change]]:
    rest = iter(changes)
    while batch := list(islice(rest, _AN_ENTRY)):
        yield batch
