"""Feeds for third-party players: encode the current loop of a playlist. Without state."""

from collections.abc import Callable
from dataclasses import dataclass

from signage.publish.feeds import m3u8, rss, smil, xspf
from signage.publish.feeds.current_loop import FeedEntry, FeedLoop, get_current_loop

__all__ = ["FEED_FORMATS", "FeedEntry", "FeedFormat", "FeedLoop", "get_current_loop"]


@dataclass(frozen=True, slots=True)
class FeedFormat:
    """Content type and encoder of a format. *encode*: (loop, base URL of the media, last change in epoch s) → bytes."""

    content_type: str
    encode: Callable[[FeedLoop, str, int], bytes]


# Not the type that M3U shares with HLS (RFC 8216): with it VLC reads the feed as HLS.
FEED_FORMATS = {
    "m3u8": FeedFormat("audio/mpegurl", m3u8.encode_m3u8),
    "xspf": FeedFormat("application/xspf+xml", xspf.encode_xspf),
    "smil": FeedFormat("application/smil+xml", smil.encode_smil),
    "rss": FeedFormat("application/rss+xml; charset=utf-8", rss.encode_rss),
}
