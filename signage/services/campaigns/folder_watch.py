"""Watches the folder of campaign files: scanned every half second, each change loaded within two seconds.

1. A file with errors is refused as a whole: its faults are stored for display, its last valid version stays.
2. A file is read once it is unchanged for ``settle_ms``: editors write in pieces, or write a copy and rename it.
3. Clip files are watched too: other bytes make another version of the campaign.
4. A removed file ends its campaign. A missing folder ends none: a disk that is not mounted is not an instruction.
"""

import hashlib
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from signage.faults import Fault, FaultLocation, Refused
from signage.model.toml.text_decoder import MAX_FILE_BYTES
from signage.model.users import FOLDER_ACTOR
from signage.services.campaigns import versions
from signage.services.campaigns.file_import import CampaignFileReader, FileFingerprint, get_fingerprint
from signage.services.context import AppContext
from signage.store import change_counter
from signage.store.campaigns import campaign_files, campaigns
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
    """The outcome for one file: loaded (*changed*), its campaign *ended*, or refused with its *faults*."""

    file: str
    changed: bool = False
    ended: bool = False
    faults: tuple[Fault, ...] = ()


class FolderWatcher:
    """Watches one folder; remembers the state of its files from scan to scan."""

    def __init__(self, context: AppContext) -> None:
        self._app_context = context
        self._path = context.root / context.folder.path
        self._reader = CampaignFileReader(context.root, context.clips)
        self._watched_files: dict[str, _WatchedFile] = {}
        self._is_first_scan = True

    def scan(self) -> tuple[FileOutcome, ...]:
        """Scan the folder once and load what changed and is settled (rule 2); the first scan loads everything."""
        try:
            paths = {_decode_file_name(path.stem): path for path in self._path.iterdir() if is_campaign_file(path)}
        except OSError:
            return ()
        now_s = self._app_context.clock.monotonic()
        outcomes = [self._check_file(name, paths[name], now_s) for name in sorted(paths)]
        outcomes += self._end_removed_files(paths, now_s)
        self._is_first_scan = False
        return tuple(outcome for outcome in outcomes if outcome is not None)

    def _check_file(self, name: str, path: Path, now_s: float) -> FileOutcome | None:
        fingerprint = get_fingerprint(path)
        watched = self._watched_files.get(name)
        if watched is None or watched.fingerprint != fingerprint:
            clip_files = watched.clip_files if watched else ()
            watched = self._watched_files[name] = _WatchedFile(fingerprint, now_s, clip_files=clip_files)
        elif watched.is_loaded and self._reader.has_changed(watched.clip_files):
            watched.is_loaded, watched.changed_at_s = False, now_s
        elif watched.is_loaded and watched.retry_at_s is not None and now_s >= watched.retry_at_s:
            watched.is_loaded = False
        if fingerprint is None or watched.is_loaded or not self._is_settled(watched, now_s):
            return None
        watched.retry_at_s = None
        outcome = self._load_file(name, path, watched, now_s)
        watched.is_loaded = get_fingerprint(path) == fingerprint
        return outcome

    def _is_settled(self, watched: _WatchedFile, now_s: float) -> bool:
        return self._is_first_scan or now_s - watched.changed_at_s >= self._app_context.folder.settle_ms / 1000

    def _load_file(self, name: str, path: Path, watched: _WatchedFile, now_s: float) -> FileOutcome | None:
        file = self._get_display_name(name)
        sha256 = ""
        try:
            data = _read_bytes(path, file)
            sha256 = hashlib.sha256(data).hexdigest()
            imported = self._reader.read(file, data)
            watched.clip_files = imported.clip_files
            changed = versions.load_campaign(self._app_context, imported.campaign, imported.text)
        except StoreError:
            raise
        except Exception as error:
            faults = tuple(_locate_in_file(fault, file) for fault in _convert_error(error))
            watched.retry_at_s = now_s + RETRY_S  # a missing clip may still be on its way
            return FileOutcome(file, faults=faults) if self._record_file_state(name, file, sha256, faults) else None
        self._record_file_state(name, file, sha256, imported.warnings)
        return FileOutcome(file, changed=True) if changed else None

    def _get_display_name(self, name: str) -> str:
        return f"{self._app_context.folder.path}/{name}.toml"

    def _end_removed_files(self, paths: Mapping[str, Path], now_s: float) -> list[FileOutcome]:
        """End the campaigns whose files are gone, and forget the faults of removed files (rule 4)."""
        with self._app_context.store.read() as connection:
            rows = campaigns.list_campaigns(connection)
            recorded = campaign_files.get_campaign_files(connection)
        active = {row.id for row in rows if row.source == "file" and row.status == "active"}
        outcomes = []
        for name in sorted((active | recorded.keys()) - paths.keys()):
            watched = self._watched_files.get(name)
            if watched is None or watched.fingerprint is not None:
                watched = self._watched_files[name] = _WatchedFile(None, now_s)
            if not self._is_settled(watched, now_s):
                continue
            del self._watched_files[name]
            if name in active:
                versions.end_campaign(self._app_context, FOLDER_ACTOR, name, "its file is gone")
            with self._app_context.store.write() as connection:
                campaign_files.delete_campaign_file(connection, name)
            outcomes.append(FileOutcome(self._get_display_name(name), ended=name in active))
        return outcomes

    def _record_file_state(self, name: str, file: str, sha256: str, faults: tuple[Fault, ...]) -> bool:
        """Store the faults of a file; returns False where nothing changed."""
        encoded = msgspec.json.decode(msgspec.json.encode(faults, enc_hook=str)) or None
        with self._app_context.store.read() as connection:
            if campaign_files.get_campaign_files(connection).get(name) == (file, sha256, encoded):
                return False
        with self._app_context.store.write() as connection:
            now = self._app_context.clock.now()
            campaign_files.record_campaign_file(connection, name, file, sha256, encoded, now)
            change_counter.increment(connection, "files")
        return True


def scan_folder(context: AppContext) -> tuple[FileOutcome, ...]:
    """Load all files of the folder as they are now."""
    return FolderWatcher(context).scan()


def scan_folder_if_unwatched(context: AppContext) -> tuple[FileOutcome, ...]:
    """Load all files of the folder as they are now, unless a running server watches it."""
    return () if is_lease_held(context.store, context.clock.now()) else scan_folder(context)


def list_file_faults(context: AppContext) -> tuple[Fault, ...]:
    """List the stored faults and warnings of campaign files, by file."""
    with context.store.read() as connection:
        recorded = campaign_files.get_campaign_files(connection)
    return tuple(
        msgspec.convert(fault, Fault) for _, (_, _, faults) in sorted(recorded.items()) for fault in faults or ()
    )


def is_campaign_file(path: Path) -> bool:
    """Return whether a file of that name is a campaign file, and not a temporary file of an editor."""
    return path.suffix == ".toml" and not path.name.startswith((".", "~"))


def _read_bytes(path: Path, file: str) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_FILE_BYTES + 1)  # the reader refuses longer files
    except OSError as error:
        facts = {"why": error.strerror or str(error)}
        raise Refused([Fault("error", "file-unreadable", FaultLocation(file), facts)]) from error


def _decode_file_name(name: str) -> str:
    """Return a file's name as text that can be stored and displayed, whatever its bytes are."""
    return os.fsencode(name).decode("utf-8", "replace")


def _convert_error(error: Exception) -> tuple[Fault, ...]:
    """Return the faults of a refused file; an unexpected error becomes a fault, so that other files are still read."""
    if isinstance(error, Refused):
        return error.faults
    _log.exception("a campaign file could not be read")
    return (Fault("error", "file-not-understood", facts={"kind": type(error).__name__}),)


def _locate_in_file(fault: Fault, file: str) -> Fault:
    location = fault.location if fault.location.file else replace(fault.location, file=file)
    return Fault(fault.level, fault.code, location, fault.facts)
