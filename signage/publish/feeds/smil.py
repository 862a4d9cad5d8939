"""SMIL 3.0 for signage boxes: the loop of now as one sequence that repeats for ever.

It has no ``begin``: a list that is fetched in the middle of its daypart plays at once. What comes later comes with the
``Refresh`` that the list carries.
"""

from xml.etree.ElementTree import Element, SubElement

from signage.publish.feeds.current_loop import FeedEntry, FeedLoop, format_seconds
from signage.publish.feeds.xml_document import encode_xml

SMIL_NAMESPACE = "http://www.w3.org/ns/SMIL"
REGION_ID = "screen"


def encode_smil(loop: FeedLoop, base: str, modified_at: int) -> bytes:
    """The presentation: one region as large as the panel, one sequence in it."""
    root = Element("smil", {"xmlns": SMIL_NAMESPACE, "version": "3.0"})
    head = SubElement(root, "head")
    SubElement(head, "meta", {"http-equiv": "Refresh", "content": str(loop.refresh_s)})
    SubElement(head, "meta", {"name": "title", "content": loop.screen})
    layout = SubElement(head, "layout")
    size = {"width": str(loop.width), "height": str(loop.height)}
    SubElement(layout, "root-layout", {**size, "backgroundColor": "#000000"})
    place = {"xml:id": REGION_ID, "regionName": REGION_ID, "left": "0", "top": "0"}
    SubElement(layout, "region", {**place, **size, "z-index": "1", "fit": "fill"})
    body = SubElement(root, "body")
    par = SubElement(body, "par")
    if loop.entries:
        sequence = SubElement(par, "seq", {"repeatCount": "indefinite"})
        for entry in loop.entries:
            _add_media(sequence, entry, base)
    return encode_xml(root)


def _add_media(sequence: Element, entry: FeedEntry, base: str) -> None:
    told = {
        "src": base + entry.media.href,
        "type": entry.media.type,
        "dur": f"{format_seconds(entry.duration_ms)}s",
        "region": REGION_ID,
        "fit": "fill",
        "title": entry.title,
    }
    SubElement(sequence, "video" if entry.media.type.startswith("video/") else "img", told)
