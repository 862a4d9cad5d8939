"""XSPF (version 1): for VLC and media centres. Lengths in ms; VLC's own extension says how long a picture shows."""

from xml.etree.ElementTree import Element, SubElement, register_namespace

from signage.publish.feeds.current_loop import FeedLoop, seconds
from signage.publish.feeds.xml_document import dump

NS = "http://xspf.org/ns/0/"
VLC = "http://www.videolan.org/vlc/playlist/ns/0/"
_APPLICATION = "http://www.videolan.org/vlc/playlist/0"
register_namespace("vlc", VLC)


def write(loop: FeedLoop, base: str, modified_at: int) -> bytes:
    """The list, a ``track`` for each entry."""
    root = Element("playlist", {"version": "1", "xmlns": NS})
    SubElement(root, "title").text = loop.screen
    tracks = SubElement(root, "trackList")
    for entry in loop.entries:
        track = SubElement(tracks, "track")
        SubElement(track, "location").text = base + entry.media.href
        SubElement(track, "identifier").text = f"urn:sha256:{entry.media.sha256}"
        SubElement(track, "title").text = entry.title
        SubElement(track, "duration").text = str(entry.duration_ms)
        if entry.still:
            extension = SubElement(track, "extension", {"application": _APPLICATION})
            SubElement(extension, f"{{{VLC}}}option").text = f"image-duration={seconds(entry.duration_ms)}"
    return dump(root)
