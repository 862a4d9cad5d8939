"""Feeds for players that exist already: from a playlist and an instant to bytes, without state."""

from collections.abc import Callable
from dataclasses import dataclass

from signage.publish.feeds import m3u8, rss, smil, xspf
from signage.publish.feeds.current_loop import Entry, FeedLoop, loop_now

__all__ = ["FEEDS", "Entry", "Feed", "FeedLoop", "loop_now"]


@dataclass(frozen=True, slots=True)
class Feed:
    """A form: its content type, and what writes a loop with media under *base*, last modified at an epoch s."""

    content_type: str
    write: Callable[[FeedLoop, str, int], bytes]


# The type of HLS, which M3U shares with it by RFC 8216, makes VLC look for HLS and nothing else.
FEEDS = {
    "m3u8": Feed("audio/mpegurl", m3u8.write),
    "xspf": Feed("application/xspf+xml", xspf.write),
    "smil": Feed("application/smil+xml", smil.write),
    "rss": Feed("application/rss+xml; charset=utf-8", rss.write),
}
