"""Encodes a feed as Media RSS 2.0, for BrightSign live media feeds and similar players.

``guid`` is the sha256 with the position in the loop: readers keep one entry per guid, and an item may be repeated.
"""

from email.utils import formatdate
from xml.etree.ElementTree import Element, SubElement, register_namespace

from signage.publish.feeds.current_loop import FeedEntry, FeedLoop, encode_xml, format_seconds

MEDIA_NAMESPACE = "http://search.yahoo.com/mrss/"
register_namespace("media", MEDIA_NAMESPACE)


def encode_rss(loop: FeedLoop, base: str, modified_at: int) -> bytes:
    """Encode the loop as a channel with one ``item`` per entry."""
    root = Element("rss", {"version": "2.0"})
    channel = SubElement(root, "channel")
    date = formatdate(modified_at, usegmt=True)
    SubElement(channel, "title").text = loop.screen
    SubElement(channel, "link").text = base + "/"
    SubElement(channel, "description").text = loop.screen
    SubElement(channel, "lastBuildDate").text = date
    SubElement(channel, "ttl").text = str(max(1, loop.refresh_s // 60))
    for entry in loop.entries:
        _add_item(channel, entry, base, date)
    return encode_xml(root)


def _add_item(channel: Element, entry: FeedEntry, base: str, date: str) -> None:
    media = entry.media
    item = SubElement(channel, "item")
    SubElement(item, "title").text = entry.title
    SubElement(item, "link").text = base + media.href
    SubElement(item, "guid", {"isPermaLink": "false"}).text = f"{media.sha256}-{entry.position}"
    SubElement(item, "pubDate").text = date
    attributes = {
        "url": base + media.href,
        "type": media.type,
        "medium": "video" if media.type.startswith("video/") else "image",
        "fileSize": str(media.bytes),
        "duration": format_seconds(entry.duration_ms),
        "width": str(media.width),
        "height": str(media.height),
    }
    SubElement(item, f"{{{MEDIA_NAMESPACE}}}content", attributes)
