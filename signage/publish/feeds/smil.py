"""SMIL 3.0 for signage boxes: the loop of now as one sequence that repeats for ever.

It has no ``begin``: a list that is fetched in the middle of its daypart plays at once. What comes later comes with the
``Refresh`` that the list carries.
"""

from xml.etree.ElementTree import Element, SubElement

from signage.publish.feeds.current_loop import Entry, FeedLoop, seconds
from signage.publish.feeds.xml_document import dump

NS = "http://www.w3.org/ns/SMIL"
REGION = "screen"


def write(loop: FeedLoop, base: str, modified_at: int) -> bytes:
    """The presentation: one region as large as the panel, one sequence in it."""
    root = Element("smil", {"xmlns": NS, "version": "3.0"})
    head = SubElement(root, "head")
    SubElement(head, "meta", {"http-equiv": "Refresh", "content": str(loop.refresh_s)})
    SubElement(head, "meta", {"name": "title", "content": loop.screen})
    layout = SubElement(head, "layout")
    size = {"width": str(loop.width), "height": str(loop.height)}
    SubElement(layout, "root-layout", {**size, "backgroundColor": "#000000"})
    place = {"xml:id": REGION, "regionName": REGION, "left": "0", "top": "0"}
    SubElement(layout, "region", {**place, **size, "z-index": "1", "fit": "fill"})
    body = SubElement(root, "body")
    par = SubElement(body, "par")
    if loop.entries:
        sequence = SubElement(par, "seq", {"repeatCount": "indefinite"})
        for entry in loop.entries:
            _media(sequence, entry, base)
    return dump(root)


def _media(sequence: Element, entry: Entry, base: str) -> None:
    told = {
        "src": base + entry.media.href,
        "type": entry.media.type,
        "dur": f"{seconds(entry.duration_ms)}s",
        "region": REGION,
        "fit": "fill",
        "title": entry.title,
    }
    SubElement(sequence, "video" if entry.media.type.startswith("video/") else "img", told)
