"""Cache folder of a player: the current playlist, the staged one, and their media.

1. A playlist is one file with its signature and bytes, replaced atomically.
2. A new playlist is staged until the media that it needs first are complete; the switch is one rename.
3. A medium gets its final name only after its hash was verified; partial files are in another folder.
4. Size is limited: media that no playlist uses are deleted first, then those needed last in the coming days.
"""

import hashlib
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from signage.player.health import NoSpaceError, PlayerError
from signage.player.storage.disk import Disk
from signage.player.storage.media_needs import CanPlay, get_file_name, list_first_media, list_required_media
from signage.protocol.playback import PlaylistTimeline
from signage.protocol.playlist import Playlist, PlaylistMedia


class Envelope(Struct, frozen=True):
    """Signature and metadata in front of a playlist's bytes in its file."""

    signature: str
    etag: str
    key: str = ""
    """Public key (base64) that verified the playlist: the server may have changed its keys when it is read again."""


class VerifiedPlaylist(Struct, frozen=True):
    """A verified playlist with its original bytes."""

    document: bytes
    envelope: Envelope
    playlist: Playlist
    timeline: PlaylistTimeline


def create_verified_playlist(document: bytes, envelope: Envelope, playlist: Playlist) -> VerifiedPlaylist:
    """Build the timeline of a verified playlist."""
    return VerifiedPlaylist(document, envelope, playlist, PlaylistTimeline(playlist))


class PlayerCache:
    """The cache folder of one player. Playlists are read once at start; only this player writes to the folder."""

    def __init__(self, folder: Path, disk: Disk, can_play: CanPlay, max_bytes: int) -> None:
        self.folder, self.disk, self.can_play, self._max_bytes = folder, disk, can_play, max_bytes
        self.media_folder, self.parts_folder = folder / "media", folder / "parts"
        for folder in (self.media_folder, self.parts_folder):
            folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self.current: VerifiedPlaylist | None = None
        self.pending: VerifiedPlaylist | None = None
        self.on_switched: Callable[[], None] = lambda: None

    # -- playlists ---------------------------------------------------------------------------------------------

    def load(self, verify: Callable[[bytes, Envelope], Playlist]) -> None:
        """Load the cached playlists and verify each again; move one that fails aside."""
        self.current = self._load_playlist("current", verify)
        self.pending = self._load_playlist("coming", verify)
        if self.current and self.pending and self.pending.playlist.serial < self.current.playlist.serial:
            self.pending = None

    def _load_playlist(self, name: str, verify: Callable[[bytes, Envelope], Playlist]) -> VerifiedPlaylist | None:
        try:
            head, _, document = (self.folder / f"{name}.signed").read_bytes().partition(b"\n")
            envelope = msgspec.json.decode(head, type=Envelope)
            return create_verified_playlist(document, envelope, verify(document, envelope))
        except (OSError, ValueError, PlayerError):
            return None

    @property
    def newest(self) -> VerifiedPlaylist | None:
        """Newest verified playlist, staged or current."""
        return self.pending or self.current

    def stage(self, playlist: VerifiedPlaylist) -> None:
        """Stage *playlist* beside the current one. If the disk is full it waits in memory (PlayerError is raised)."""
        with self._lock:
            self.pending = playlist
            try:
                self.disk.replace(self.folder / "coming.signed", _encode_file(playlist))
            except OSError as error:
                (self.folder / "coming.signed").unlink(missing_ok=True)  # an older one must not be mistaken for it
                raise PlayerError("no-room", "playlist") from error

    def drop_playlists(self) -> None:
        """Delete all playlists: the token belongs to another screen now."""
        with self._lock:
            self.current = self.pending = None
            for name in ("current", "coming"):
                (self.folder / f"{name}.signed").unlink(missing_ok=True)

    def switch_if_ready(self, at: datetime) -> bool:
        """Switch to the staged playlist if the media it needs first are complete; return True if it was switched."""
        with self._lock:
            staged_playlist = self.pending
            if staged_playlist is None or any(
                self.get_path(m) is None for m in list_first_media(staged_playlist.playlist, at, self.can_play)
            ):
                return False
            self._promote(staged_playlist)
            self.current, self.pending = staged_playlist, None
        self.on_switched()
        return True

    def _promote(self, staged_playlist: VerifiedPlaylist) -> None:
        staged_path = self.folder / "coming.signed"
        try:
            if not staged_path.exists():
                self.disk.replace(staged_path, _encode_file(staged_playlist))
            self.disk.move(staged_path, self.folder / "current.signed")
        except OSError:  # no space even for the playlist: show it all the same; it is requested again after a restart
            return

    # -- media -------------------------------------------------------------------------------------------------

    def get_path(self, media: PlaylistMedia) -> Path | None:
        """Return the path of *media* if it is cached."""
        path = self.media_folder / get_file_name(media)
        try:
            return path if path.stat().st_size == media.bytes else None
        except OSError:
            return None

    def get_verified_path(self, media: PlaylistMedia) -> Path:
        """Return the path of *media* after hashing it again; a corrupted file is deleted. Raises PlayerError."""
        path = self.get_path(media)
        if path is None:
            raise PlayerError("media-missing", media.sha256[:12])
        if hash_file(path) != media.sha256:
            path.unlink(missing_ok=True)
            raise PlayerError("media-spoiled", media.sha256[:12])
        return path

    def list_missing_media(self, at: datetime) -> tuple[PlaylistMedia, ...]:
        """List media that are not cached, in the order in which to download them."""
        with self._lock:
            needed_order: list[PlaylistMedia] = []
            for h, needs in (
                (self.pending, list_first_media),
                (self.current, list_required_media),
                (self.pending, list_required_media),
            ):
                if h is not None:
                    needed_order += needs(h.playlist, at, self.can_play)
        return tuple(m for m in {m.sha256: m for m in needed_order}.values() if self.get_path(m) is None)

    def is_missing(self, media: PlaylistMedia, at: datetime) -> bool:
        """Return whether a playlist still needs *media* (otherwise its download stops)."""
        return any(m.sha256 == media.sha256 for m in self.list_missing_media(at))

    def make_room(self, needed_bytes: int, at: datetime, for_media: PlaylistMedia) -> None:
        """Make room for *needed_bytes* bytes on behalf of *for_media*. Raises NoSpaceError if that is impossible."""
        with self._lock:
            removable_files = self._list_removable(at, for_media)
            if not self._has_room(needed_bytes - sum(_get_size(p) for p in removable_files)):
                removable_files = [
                    p for p in removable_files if p.parent == self.parts_folder
                ]  # delete nothing if that would not be enough
            for path in removable_files:
                if self._has_room(needed_bytes):
                    return
                path.unlink(missing_ok=True)
            if not self._has_room(needed_bytes):
                raise NoSpaceError(for_media.sha256[:12])

    def _has_room(self, needed_bytes: int) -> bool:
        used_bytes = sum(_get_size(p) for p in self.media_folder.iterdir())
        return needed_bytes <= self.disk.get_free_bytes(self.folder) and used_bytes + needed_bytes <= self._max_bytes

    def _list_removable(self, at: datetime, for_media: PlaylistMedia) -> list[Path]:
        """List files to delete for *for_media*: other partial files, unused media, then media needed later than it."""
        needed_order: list[str] = []
        for h, needs in (
            (self.current, list_first_media),
            (self.pending, list_first_media),
            (self.current, list_required_media),
            (self.pending, list_required_media),
        ):
            needed_order += [get_file_name(m) for m in needs(h.playlist, at, self.can_play)] if h else []
        used_names = list(dict.fromkeys(needed_order))
        own_name = get_file_name(for_media)
        later_needed = used_names[used_names.index(own_name) + 1 :] if own_name in used_names else []
        unused_media = [p for p in self.media_folder.iterdir() if p.name not in set(used_names)]
        partial_files = [p for p in self.parts_folder.iterdir() if not p.name.startswith(for_media.sha256)]
        return (
            partial_files
            + sorted(unused_media, key=_get_last_use)
            + [self.media_folder / name for name in reversed(later_needed)]
        )

    def delete_unused_media(self, at: datetime) -> None:
        """Delete all media that no playlist uses: the disk is full, whatever its free space claims."""
        with self._lock:
            names = self._list_used_hashes(at)
            for path in self.media_folder.iterdir():
                if path.name[:64] not in names:
                    path.unlink(missing_ok=True)

    def _list_used_hashes(self, at: datetime) -> set[str]:
        cached_playlists = [h for h in (self.current, self.pending) if h]
        return {m.sha256 for h in cached_playlists for m in list_required_media(h.playlist, at, self.can_play)}

    def clean_up(self, at: datetime) -> None:
        """Enforce the size limit and delete partial files of media that are no longer needed."""
        with self._lock:
            names = self._list_used_hashes(at)
            for part in self.parts_folder.iterdir():
                if part.name[:64] not in names:
                    part.unlink(missing_ok=True)
            unused_media = sorted(
                (p for p in self.media_folder.iterdir() if p.name[:64] not in names), key=_get_last_use
            )
            for path in unused_media:
                if self._has_room(0):
                    break
                path.unlink(missing_ok=True)


def _encode_file(h: VerifiedPlaylist) -> bytes:
    return msgspec.json.encode(h.envelope) + b"\n" + h.document


def _get_size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _get_last_use(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def hash_file(path: Path) -> str:
    """Return the sha256 of a file in lower-case hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
