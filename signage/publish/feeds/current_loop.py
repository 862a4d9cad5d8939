"""The loop of now, from the very item that shows now, as the feeds tell it.

1. The order is the program's, turned so that the item of now is first; an item that stands in it twice comes twice.
2. Each item by the first of its media that needs no motion: a scrolling slogan as its film. A GIF only where there is
   nothing else: players of feeds rarely keep its time.
3. A program that is dark by order has no entries.
4. Titles are a slogan's text, a clip's title, else the item's name; on one line, of characters that XML can hold.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from msgspec import UNSET

from signage.protocol.playback import NowShowingKind, get_now_showing
from signage.protocol.playlist import Playlist, PlaylistItem, PlaylistMedia

_LINE_BREAKS = re.compile("\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_NOT_XML_CHARACTERS = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """An item at its *place* (from 0) in the loop as the document has it."""

    position: int
    name: str
    title: str
    kind: str
    media: PlaylistMedia
    duration_ms: int

    @property
    def is_still_image(self) -> bool:
        """Whether it is a picture without a length of its own."""
        return self.media.type.startswith("image/") and self.media.type != "image/gif"


@dataclass(frozen=True, slots=True)
class FeedLoop:
    """*entries* in the order in which they show from now on; *began_s* the program's begin in epoch s (0: fallback)."""

    screen: str
    kind: NowShowingKind
    program_start_s: int
    until: datetime
    refresh_s: int
    width: int
    height: int
    entries: tuple[FeedEntry, ...]


def get_current_loop(playlist: Playlist, at: datetime) -> FeedLoop:
    """What *playlist* shows at *at* and goes on to show while the program lasts."""
    shown = get_now_showing(playlist, at)
    program = shown.program
    names = playlist.fallback if shown.kind == "fallback" else ()
    if program is not None and program.loop is not None:
        names = playlist.loops[program.loop].items
    places = [*range(shown.entry, len(names)), *range(shown.entry)] if names else []
    until = program.until if program is not None else playlist.expires_at
    left_s = int((until - at).total_seconds()) + 1 if program is not None else playlist.poll_seconds
    return FeedLoop(
        playlist.screen,
        shown.kind,
        int(program.from_.timestamp()) if program is not None else 0,
        until,
        max(1, min(playlist.poll_seconds, left_s)),
        playlist.panel.width,
        playlist.panel.height,
        tuple(_build_entry(place, names[place], playlist.items[names[place]]) for place in places),
    )


def _build_entry(place: int, name: str, item: PlaylistItem) -> FeedEntry:
    whole = [m for m in item.media if m.motion is UNSET] or list(item.media)
    media = next((m for m in whole if m.type != "image/gif"), whole[0])
    return FeedEntry(place, name, get_title(name, item), item.kind, media, item.duration_ms)


def get_title(name: str, item: PlaylistItem) -> str:
    """The item's title on one line (rule 4)."""
    told = item.text if item.text is not UNSET and item.text else item.title
    text = _LINE_BREAKS.sub(" ", told) if told is not UNSET else ""
    return _NOT_XML_CHARACTERS.sub("\ufffd", text) if text.strip() else name


def format_seconds(duration_ms: int) -> str:
    """A length in seconds, whole where it is."""
    return f"{duration_ms / 1000:.3f}".rstrip("0").rstrip(".")
