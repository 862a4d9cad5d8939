"""The watched folder of campaign files: looked at every half second, each change taken over within two.

1. A broken file is refused whole: its faults are kept for people to see, its last good version stays.
2. A file is read once it lies still: editors that write in pieces, or beside it and then rename, are waited for.
3. A clip's file is watched as well: other bytes are another version of its campaign.
4. A file that is gone ends its campaign. A folder that is gone ends none: that is a disk not mounted, not an order.
"""

import hashlib
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from signage.faults import Fault, Place, Refused
from signage.model.toml.decoding import MOST_BYTES
from signage.model.users import FOLDER
from signage.services.campaigns import versions as campaigns
from signage.services.campaigns.file_import import Reader, Signature, signature
from signage.services.context import Office
from signage.store import change_counter as revision
from signage.store.campaigns import campaigns as kept
from signage.store.engine import StoreError
from signage.store.lease import is_held

RETRY_S = 2.0
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Seen:
    signature: Signature | None
    since: float
    done: bool = False
    clips: tuple[str, ...] = ()
    retry_at: float | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one file: taken over (*changed*), ended, or refused with its *faults*."""

    file: str
    changed: bool = False
    ended: bool = False
    faults: tuple[Fault, ...] = ()


class Folder:
    """The watch over one folder; what it has seen is remembered from scan to scan."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._path = office.root / office.folder.path
        self._reader = Reader(office.root, office.clips)
        self._seen: dict[str, _Seen] = {}
        self._first = True

    def scan(self) -> tuple[Outcome, ...]:
        """Look once; take over what has changed and lies still. The first scan takes everything as it lies."""
        try:
            found = {_readable(path.stem): path for path in self._path.iterdir() if is_campaign_file(path)}
        except OSError:
            return ()
        now = self._office.clock.monotonic()
        outcomes = [one for name in sorted(found) if (one := self._look(name, found[name], now)) is not None]
        outcomes += self._gone(found, now)
        self._first = False
        return tuple(outcomes)

    def _look(self, name: str, path: Path, now: float) -> Outcome | None:
        at = signature(path)
        seen = self._seen.get(name)
        if seen is None or seen.signature != at:
            seen = self._seen[name] = _Seen(at, now, clips=seen.clips if seen else ())
        elif seen.done and self._reader.changed(seen.clips):
            seen.done, seen.since = False, now
        elif seen.done and seen.retry_at is not None and now >= seen.retry_at:
            seen.done = False
        if at is None or seen.done or not self._settled(seen, now):
            return None
        seen.retry_at = None
        outcome = self._load(name, path, seen, now)
        seen.done = signature(path) == at
        return outcome

    def _settled(self, seen: _Seen, now: float) -> bool:
        return self._first or now - seen.since >= self._office.folder.settle_ms / 1000

    def _load(self, name: str, path: Path, seen: _Seen, now: float) -> Outcome | None:
        file = f"{self._office.folder.path}/{name}.toml"
        sha256 = ""
        try:
            data = _bytes(path, file)
            sha256 = hashlib.sha256(data).hexdigest()
            read = self._reader.read(file, data)
            seen.clips = read.files
            changed = campaigns.load(self._office, read.campaign, read.text)
        except StoreError:
            raise
        except Exception as error:
            faults = tuple(_in_file(fault, file) for fault in _faults(error))
            seen.retry_at = now + RETRY_S  # a clip that is missing may still be on its way
            return Outcome(file, faults=faults) if self._note(name, file, sha256, faults) else None
        self._note(name, file, sha256, read.warnings)
        return Outcome(file, changed=True) if changed else None

    def _gone(self, found: Mapping[str, Path], now: float) -> list[Outcome]:
        with self._office.store.read() as connection:
            listed = {one.id for one in kept.every(connection) if one.source == "file" and one.status == "active"}
            noted = kept.noted_files(connection)
        outcomes = []
        for name in sorted((listed | noted.keys()) - found.keys()):
            seen = self._seen.get(name)
            if seen is None or seen.signature is not None:
                seen = self._seen[name] = _Seen(None, now)
            if not self._settled(seen, now):
                continue
            del self._seen[name]
            file = f"{self._office.folder.path}/{name}.toml"
            if name in listed:
                campaigns.end(self._office, FOLDER, name, "its file is gone")
            with self._office.store.write() as connection:
                kept.drop_file(connection, name)
            outcomes.append(Outcome(file, ended=name in listed))
        return outcomes

    def _note(self, name: str, file: str, sha256: str, faults: tuple[Fault, ...]) -> bool:
        value = msgspec.json.decode(msgspec.json.encode(faults, enc_hook=str)) or None
        with self._office.store.read() as connection:
            if kept.noted_files(connection).get(name) == (file, sha256, value):
                return False
        with self._office.store.write() as connection:
            kept.note_file(connection, name, file, sha256, value, self._office.clock.now())
            revision.bump(connection, "files")
        return True


def scan(office: Office) -> tuple[Outcome, ...]:
    """Take over the whole folder as it lies now."""
    return Folder(office).scan()


def catch_up(office: Office) -> tuple[Outcome, ...]:
    """Take over the folder as it lies now, unless a running server watches it."""
    return () if is_held(office.store, office.clock.now()) else scan(office)


def faults(office: Office) -> tuple[Fault, ...]:
    """What is wrong with files as last looked at, warnings too, by file."""
    with office.store.read() as connection:
        noted = kept.noted_files(connection)
    return tuple(msgspec.convert(fault, Fault) for _, (_, _, found) in sorted(noted.items()) for fault in found or ())


def is_campaign_file(path: Path) -> bool:
    """Whether a file of that name in the folder is a campaign; what editors leave beside it is none."""
    return path.suffix == ".toml" and not path.name.startswith((".", "~"))


def _bytes(path: Path, file: str) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(MOST_BYTES + 1)  # the reader refuses what is longer
    except OSError as error:
        raise Refused(
            [Fault("error", "file-unreadable", Place(file), {"why": error.strerror or str(error)})]
        ) from error


def _readable(name: str) -> str:
    """A file's name as text that can be kept and shown, whatever its bytes are."""
    return os.fsencode(name).decode("utf-8", "replace")


def _faults(error: Exception) -> tuple[Fault, ...]:
    """What to tell of a file that was refused, or that the reader stumbled over; other files are read all the same."""
    if isinstance(error, Refused):
        return error.faults
    _log.exception("a campaign file could not be read")
    return (Fault("error", "file-not-understood", facts={"kind": type(error).__name__}),)


def _in_file(fault: Fault, file: str) -> Fault:
    place = fault.place if fault.place.file else Place(file, fault.place.line, fault.place.key)
    return Fault(fault.level, fault.code, place, fault.facts)
