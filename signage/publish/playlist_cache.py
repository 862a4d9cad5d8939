"""The shelf: what each screen gets now, in memory, so that the unchanged poll touches no disk.

It follows the database: tokens and documents are read again when their revision moved. Documents are kept as a short
head a screen and the tails that screens share; a signature is made when it is first asked for.
"""

import base64
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from signage.protocol.playlist import Playlist
from signage.protocol.signing import PublicKey, PublicKeySet, sign_document
from signage.publish import document
from signage.store import change_counter as revision
from signage.store import playlists
from signage.store import signing_keys as keys
from signage.store.engine import Store
from signage.store.playlists import PlaylistRow
from signage.store.screens import screens
from signage.store.token_hash import hash_token

T = TypeVar("T")
_MAX_SHARED_BODIES = 1024
_MAX_SIGNATURES = 65_536
_MAX_PLAYLISTS = 256
_REFRESH_INTERVAL_S = 0.05
_FIRST_TIMEOUT_S = 3.0


@dataclass(slots=True)
class _CacheEntry:
    """A screen's current document; its head and tail by name."""

    header: bytes
    body_sha256: str
    etag: str
    modified_at: int
    last_modified: str
    serial: int


class CachedPlaylist:
    """What one token gets now."""

    __slots__ = ("_cache", "_entry", "revoked", "screen")

    def __init__(self, shelf: "PlaylistCache", screen: str, revoked: bool, card: _CacheEntry | None) -> None:
        self._cache = shelf
        self._entry = card
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
        """The document as a value."""
        return self._cache.get_playlist(self._require_entry())

    def get_document(self) -> bytes:
        """The document's bytes."""
        card = self._require_entry()
        return document.join(card.header, self._cache.get_shared_body(card.body_sha256))

    def get_signature(self) -> str:
        """The value of ``Playlist-Signature`` for the document."""
        return self._cache.get_signature(self._require_entry())

    def _require_entry(self) -> _CacheEntry:
        if self._entry is None:
            self._entry = self._cache.wait_for_first(self.screen)
        return self._entry


class PlaylistCache:
    """Token → what it gets. One writer (``refresh``), any number of readers; readers never wait for a refresh."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._refresh_lock = threading.Lock()
        self._retry_pause = threading.Event()
        self._change_counters: dict[str, int] | None = None
        self.last_number = 0
        self._refreshed_at_s = 0.0
        self._entries: dict[str, _CacheEntry] = {}
        self._screens_by_token: dict[str, tuple[str, bool]] = {}
        self._keys: tuple[keys.SigningKey, ...] = ()
        self._shared_bodies = _LruCache[bytes](_MAX_SHARED_BODIES)
        self._signatures = _LruCache[str](_MAX_SIGNATURES)
        self._playlists = _LruCache[Playlist](_MAX_PLAYLISTS)

    def find(self, token: str) -> CachedPlaylist | None:
        """What *token* gets; None for one that is not known."""
        digest = hash_token(token)
        known = self._screens_by_token.get(digest)
        if known is None and self._refresh_if_due():
            known = self._screens_by_token.get(digest)
        if known is None:
            return None
        screen, revoked = known
        return CachedPlaylist(self, screen, revoked, self._entries.get(screen))

    def find_by_screen(self, screen: str) -> CachedPlaylist | None:
        """What the screen of that id gets, whatever its token; None where it has no document."""
        card = self._entries.get(screen)
        return None if card is None else CachedPlaylist(self, screen, False, card)

    def refresh(self) -> bool:
        """Take over what changed in the database; True when something did."""
        with self._refresh_lock, self._store.read() as connection:
            now = revision.get_counters(connection)
            if now == self._change_counters:
                return False
            before = self._change_counters or {}
            if now.get("keys") != before.get("keys") or not self._keys:
                self._keys = keys.list_active_keys(connection)
                self._signatures.clear()
            if self._change_counters is None or now.get("playlist") != before.get("playlist"):
                for one in playlists.iter_current_playlists(connection, self.last_number):
                    self._entries[one.screen] = _build_entry(one)
                    self.last_number = max(self.last_number, one.number)
            if self._change_counters is None or now.get("screens") != before.get("screens"):
                self._screens_by_token = {
                    kept.token_hash: (kept.screen.id, kept.revoked_at is not None)
                    for kept in screens.iter_screens(connection)
                    if kept.token_hash
                }
            self._change_counters = now
            return True

    def wait_for_first(self, screen: str) -> _CacheEntry:
        """The document of a screen that has none here: one that was just added gets its first in a moment.

        Raises LookupError when nobody publishes it in time.
        """
        end = time.monotonic() + _FIRST_TIMEOUT_S
        while (card := self._entries.get(screen)) is None:
            if time.monotonic() > end:
                raise LookupError(f"screen {screen} has no document: nobody keeps the timetable")
            self._retry_pause.wait(_REFRESH_INTERVAL_S)
            self._refresh_if_due()
        return card

    def _refresh_if_due(self) -> bool:
        """Refresh out of turn for a token that is not known, but not more often than that costs nothing."""
        now = time.monotonic()
        if now - self._refreshed_at_s < _REFRESH_INTERVAL_S:
            return False
        self._refreshed_at_s = now
        return self.refresh()

    def build_keys_document(self) -> tuple[bytes, str]:
        """``keys.json`` and its signature by each of its keys."""
        listed = PublicKeySet(tuple(PublicKey(k.id, base64.b64encode(k.public).decode("ascii")) for k in self._keys))
        content = msgspec.json.encode(listed)
        return content, sign_document(content, [k.private for k in self._keys])

    def get_shared_body(self, digest: str) -> bytes:
        """The bytes of a tail."""

        def fetch() -> bytes:
            with self._store.read() as connection:
                content = playlists.get_shared_body(connection, digest)
            if content is None:
                raise LookupError(digest)
            return content

        return self._shared_bodies.get_or_create(digest, fetch)

    def get_signature(self, card: _CacheEntry) -> str:
        """The signature of a document, made once."""
        private = [k.private for k in self._keys]
        return self._signatures.get_or_create(
            card.etag,
            lambda: sign_document(document.join(card.header, self.get_shared_body(card.body_sha256)), private),
        )

    def get_playlist(self, card: _CacheEntry) -> Playlist:
        """A document, read once."""
        return self._playlists.get_or_create(
            card.etag, lambda: document.decode_document(card.header, self.get_shared_body(card.body_sha256))
        )


def _build_entry(one: PlaylistRow) -> _CacheEntry:
    head = document.encode_header(one.screen, one.serial, one.issued_at, ZoneInfo(one.timezone))
    modified = formatdate(one.modified_at, usegmt=True)
    return _CacheEntry(
        head, one.body_sha256, document.compute_etag(head, one.body_sha256), one.modified_at, modified, one.serial
    )


class _LruCache(Generic[T]):
    """What was asked for lately, at most *size* of it; safe for threads."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._values: OrderedDict[str, T] = OrderedDict()

    def get_or_create(self, key: str, make: Callable[[], T]) -> T:
        """The value of *key*, made where it is not kept."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        value = make()
        with self._lock:
            self._values[key] = value
            while len(self._values) > self._size:
                self._values.popitem(last=False)
        return value

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._values.clear()
