"""Trust in playlists: pinned keys and checks.

1. The key of ``--key``, else the first one seen, is pinned, directly or by a ``keys.json`` that each of its keys has
   signed.
2. Another key is added only from a ``keys.json`` signed by a pinned key; pinned keys that it does not list are dropped.
3. A playlist is refused if its signature is invalid, its serial is lower than a known one, or it belongs to another
   screen.
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
    """File of pinned keys: *root* is the KEYID that was pinned first."""

    root: str
    keys: dict[str, str]


class DocumentTrust:
    """Pinned keys, stored on disk."""

    def __init__(self, path: Path, disk: Disk, required_key_id: str = "") -> None:
        self._path, self._disk, self._required_key_id = path, disk, required_key_id
        self._root_key_id, self._pinned = self._load()
        self._requested_key_ids: frozenset[str] = frozenset()

    def _load(self) -> tuple[str, dict[str, bytes]]:
        try:
            pinned = msgspec.json.decode(self._path.read_bytes(), type=_PinnedKeys)
        except (OSError, ValueError):
            return "", {}
        if self._required_key_id and pinned.root != self._required_key_id and self._required_key_id not in pinned.keys:
            return "", {}
        return pinned.root, _decode_keys(pinned.keys)

    @property
    def pinned_keys(self) -> Mapping[str, bytes]:
        """Pinned keys: KEYID → raw public key."""
        return self._pinned

    def needs_keys(self, header: str) -> bool:
        """Return whether ``keys.json`` must be fetched before a playlist with this signature *header* is verified.

        True if the playlist's keys differ from the pinned ones, once per set of keys: a new key may have been listed, a
        missing one withdrawn.
        """
        keys = frozenset(parse_signature_header(header))
        return not self._pinned or keys not in (frozenset(self._pinned), self._requested_key_ids)

    def update_keys(self, document: bytes, header: str, for_header: str = "") -> None:
        """Add the keys of a ``keys.json`` (signed by *header*), fetched because of a playlist signed by *for_header*.

        Raises PlayerError if it cannot be trusted.
        """
        listed_keys = _parse_keys(document)
        if self._pinned:
            if find_verifying_key(document, header, self._pinned) is None:
                raise PlayerError("keys-not-trusted")
            root = self._root_key_id
        else:
            root = self._required_key_id or next(
                (k for k in listed_keys if find_verifying_key(document, header, {k: listed_keys[k]})), ""
            )
            if root not in listed_keys or find_verifying_key(document, header, {root: listed_keys[root]}) is None:
                raise PlayerError("key-not-found", root)
        verified_by = {k: raw for k, raw in listed_keys.items() if find_verifying_key(document, header, {k: raw})}
        self._requested_key_ids = frozenset(parse_signature_header(for_header))
        if verified_by == self._pinned and root == self._root_key_id:
            return
        self._root_key_id, self._pinned = root, verified_by
        pinned = _PinnedKeys(root, {k: base64.b64encode(raw).decode() for k, raw in verified_by.items()})
        self._disk.replace(self._path, msgspec.json.encode(pinned))

    def verify_playlist(self, document: bytes, header: str, screen: str | None, min_serial: int) -> Playlist:
        """Verify *document* and return its playlist. Raises PlayerError with the reason of the refusal."""
        if find_verifying_key(document, header, self._pinned) is None:
            raise PlayerError("document-signature")
        playlist = parse_playlist(document)
        if screen is not None and playlist.screen != screen:
            raise PlayerError("document-other-screen", playlist.screen)
        if playlist.serial < min_serial:
            raise PlayerError("document-older", str(playlist.serial))
        return playlist

    def verify_cached_playlist(self, document: bytes, header: str, key: str, screen: str | None) -> Playlist:
        """Verify a *document* of the own cache with the *key* that verified it before. Raises PlayerError."""
        keys = {**self._pinned, **_decode_keys({compute_key_id(base64.b64decode(key)): key} if key else {})}
        if find_verifying_key(document, header, keys) is None:
            raise PlayerError("document-signature")
        playlist = parse_playlist(document)
        if screen is not None and playlist.screen != screen:
            raise PlayerError("document-other-screen", playlist.screen)
        return playlist

    def get_signing_key(self, document: bytes, header: str) -> str:
        """Return the public key (base64) that verifies *document*."""
        name = find_verifying_key(document, header, self._pinned)
        return base64.b64encode(self._pinned[name]).decode() if name else ""


def parse_playlist(document: bytes) -> Playlist:
    """Decode *document* and validate what a player relies on. Raises PlayerError."""
    try:
        playlist = wire.decode_playlist(document)
    except (ValueError, RecursionError) as error:
        raise PlayerError("document-unreadable", str(error)[:120]) from None
    if playlist.format != wire.PLAYLIST_FORMAT:
        raise PlayerError("document-unreadable", playlist.format[:60])
    names = set(playlist.items)
    loops = playlist.loops
    is_valid = (
        all(set(loop.items) <= names and loop.items for loop in loops.values())
        and all(sum(playlist.items[i].duration_ms for i in loop.items) == loop.loop_ms for loop in loops.values())
        and all(p.loop is None or p.loop in loops for p in playlist.programs)
        and all(item.duration_ms > 0 for item in playlist.items.values())
        and bool(playlist.fallback)
        and set(playlist.fallback) <= names
        and all(a.from_ < b.from_ for a, b in zip(playlist.programs, playlist.programs[1:], strict=False))
    )
    if not is_valid:
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
    raw_keys: dict[str, bytes] = {}
    for name, text in keys.items():
        try:
            raw = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            continue
        if len(raw) == 32 and compute_key_id(raw) == name:
            raw_keys[name] = raw
    return raw_keys
