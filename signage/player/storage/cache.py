"""What a player keeps on disk: the document that shows, the one that is coming, and their media.

1. A document is one file: its signature and its bytes together, put there whole or not at all.
2. A new document waits beside the old one until all is there that it needs first; the switch is one rename.
3. A medium gets its name only after its hash was checked; unfinished files lie in another folder.
4. Room is bounded: what no document uses goes first, then what is used last in the coming days.
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
    """What stands in front of a document's bytes in its file."""

    signature: str
    etag: str
    key: str = ""
    """The public key that it was believed by, base64: the server's keys may have changed when it is read again."""


class VerifiedPlaylist(Struct, frozen=True):
    """A document that was believed, as it came."""

    document: bytes
    envelope: Envelope
    playlist: Playlist
    timeline: PlaylistTimeline


def create_verified_playlist(document: bytes, envelope: Envelope, playlist: Playlist) -> VerifiedPlaylist:
    """A believed document made ready for questions."""
    return VerifiedPlaylist(document, envelope, playlist, PlaylistTimeline(playlist))


class PlayerCache:
    """One player's folder. Documents are read once at start; who writes is the player alone."""

    def __init__(self, folder: Path, disk: Disk, can_play: CanPlay, most_bytes: int) -> None:
        self.folder, self.disk, self.can_play, self._max_bytes = folder, disk, can_play, most_bytes
        self.media_folder, self.parts_folder = folder / "media", folder / "parts"
        for each in (self.media_folder, self.parts_folder):
            each.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self.current: VerifiedPlaylist | None = None
        self.pending: VerifiedPlaylist | None = None
        self.on_switched: Callable[[], None] = lambda: None

    # -- documents ---------------------------------------------------------------------------------------------

    def load(self, judge: Callable[[bytes, Envelope], Playlist]) -> None:
        """Read what is held, each document judged anew; one that is not believed is put away."""
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
        """The newest document that was believed, showing or not."""
        return self.pending or self.current

    def stage(self, new: VerifiedPlaylist) -> None:
        """Keep *new* beside what shows. Without room for it on disk it waits in memory (Trouble is raised)."""
        with self._lock:
            self.pending = new
            try:
                self.disk.replace(self.folder / "coming.signed", _encode_file(new))
            except OSError as error:
                (self.folder / "coming.signed").unlink(missing_ok=True)  # an older one must not be taken for it
                raise PlayerError("no-room", "playlist") from error

    def drop_playlists(self) -> None:
        """Forget all documents (the token is another screen's now)."""
        with self._lock:
            self.current = self.pending = None
            for name in ("current", "coming"):
                (self.folder / f"{name}.signed").unlink(missing_ok=True)

    def switch_if_ready(self, at: datetime) -> bool:
        """Let the coming document show if all is there that it needs first; True where it does now."""
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
        except OSError:  # no room even for the document: it shows all the same, and is asked for again after a restart
            return

    # -- media -------------------------------------------------------------------------------------------------

    def get_path(self, media: PlaylistMedia) -> Path | None:
        """The file of *media*, if it is here."""
        path = self.media_folder / get_file_name(media)
        try:
            return path if path.stat().st_size == media.bytes else None
        except OSError:
            return None

    def get_verified_path(self, media: PlaylistMedia) -> Path:
        """The file of *media*, its hash taken anew; what flash memory has spoiled is removed. Raises Trouble."""
        path = self.get_path(media)
        if path is None:
            raise PlayerError("media-missing", media.sha256[:12])
        if hash_file(path) != media.sha256:
            path.unlink(missing_ok=True)
            raise PlayerError("media-spoiled", media.sha256[:12])
        return path

    def list_missing_media(self, at: datetime) -> tuple[PlaylistMedia, ...]:
        """What is not here yet, in the order in which it is to be fetched."""
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
        """Whether a document still needs *media* (else its download stops)."""
        return any(m.sha256 == media.sha256 for m in self.list_missing_media(at))

    def make_room(self, need: int, at: datetime, asker: PlaylistMedia) -> None:
        """See that *need* bytes more can be written for *asker*. Raises NoRoom where they cannot."""
        with self._lock:
            removable = self._list_removable(at, asker)
            if not self._has_room(need - sum(_get_size(p) for p in removable)):
                removable = [p for p in removable if p.parent == self.parts_folder]  # nothing is given up in vain
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
        """Files that may go for *asker*'s sake: unfinished others, unused media, then what is needed later than it."""
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
        """The disk turned out to be full, whatever it said: all goes that no document uses."""
        with self._lock:
            names = self._list_used_hashes(at)
            for path in self.media_folder.iterdir():
                if path.name[:64] not in names:
                    path.unlink(missing_ok=True)

    def _list_used_hashes(self, at: datetime) -> set[str]:
        held = [h for h in (self.current, self.pending) if h]
        return {m.sha256 for h in held for m in list_required_media(h.playlist, at, self.can_play)}

    def clean_up(self, at: datetime) -> None:
        """Keep within the bound, and leave no unfinished file of a medium that nobody wants any more."""
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
    """The file's hash, lower-case hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
