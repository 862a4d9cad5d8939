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

    def __init__(self, folder: Path, disk: Disk, can_play: CanPlay, most_bytes: int) -> None:
        self.folder, self.disk, self.can_play, self._max_bytes = folder, disk, can_play, most_bytes
        self.media_folder, self.parts_folder = folder / "media", folder / "parts"
        for each in (self.media_folder, self.parts_folder):
            each.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self.current: VerifiedPlaylist | None = None
        self.pending: VerifiedPlaylist | None = None
        self.on_switched: Callable[[], None] = lambda: None

    # -- playlists ---------------------------------------------------------------------------------------------

    def load(self, judge: Callable[[bytes, Envelope], Playlist]) -> None:
        """Load the cached playlists and verify each again; move one that fails aside."""
        self.current = self._load_playlist("current", judge)
        self.pending = self._load_playlist("coming", judge)
        if self.current and self.pending and self.pending.playlist.serial < self.current.playlist.serial:
            self.pending = None

    def _load_playlist(self, name: str, judge: Callable[[bytes, Envelope], Playlist]) -> VerifiedPlaylist | None:
        try:
            head, _, document = (self.folder / f"{name}.signed").read_bytes().partition(b"\n")
            envelope = msgspec.json.decode(head, type=Envelope)
            return create_verified_playlist(document, envelope, judge(document, envelope))
        except (OSError, ValueError, PlayerError):
            return None

    @property
    def newest(self) -> VerifiedPlaylist | None:
        """Newest verified playlist, staged or current."""
        return self.pending or self.current

    def stage(self, new: VerifiedPlaylist) -> None:
        """Stage *new* beside the current playlist. If the disk is full it waits in memory (PlayerError is raised)."""
        with self._lock:
            self.pending = new
            try:
                self.disk.replace(self.folder / "coming.signed", _encode_file(new))
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
            coming = self.pending
            if coming is None or any(
                self.get_path(m) is None for m in list_first_media(coming.playlist, at, self.can_play)
            ):
                return False
            self._promote(coming)
            self.current, self.pending = coming, None
        self.on_switched()
        return True

    def _promote(self, coming: VerifiedPlaylist) -> None:
        waiting = self.folder / "coming.signed"
        try:
            if not waiting.exists():
                self.disk.replace(waiting, _encode_file(coming))
            self.disk.move(waiting, self.folder / "current.signed")
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
            order: list[PlaylistMedia] = []
            for h, needs in (
                (self.pending, list_first_media),
                (self.current, list_required_media),
                (self.pending, list_required_media),
            ):
                if h is not None:
                    order += needs(h.playlist, at, self.can_play)
        return tuple(m for m in {m.sha256: m for m in order}.values() if self.get_path(m) is None)

    def is_missing(self, media: PlaylistMedia, at: datetime) -> bool:
        """Return whether a playlist still needs *media* (otherwise its download stops)."""
        return any(m.sha256 == media.sha256 for m in self.list_missing_media(at))

    def make_room(self, need: int, at: datetime, asker: PlaylistMedia) -> None:
        """Make room for *need* bytes on behalf of *asker*. Raises NoSpaceError if that is impossible."""
        with self._lock:
            removable = self._list_removable(at, asker)
            if not self._has_room(need - sum(_get_size(p) for p in removable)):
                removable = [
                    p for p in removable if p.parent == self.parts_folder
                ]  # delete nothing if that would not be enough
            for path in removable:
                if self._has_room(need):
                    return
                path.unlink(missing_ok=True)
            if not self._has_room(need):
                raise NoSpaceError(asker.sha256[:12])

    def _has_room(self, need: int) -> bool:
        used = sum(_get_size(p) for p in self.media_folder.iterdir())
        return need <= self.disk.get_free_bytes(self.folder) and used + need <= self._max_bytes

    def _list_removable(self, at: datetime, asker: PlaylistMedia) -> list[Path]:
        """List files to delete for *asker*: other partial files, unused media, then media needed later than it."""
        order: list[str] = []
        for h, needs in (
            (self.current, list_first_media),
            (self.pending, list_first_media),
            (self.current, list_required_media),
            (self.pending, list_required_media),
        ):
            order += [get_file_name(m) for m in needs(h.playlist, at, self.can_play)] if h else []
        used = list(dict.fromkeys(order))
        mine = get_file_name(asker)
        later = used[used.index(mine) + 1 :] if mine in used else []
        unused = [p for p in self.media_folder.iterdir() if p.name not in set(used)]
        parts = [p for p in self.parts_folder.iterdir() if not p.name.startswith(asker.sha256)]
        return parts + sorted(unused, key=_get_last_use) + [self.media_folder / name for name in reversed(later)]

    def delete_unused_media(self, at: datetime) -> None:
        """Delete all media that no playlist uses: the disk is full, whatever its free space claims."""
        with self._lock:
            names = self._list_used_hashes(at)
            for path in self.media_folder.iterdir():
                if path.name[:64] not in names:
                    path.unlink(missing_ok=True)

    def _list_used_hashes(self, at: datetime) -> set[str]:
        held = [h for h in (self.current, self.pending) if h]
        return {m.sha256 for h in held for m in list_required_media(h.playlist, at, self.can_play)}

    def clean_up(self, at: datetime) -> None:
        """Enforce the size limit and delete partial files of media that are no longer needed."""
        with self._lock:
            names = self._list_used_hashes(at)
            for part in self.parts_folder.iterdir():
                if part.name[:64] not in names:
                    part.unlink(missing_ok=True)
            unused = sorted((p for p in self.media_folder.iterdir() if p.name[:64] not in names), key=_get_last_use)
            for path in unused:
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
