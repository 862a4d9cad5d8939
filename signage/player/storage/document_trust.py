"""Which documents a player believes.

1. The key of ``--key``, else the first that is seen, is pinned; both by way of ``keys.json``, which each of its keys
   has signed.
2. A further key counts only from a ``keys.json`` that a pinned one signed; keys that it no longer lists are dropped.
3. A document is refused whose signature does not hold, whose serial is lower than one held, or that is another
   screen's.
"""

import base64
import binascii
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from signage.player.health import PlayerError
from signage.player.storage.disk import Disk
from signage.protocol import playlist as wire
from signage.protocol.playlist import Playlist
from signage.protocol.signing import PublicKeySet, compute_key_id, find_verifying_key, parse_signature_header

MAX_KEYS = 16


class _PinnedKeys(Struct):
    """The file of pinned keys: *root* is the KEYID it all began with."""

    root: str
    keys: dict[str, str]


class DocumentTrust:
    """The pinned keys, kept on disk."""

    def __init__(self, path: Path, disk: Disk, wanted: str = "") -> None:
        self._path, self._disk, self._required_key_id = path, disk, wanted
        self._root_key_id, self._pinned = self._load()
        self._requested_key_ids: frozenset[str] = frozenset()

    def _load(self) -> tuple[str, dict[str, bytes]]:
        try:
            kept = msgspec.json.decode(self._path.read_bytes(), type=_PinnedKeys)
        except (OSError, ValueError):
            return "", {}
        if self._required_key_id and kept.root != self._required_key_id and self._required_key_id not in kept.keys:
            return "", {}
        return kept.root, _decode_keys(kept.keys)

    @property
    def pinned_keys(self) -> Mapping[str, bytes]:
        """KEYID → raw public key."""
        return self._pinned

    def needs_keys(self, header: str) -> bool:
        """Whether ``keys.json`` should be asked for before a document with this signature *header* is judged.

        So it is where the document's keys are others than the pinned ones, once for each set of keys: a new one may be
        listed, one that is missing may be withdrawn.
        """
        keys = frozenset(parse_signature_header(header))
        return not self._pinned or keys not in (frozenset(self._pinned), self._requested_key_ids)

    def update_keys(self, document: bytes, header: str, for_header: str = "") -> None:
        """Take in a ``keys.json`` (signed by *header*), asked for because of a document signed by *for_header*.

        Raises Trouble where it is not one that may be believed.
        """
        listed = _parse_keys(document)
        if self._pinned:
            if find_verifying_key(document, header, self._pinned) is None:
                raise PlayerError("keys-not-trusted")
            root = self._root_key_id
        else:
            root = self._required_key_id or next(
                (k for k in listed if find_verifying_key(document, header, {k: listed[k]})), ""
            )
            if root not in listed or find_verifying_key(document, header, {root: listed[root]}) is None:
                raise PlayerError("key-not-found", root)
        believed = {k: raw for k, raw in listed.items() if find_verifying_key(document, header, {k: raw})}
        self._requested_key_ids = frozenset(parse_signature_header(for_header))
        if believed == self._pinned and root == self._root_key_id:
            return
        self._root_key_id, self._pinned = root, believed
        kept = _PinnedKeys(root, {k: base64.b64encode(raw).decode() for k, raw in believed.items()})
        self._disk.replace(self._path, msgspec.json.encode(kept))

    def verify_playlist(self, document: bytes, header: str, screen: str | None, least_serial: int) -> Playlist:
        """The playlist in *document*. Raises Trouble with the reason for which it is refused."""
        if find_verifying_key(document, header, self._pinned) is None:
            raise PlayerError("document-signature")
        playlist = parse_playlist(document)
        if screen is not None and playlist.screen != screen:
            raise PlayerError("document-other-screen", playlist.screen)
        if playlist.serial < least_serial:
            raise PlayerError("document-older", str(playlist.serial))
        return playlist

    def verify_cached_playlist(self, document: bytes, header: str, key: str, screen: str | None) -> Playlist:
        """The playlist in a *document* of our own cache, by the *key* that it was believed by. Raises Trouble."""
        keys = {**self._pinned, **_decode_keys({compute_key_id(base64.b64decode(key)): key} if key else {})}
        if find_verifying_key(document, header, keys) is None:
            raise PlayerError("document-signature")
        playlist = parse_playlist(document)
        if screen is not None and playlist.screen != screen:
            raise PlayerError("document-other-screen", playlist.screen)
        return playlist

    def get_signing_key(self, document: bytes, header: str) -> str:
        """The public key by which *document* is believed, base64."""
        name = find_verifying_key(document, header, self._pinned)
        return base64.b64encode(self._pinned[name]).decode() if name else ""


def parse_playlist(document: bytes) -> Playlist:
    """Decode *document* and hold it to what a player relies on. Raises Trouble."""
    try:
        playlist = wire.decode_playlist(document)
    except (ValueError, RecursionError) as error:
        raise PlayerError("document-unreadable", str(error)[:120]) from None
    if playlist.format != wire.PLAYLIST_FORMAT:
        raise PlayerError("document-unreadable", playlist.format[:60])
    names = set(playlist.items)
    loops = playlist.loops
    sound = (
        all(set(loop.items) <= names and loop.items for loop in loops.values())
        and all(sum(playlist.items[i].duration_ms for i in loop.items) == loop.loop_ms for loop in loops.values())
        and all(p.loop is None or p.loop in loops for p in playlist.programs)
        and all(item.duration_ms > 0 for item in playlist.items.values())
        and bool(playlist.fallback)
        and set(playlist.fallback) <= names
        and all(a.from_ < b.from_ for a, b in zip(playlist.programs, playlist.programs[1:], strict=False))
    )
    if not sound:
        raise PlayerError("document-unreadable", "names or lengths that do not fit together")
    return playlist


def _parse_keys(document: bytes) -> dict[str, bytes]:
    try:
        keys = msgspec.json.decode(document, type=PublicKeySet).keys
    except ValueError:
        raise PlayerError("keys-unreadable") from None
    if len(keys) > MAX_KEYS:
        raise PlayerError("keys-unreadable")
    return _decode_keys({key.id: key.ed25519 for key in keys})


def _decode_keys(keys: Mapping[str, str]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for name, text in keys.items():
        try:
            raw = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            continue
        if len(raw) == 32 and compute_key_id(raw) == name:
            found[name] = raw
    return found
