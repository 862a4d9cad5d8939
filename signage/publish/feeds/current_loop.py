"""The current loop of a playlist, beginning with the item that shows now: the content of all feeds.

1. The order is that of the program, rotated so that the current item is first. Repeated items are repeated.
2. Each item is represented by its first medium without motion: a scrolling slogan by its film. A GIF is used only where
   there is nothing else, since feed players rarely respect its timing.
3. A program that is dark by order has no entries.
4. The title is the slogan's text, the clip's title or the item's name: on one line, with characters valid in XML.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from xml.etree.ElementTree import Element, tostring

from msgspec import UNSET

from signage.protocol.playback import NowShowingKind, get_now_showing
from signage.protocol.playlist import Playlist, PlaylistItem, PlaylistMedia

_LINE_BREAKS = re.compile("\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_NOT_XML_CHARACTERS = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One item at its *position* (from 0) in the loop of the document."""

    position: int
    name: str
    title: str
    kind: str
    media: PlaylistMedia
    duration_ms: int

    @property
    def is_still_image(self) -> bool:
        """Whether the medium is a picture without a duration of its own."""
        return self.media.type.startswith("image/") and self.media.type != "image/gif"


@dataclass(frozen=True, slots=True)
class FeedLoop:
    """*entries* in the order in which they show from now on. *program_start_s*: epoch seconds, 0 for the fallback."""

    screen: str
    kind: NowShowingKind
    program_start_s: int
    until: datetime
    refresh_s: int
    width: int
    height: int
    entries: tuple[FeedEntry, ...]


def get_current_loop(playlist: Playlist, at: datetime) -> FeedLoop:
    """Return the loop that *playlist* shows at *at*, until the program ends."""
    now_showing = get_now_showing(playlist, at)
    program = now_showing.program
    names = playlist.fallback if now_showing.kind == "fallback" else ()
    if program is not None and program.loop is not None:
        names = playlist.loops[program.loop].items
    positions = [*range(now_showing.entry, len(names)), *range(now_showing.entry)] if names else []
    until = program.until if program is not None else playlist.expires_at
    remaining_s = int((until - at).total_seconds()) + 1 if program is not None else playlist.poll_seconds
    return FeedLoop(
        playlist.screen,
        now_showing.kind,
        int(program.from_.timestamp()) if program is not None else 0,
        until,
        max(1, min(playlist.poll_seconds, remaining_s)),
        playlist.panel.width,
        playlist.panel.height,
        tuple(_build_entry(n, names[n], playlist.items[names[n]]) for n in positions),
    )


def _build_entry(position: int, name: str, item: PlaylistItem) -> FeedEntry:
    candidates = [media for media in item.media if media.motion is UNSET] or list(item.media)
    media = next((media for media in candidates if media.type != "image/gif"), candidates[0])
    return FeedEntry(position, name, get_title(name, item), item.kind, media, item.duration_ms)


def get_title(name: str, item: PlaylistItem) -> str:
    """Return the title of an item on one line (4)."""
    title = item.text if item.text is not UNSET and item.text else item.title
    text = _LINE_BREAKS.sub(" ", title) if title is not UNSET else ""
    return _NOT_XML_CHARACTERS.sub("\ufffd", text) if text.strip() else name


def format_seconds(duration_ms: int) -> str:
    """Format a duration in seconds, without trailing zeros."""
    return f"{duration_ms / 1000:.3f}".rstrip("0").rstrip(".")


def encode_xml(root: Element) -> bytes:
    """Encode an XML document as UTF-8 with its declaration."""
    content: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return content
