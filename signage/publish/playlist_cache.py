"""In-memory cache of the current playlist of each screen: an unchanged poll reads no disk.

The cache follows the database: tokens and playlists are read again when their change counter has moved. A playlist is
cached as a short header per screen and a body that screens share; it is signed at the first request for its signature.
"""

import threading
import time
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache
from zoneinfo import ZoneInfo

from signage.protocol.playlist import Playlist
from signage.publish import document
from signage.publish.document_signer import DocumentSigner
from signage.store import change_counter, playlists, signing_keys
from signage.store.engine import Store
from signage.store.playlists import PlaylistRow
from signage.store.screens import screens
from signage.store.token_hash import hash_token

_MAX_SHARED_BODIES = 1024
_MAX_SIGNATURES = 65_536
_MAX_PLAYLISTS = 256
_REFRESH_INTERVAL_S = 0.05
_FIRST_TIMEOUT_S = 3.0


@dataclass(slots=True)
class _CacheEntry:
    """The current playlist of a screen: its header, and the digest of its shared body."""

    header: bytes
    body_sha256: str
    etag: str
    modified_at: int
    last_modified: str
    serial: int


class CachedPlaylist:
    """The playlist that one token gets now."""

    __slots__ = ("_cache", "_entry", "revoked", "screen")

    def __init__(self, cache: "PlaylistCache", screen: str, revoked: bool, entry: _CacheEntry | None) -> None:
        self._cache = cache
        self._entry = entry
        self.screen = screen
        self.revoked = revoked

    @property
    def serial(self) -> int:
        return self._require_entry().serial

    @property
    def etag(self) -> str:
        return self._require_entry().etag

    @property
    def last_modified(self) -> str:
        return self._require_entry().last_modified

    @property
    def modified_at(self) -> int:
        return self._require_entry().modified_at

    @property
    def playlist(self) -> Playlist:
        """The decoded document."""
        entry = self._require_entry()
        return self._cache.get_playlist(entry.header, entry.body_sha256)

    def get_document(self) -> bytes:
        """Return the bytes of the document."""
        entry = self._require_entry()
        return document.join(entry.header, self._cache.get_shared_body(entry.body_sha256))

    def get_signature(self) -> str:
        """Return the value of the header ``Playlist-Signature`` for the document."""
        entry = self._require_entry()
        return self._cache.get_signature(entry.header, entry.body_sha256)

    def _require_entry(self) -> _CacheEntry:
        if self._entry is None:
            self._entry = self._cache.wait_for_first(self.screen)
        return self._entry


class PlaylistCache:
    """Token → playlist. One writer (``refresh``), any number of readers; readers never wait for a refresh."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._refresh_lock = threading.Lock()
        self._retry_pause = threading.Event()
        self._change_counters: dict[str, int] | None = None
        self.last_number = 0
        self._refreshed_at_s = 0.0
        self._entries: dict[str, _CacheEntry] = {}
        self._screens_by_token: dict[str, tuple[str, bool]] = {}
        self._signer = DocumentSigner()
        self.get_shared_body = lru_cache(_MAX_SHARED_BODIES)(self._read_shared_body)
        self.get_signature = lru_cache(_MAX_SIGNATURES)(self._sign)
        self.get_playlist = lru_cache(_MAX_PLAYLISTS)(self._decode)

    def find(self, token: str) -> CachedPlaylist | None:
        """Return the playlist for *token*; None for an unknown token."""
        digest = hash_token(token)
        token_owner = self._screens_by_token.get(digest)
        if token_owner is None and self._refresh_if_due():
            token_owner = self._screens_by_token.get(digest)
        if token_owner is None:
            return None
        screen, revoked = token_owner
        return CachedPlaylist(self, screen, revoked, self._entries.get(screen))

    def find_by_screen(self, screen: str) -> CachedPlaylist | None:
        """Return the playlist of a screen by its id, whatever its token; None where none is published."""
        entry = self._entries.get(screen)
        return None if entry is None else CachedPlaylist(self, screen, False, entry)

    def refresh(self) -> bool:
        """Read what changed in the database; True when something did."""
        with self._refresh_lock, self._store.read() as connection:
            counters = change_counter.get_counters(connection)
            if counters == self._change_counters:
                return False
            before = self._change_counters or {}
            if counters.get("keys") != before.get("keys") or not self._signer.keys:
                self._signer = DocumentSigner(tuple(signing_keys.list_active_keys(connection)))
                self.get_signature.cache_clear()
            if self._change_counters is None or counters.get("playlist") != before.get("playlist"):
                for row in playlists.iter_current_playlists(connection, self.last_number):
                    self._entries[row.screen] = _build_entry(row)
                    self.last_number = max(self.last_number, row.number)
            if self._change_counters is None or counters.get("screens") != before.get("screens"):
                self._screens_by_token = {
                    row.token_hash: (row.screen.id, row.revoked_at is not None)
                    for row in screens.iter_screens(connection)
                    if row.token_hash
                }
            self._change_counters = counters
            return True

    def wait_for_first(self, screen: str) -> _CacheEntry:
        """Wait for the first playlist of a screen that was just added; return it.

        Raises LookupError when no process publishes it in time.
        """
        deadline_s = time.monotonic() + _FIRST_TIMEOUT_S
        while (entry := self._entries.get(screen)) is None:
            if time.monotonic() > deadline_s:
                raise LookupError(f"screen {screen} has no playlist: no process runs the scheduled jobs")
            self._retry_pause.wait(_REFRESH_INTERVAL_S)
            self._refresh_if_due()
        return entry

    def _refresh_if_due(self) -> bool:
        """Refresh for an unknown token, at most every ``_REFRESH_INTERVAL_S``: such requests must stay cheap."""
        now = time.monotonic()
        if now - self._refreshed_at_s < _REFRESH_INTERVAL_S:
            return False
        self._refreshed_at_s = now
        return self.refresh()

    def build_keys_document(self) -> tuple[bytes, str]:
        """Return ``keys.json`` and its signature by each of its keys."""
        return self._signer.build_keys_document()

    def _read_shared_body(self, digest: str) -> bytes:
        with self._store.read() as connection:
            content = playlists.get_shared_body(connection, digest)
        if content is None:
            raise LookupError(digest)
        return content

    def _sign(self, header: bytes, body_sha256: str) -> str:
        return self._signer.sign(document.join(header, self.get_shared_body(body_sha256)))

    def _decode(self, header: bytes, body_sha256: str) -> Playlist:
        return document.decode_document(header, self.get_shared_body(body_sha256))


def _build_entry(row: PlaylistRow) -> _CacheEntry:
    header = document.encode_header(row.screen, row.serial, row.issued_at, ZoneInfo(row.timezone))
    etag = document.compute_etag(header, row.body_sha256)
    last_modified = formatdate(row.modified_at, usegmt=True)
    return _CacheEntry(header, row.body_sha256, etag, row.modified_at, last_modified, row.serial)
