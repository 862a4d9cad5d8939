"""A tree as a document."""

from xml.etree.ElementTree import Element, tostring


def encode_xml(root: Element) -> bytes:
    """UTF-8, with its declaration."""
    found: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return found
