"""Playlist document: what one screen downloads (format ``signage.playlist/1``).

These values are the document, field for field and in the document's order. Instants are aware; on the wire they
have the offset of the screen's time zone (RFC 3339).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType

PLAYLIST_FORMAT = "signage.playlist/1"


class Motion(Struct, frozen=True):
    """Motion of a still image: a ``scroll-left`` strip, or ``pages`` one below the other."""

    effect: Literal["scroll-left", "pages"]
    px_per_s: int | UnsetType = UNSET
    page_ms: int | UnsetType = UNSET


class PlaylistMedia(Struct, frozen=True):
    """One rendition of a whole item. *sha256* is lower-case hex, *bytes* the size."""

    href: str
    type: str
    sha256: str
    bytes: int
    width: int
    height: int
    motion: Motion | UnsetType = UNSET


class PlaylistItem(Struct, frozen=True, kw_only=True):
    """A slogan, picture or film on this screen. A player takes the first of *media* that it can play."""

    kind: Literal["slogan", "picture", "film"]
    text: str | UnsetType = UNSET
    title: str | UnsetType = UNSET
    duration_ms: int
    media: tuple[PlaylistMedia, ...]


class Loop(Struct, frozen=True):
    """Ordered items that repeat; *loop_ms* is the sum of their durations."""

    loop_ms: int
    items: tuple[str, ...]


class Program(Struct, frozen=True, rename={"from_": "from"}):
    """One loop with its from and until (half-open). ``loop`` null: dark by schedule."""

    from_: datetime
    until: datetime
    loop: str | None
    phase_ms: int
    why: str


class BrightnessChange(Struct, frozen=True, rename={"from_": "from"}):
    """Brightness from this instant on, in *percent* (0…100)."""

    from_: datetime
    percent: int


class PlaylistPanel(Struct, frozen=True):
    """Pixels of the screen."""

    id: str
    width: int
    height: int
    color: Literal["mono", "two-color", "rgb"]


class Playlist(Struct, frozen=True):
    """The whole document."""

    format: str
    screen: str
    serial: int
    issued_at: datetime
    expires_at: datetime
    timezone: str
    poll_seconds: int
    panel: PlaylistPanel
    items: Mapping[str, PlaylistItem]
    loops: Mapping[str, Loop]
    programs: tuple[Program, ...]
    brightness: tuple[BrightnessChange, ...]
    fallback: tuple[str, ...]


_decoder = msgspec.json.Decoder(Playlist)


def encode_playlist(playlist: Playlist) -> bytes:
    """Encode the document: UTF-8, minimal escapes, no white space between tokens."""
    return msgspec.json.encode(playlist)


def decode_playlist(document: bytes) -> Playlist:
    """Decode a document; unknown fields are ignored.

    Raises ``msgspec.ValidationError`` (a ``ValueError``) if it is not a playlist.
    """
    return _decoder.decode(document)
