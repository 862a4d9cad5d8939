"""Encodes a feed as SMIL 3.0, for signage boxes: the current loop as one sequence that repeats without end.

The sequence has no ``begin``: a feed that is fetched in the middle of a daypart plays at once. Later programs arrive
with the ``Refresh`` that the feed asks for.
"""

from xml.etree.ElementTree import Element, SubElement

from signage.publish.feeds.current_loop import FeedEntry, FeedLoop, encode_xml, format_seconds

SMIL_NAMESPACE = "http://www.w3.org/ns/SMIL"
REGION_ID = "screen"


def encode_smil(loop: FeedLoop, base: str, modified_at: int) -> bytes:
    """Encode the loop as one sequence in one region of the size of the panel."""
    root = Element("smil", {"xmlns": SMIL_NAMESPACE, "version": "3.0"})
    head = SubElement(root, "head")
    SubElement(head, "meta", {"http-equiv": "Refresh", "content": str(loop.refresh_s)})
    SubElement(head, "meta", {"name": "title", "content": loop.screen})
    layout = SubElement(head, "layout")
    size = {"width": str(loop.width), "height": str(loop.height)}
    SubElement(layout, "root-layout", {**size, "backgroundColor": "#000000"})
    region = {"xml:id": REGION_ID, "regionName": REGION_ID, "left": "0", "top": "0"}
    SubElement(layout, "region", {**region, **size, "z-index": "1", "fit": "fill"})
    body = SubElement(root, "body")
    par = SubElement(body, "par")
    if loop.entries:
        sequence = SubElement(par, "seq", {"repeatCount": "indefinite"})
        for entry in loop.entries:
            _add_media(sequence, entry, base)
    return encode_xml(root)


def _add_media(sequence: Element, entry: FeedEntry, base: str) -> None:
    attributes = {
        "src": base + entry.media.href,
        "type": entry.media.type,
        "dur": f"{format_seconds(entry.duration_ms)}s",
        "region": REGION_ID,
        "fit": "fill",
        "title": entry.title,
    }
    SubElement(sequence, "video" if entry.media.type.startswith("video/") else "img", attributes)
