"""Feeds for players that exist already: from a playlist and an instant to bytes, without state."""

from collections.abc import Callable
from dataclasses import dataclass

from signage.publish.feeds import m3u8, rss, smil, xspf
from signage.publish.feeds.current_loop import FeedEntry, FeedLoop, get_current_loop

__all__ = ["FEED_FORMATS", "FeedEntry", "FeedFormat", "FeedLoop", "get_current_loop"]


@dataclass(frozen=True, slots=True)
class FeedFormat:
    """A form: its content type, and what writes a loop with media under *base*, last modified at an epoch s."""

    content_type: str
    encode: Callable[[FeedLoop, str, int], bytes]


# The type of HLS, which M3U shares with it by RFC 8216, makes VLC look for HLS and nothing else.
FEED_FORMATS = {
    "m3u8": FeedFormat("audio/mpegurl", m3u8.encode_m3u8),
    "xspf": FeedFormat("application/xspf+xml", xspf.encode_xspf),
    "smil": FeedFormat("application/smil+xml", smil.encode_smil),
    "rss": FeedFormat("application/rss+xml; charset=utf-8", rss.encode_rss),
}
