"""Encodes a feed as XSPF 1, for VLC and media centres. Durations in ms; pictures need an extension of VLC."""

from xml.etree.ElementTree import Element, SubElement, register_namespace

from signage.publish.feeds.current_loop import FeedLoop, encode_xml, format_seconds

XSPF_NAMESPACE = "http://xspf.org/ns/0/"
VLC_NAMESPACE = "http://www.videolan.org/vlc/playlist/ns/0/"
_VLC_APPLICATION = "http://www.videolan.org/vlc/playlist/0"
register_namespace("vlc", VLC_NAMESPACE)


def encode_xspf(loop: FeedLoop, base: str, modified_at: int) -> bytes:
    """Encode the loop as a list with one ``track`` per entry."""
    root = Element("playlist", {"version": "1", "xmlns": XSPF_NAMESPACE})
    SubElement(root, "title").text = loop.screen
    tracks = SubElement(root, "trackList")
    for entry in loop.entries:
        track = SubElement(tracks, "track")
        SubElement(track, "location").text = base + entry.media.href
        SubElement(track, "identifier").text = f"urn:sha256:{entry.media.sha256}"
        SubElement(track, "title").text = entry.title
        SubElement(track, "duration").text = str(entry.duration_ms)
        if entry.is_still_image:
            extension = SubElement(track, "extension", {"application": _VLC_APPLICATION})
            SubElement(
                extension, f"{{{VLC_NAMESPACE}}}option"
            ).text = f"image-duration={format_seconds(entry.duration_ms)}"
    return encode_xml(root)
