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

from signage.faults import Fault, FaultLocation, Refused
from signage.model.toml.text_decoder import MAX_FILE_BYTES
from signage.model.users import FOLDER_ACTOR
from signage.services.campaigns import versions as campaigns
from signage.services.campaigns.file_import import CampaignFileReader, FileFingerprint, get_fingerprint
from signage.services.context import AppContext
from signage.store import change_counter as revision
from signage.store.campaigns import campaign_files
from signage.store.campaigns import campaigns as kept
from signage.store.engine import StoreError
from signage.store.lease import is_lease_held

RETRY_S = 2.0
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _WatchedFile:
    fingerprint: FileFingerprint | None
    changed_at_s: float
    is_loaded: bool = False
    clip_files: tuple[str, ...] = ()
    retry_at_s: float | None = None


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """What came of one file: taken over (*changed*), ended, or refused with its *faults*."""

    file: str
    changed: bool = False
    ended: bool = False
    faults: tuple[Fault, ...] = ()


class FolderWatcher:
    """The watch over one folder; what it has seen is remembered from scan to scan."""

    def __init__(self, office: AppContext) -> None:
        self._app_context = office
        self._path = office.root / office.folder.path
        self._reader = CampaignFileReader(office.root, office.clips)
        self._watched_files: dict[str, _WatchedFile] = {}
        self._is_first_scan = True

    def scan(self) -> tuple[FileOutcome, ...]:
        """Look once; take over what has changed and lies still. The first scan takes everything as it lies."""
        try:
            found = {_decode_file_name(path.stem): path for path in self._path.iterdir() if is_campaign_file(path)}
        except OSError:
            return ()
        now = self._app_context.clock.monotonic()
        outcomes = [one for name in sorted(found) if (one := self._check_file(name, found[name], now)) is not None]
        outcomes += self._end_removed_files(found, now)
        self._is_first_scan = False
        return tuple(outcomes)

    def _check_file(self, name: str, path: Path, now: float) -> FileOutcome | None:
        at = get_fingerprint(path)
        seen = self._watched_files.get(name)
        if seen is None or seen.fingerprint != at:
            seen = self._watched_files[name] = _WatchedFile(at, now, clip_files=seen.clip_files if seen else ())
        elif seen.is_loaded and self._reader.has_changed(seen.clip_files):
            seen.is_loaded, seen.changed_at_s = False, now
        elif seen.is_loaded and seen.retry_at_s is not None and now >= seen.retry_at_s:
            seen.is_loaded = False
        if at is None or seen.is_loaded or not self._is_settled(seen, now):
            return None
        seen.retry_at_s = None
        outcome = self._load_file(name, path, seen, now)
        seen.is_loaded = get_fingerprint(path) == at
        return outcome

    def _is_settled(self, seen: _WatchedFile, now: float) -> bool:
        return self._is_first_scan or now - seen.changed_at_s >= self._app_context.folder.settle_ms / 1000

    def _load_file(self, name: str, path: Path, seen: _WatchedFile, now: float) -> FileOutcome | None:
        file = f"{self._app_context.folder.path}/{name}.toml"
        sha256 = ""
        try:
            data = _read_bytes(path, file)
            sha256 = hashlib.sha256(data).hexdigest()
            read = self._reader.read(file, data)
            seen.clip_files = read.clip_files
            changed = campaigns.load_campaign(self._app_context, read.campaign, read.text)
        except StoreError:
            raise
        except Exception as error:
            faults = tuple(_locate_in_file(fault, file) for fault in _convert_error(error))
            seen.retry_at_s = now + RETRY_S  # a clip that is missing may still be on its way
            return FileOutcome(file, faults=faults) if self._record_file_state(name, file, sha256, faults) else None
        self._record_file_state(name, file, sha256, read.warnings)
        return FileOutcome(file, changed=True) if changed else None

    def _end_removed_files(self, found: Mapping[str, Path], now: float) -> list[FileOutcome]:
        with self._app_context.store.read() as connection:
            listed = {
                one.id for one in kept.list_campaigns(connection) if one.source == "file" and one.status == "active"
            }
            noted = campaign_files.get_campaign_files(connection)
        outcomes = []
        for name in sorted((listed | noted.keys()) - found.keys()):
            seen = self._watched_files.get(name)
            if seen is None or seen.fingerprint is not None:
                seen = self._watched_files[name] = _WatchedFile(None, now)
            if not self._is_settled(seen, now):
                continue
            del self._watched_files[name]
            file = f"{self._app_context.folder.path}/{name}.toml"
            if name in listed:
                campaigns.end_campaign(self._app_context, FOLDER_ACTOR, name, "its file is gone")
            with self._app_context.store.write() as connection:
                campaign_files.delete_campaign_file(connection, name)
            outcomes.append(FileOutcome(file, ended=name in listed))
        return outcomes

    def _record_file_state(self, name: str, file: str, sha256: str, faults: tuple[Fault, ...]) -> bool:
        value = msgspec.json.decode(msgspec.json.encode(faults, enc_hook=str)) or None
        with self._app_context.store.read() as connection:
            if campaign_files.get_campaign_files(connection).get(name) == (file, sha256, value):
                return False
        with self._app_context.store.write() as connection:
            campaign_files.record_campaign_file(connection, name, file, sha256, value, self._app_context.clock.now())
            revision.increment(connection, "files")
        return True


def scan_folder(office: AppContext) -> tuple[FileOutcome, ...]:
    """Take over the whole folder as it lies now."""
    return FolderWatcher(office).scan()


def scan_folder_if_unwatched(office: AppContext) -> tuple[FileOutcome, ...]:
    """Take over the folder as it lies now, unless a running server watches it."""
    return () if is_lease_held(office.store, office.clock.now()) else scan_folder(office)


def list_file_faults(office: AppContext) -> tuple[Fault, ...]:
    """What is wrong with files as last looked at, warnings too, by file."""
    with office.store.read() as connection:
        noted = campaign_files.get_campaign_files(connection)
    return tuple(msgspec.convert(fault, Fault) for _, (_, _, found) in sorted(noted.items()) for fault in found or ())


def is_campaign_file(path: Path) -> bool:
    """Whether a file of that name in the folder is a campaign; what editors leave beside it is none."""
    return path.suffix == ".toml" and not path.name.startswith((".", "~"))


def _read_bytes(path: Path, file: str) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_FILE_BYTES + 1)  # the reader refuses what is longer
    except OSError as error:
        raise Refused(
            [Fault("error", "file-unreadable", FaultLocation(file), {"why": error.strerror or str(error)})]
        ) from error


def _decode_file_name(name: str) -> str:
    """A file's name as text that can be kept and shown, whatever its bytes are."""
    return os.fsencode(name).decode("utf-8", "replace")


def _convert_error(error: Exception) -> tuple[Fault, ...]:
    """What to tell of a file that was refused, or that the reader stumbled over; other files are read all the same."""
    if isinstance(error, Refused):
        return error.faults
    _log.exception("a campaign file could not be read")
    return (Fault("error", "file-not-understood", facts={"kind": type(error).__name__}),)


def _locate_in_file(fault: Fault, file: str) -> Fault:
    place = fault.location if fault.location.file else FaultLocation(file, fault.location.line, fault.location.key)
    return Fault(fault.level, fault.code, place, fault.facts)
