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
from signage.protocol.signing import Key, Keys, sign
from signage.publish import document
from signage.store import change_counter as revision
from signage.store import playlists
from signage.store import signing_keys as keys
from signage.store.engine import Store
from signage.store.playlists import Published
from signage.store.screens import screens

T = TypeVar("T")
_TAILS_KEPT = 1024
_SIGNATURES_KEPT = 65_536
_PLAYLISTS_KEPT = 256
_AGAIN_S = 0.05
_FIRST_S = 3.0


@dataclass(slots=True)
class _Card:
    """A screen's current document; its head and tail by name."""

    head: bytes
    tail: str
    etag: str
    modified_at: int
    last_modified: str
    serial: int


class Shelved:
    """What one token gets now."""

    __slots__ = ("_card", "_shelf", "revoked", "screen")

    def __init__(self, shelf: "Shelf", screen: str, revoked: bool, card: _Card | None) -> None:
        self._shelf = shelf
        self._card = card
        self.screen = screen
        self.revoked = revoked

    @property
    def serial(self) -> int:
        return self._some().serial

    @property
    def etag(self) -> str:
        return self._some().etag

    @property
    def last_modified(self) -> str:
        return self._some().last_modified

    @property
    def modified_at(self) -> int:
        return self._some().modified_at

    @property
    def playlist(self) -> Playlist:
        """The document as a value."""
        return self._shelf.playlist(self._some())

    def document(self) -> bytes:
        """The document's bytes."""
        card = self._some()
        return document.join(card.head, self._shelf.tail(card.tail))

    def signature(self) -> str:
        """The value of ``Playlist-Signature`` for the document."""
        return self._shelf.signature(self._some())

    def _some(self) -> _Card:
        if self._card is None:
            self._card = self._shelf.first_card(self.screen)
        return self._card


class Shelf:
    """Token → what it gets. One writer (``refresh``), any number of readers; readers never wait for a refresh."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._refreshing = threading.Lock()
        self._pause = threading.Event()
        self._seen: dict[str, int] | None = None
        self.number = 0
        self._looked = 0.0
        self._cards: dict[str, _Card] = {}
        self._tokens: dict[str, tuple[str, bool]] = {}
        self._keys: tuple[keys.SigningKey, ...] = ()
        self._tails = _Recent[bytes](_TAILS_KEPT)
        self._signatures = _Recent[str](_SIGNATURES_KEPT)
        self._playlists = _Recent[Playlist](_PLAYLISTS_KEPT)

    def find(self, token: str) -> Shelved | None:
        """What *token* gets; None for one that is not known."""
        digest = screens.digest(token)
        known = self._tokens.get(digest)
        if known is None and self._look_again():
            known = self._tokens.get(digest)
        if known is None:
            return None
        screen, revoked = known
        return Shelved(self, screen, revoked, self._cards.get(screen))

    def of_screen(self, screen: str) -> Shelved | None:
        """What the screen of that id gets, whatever its token; None where it has no document."""
        card = self._cards.get(screen)
        return None if card is None else Shelved(self, screen, False, card)

    def refresh(self) -> bool:
        """Take over what changed in the database; True when something did."""
        with self._refreshing, self._store.read() as connection:
            now = revision.subjects(connection)
            if now == self._seen:
                return False
            before = self._seen or {}
            if now.get("keys") != before.get("keys") or not self._keys:
                self._keys = keys.active(connection)
                self._signatures.clear()
            if self._seen is None or now.get("playlist") != before.get("playlist"):
                for one in playlists.newest(connection, self.number):
                    self._cards[one.screen] = _card(one)
                    self.number = max(self.number, one.number)
            if self._seen is None or now.get("screens") != before.get("screens"):
                self._tokens = {
                    kept.token: (kept.screen.id, kept.revoked_at is not None)
                    for kept in screens.every(connection)
                    if kept.token
                }
            self._seen = now
            return True

    def first_card(self, screen: str) -> _Card:
        """The document of a screen that has none here: one that was just added gets its first in a moment.

        Raises LookupError when nobody publishes it in time.
        """
        end = time.monotonic() + _FIRST_S
        while (card := self._cards.get(screen)) is None:
            if time.monotonic() > end:
                raise LookupError(f"screen {screen} has no document: nobody keeps the timetable")
            self._pause.wait(_AGAIN_S)
            self._look_again()
        return card

    def _look_again(self) -> bool:
        """Refresh out of turn for a token that is not known, but not more often than that costs nothing."""
        now = time.monotonic()
        if now - self._looked < _AGAIN_S:
            return False
        self._looked = now
        return self.refresh()

    def keys_document(self) -> tuple[bytes, str]:
        """``keys.json`` and its signature by each of its keys."""
        listed = Keys(tuple(Key(k.id, base64.b64encode(k.public).decode("ascii")) for k in self._keys))
        content = msgspec.json.encode(listed)
        return content, sign(content, [k.private for k in self._keys])

    def tail(self, digest: str) -> bytes:
        """The bytes of a tail."""

        def fetch() -> bytes:
            with self._store.read() as connection:
                content = playlists.tail(connection, digest)
            if content is None:
                raise LookupError(digest)
            return content

        return self._tails.get(digest, fetch)

    def signature(self, card: _Card) -> str:
        """The signature of a document, made once."""
        private = [k.private for k in self._keys]
        return self._signatures.get(card.etag, lambda: sign(document.join(card.head, self.tail(card.tail)), private))

    def playlist(self, card: _Card) -> Playlist:
        """A document, read once."""
        return self._playlists.get(card.etag, lambda: document.read(card.head, self.tail(card.tail)))


def _card(one: Published) -> _Card:
    head = document.head(one.screen, one.serial, one.issued_at, ZoneInfo(one.timezone))
    modified = formatdate(one.modified_at, usegmt=True)
    return _Card(head, one.tail, document.etag(head, one.tail), one.modified_at, modified, one.serial)


class _Recent(Generic[T]):
    """What was asked for lately, at most *size* of it; safe for threads."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, T] = OrderedDict()

    def get(self, key: str, make: Callable[[], T]) -> T:
        """The value of *key*, made where it is not kept."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        value = make()
        with self._lock:
            self._kept[key] = value
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return value

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._kept.clear()
