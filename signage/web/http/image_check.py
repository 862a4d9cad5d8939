"""Validates PNG and JPEG by their structure alone, without decoding what a screen sends.

1. PNG: the signature, ``IHDR`` first, chunks whose lengths add up to the end, ``IDAT`` among them, ``IEND`` last.
2. JPEG: ``SOI``, marker segments with valid lengths, a frame header before the scan, ``EOI`` at the end.
"""

import struct
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

ImageType = Literal["image/png", "image/jpeg"]
MAX_SIDE = 16384
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_FRAME_MARKERS = frozenset({0xC0, 0xC1, 0xC2})


@dataclass(frozen=True, slots=True)
class Screenshot:
    """A screenshot as the screen sent it."""

    screen: str
    at: datetime
    type: ImageType
    width: int
    height: int
    data: bytes


def read_image_header(data: bytes) -> tuple[ImageType, int, int] | None:
    """Return type, width and height; None for bytes that are not a complete PNG or JPEG."""
    if data.startswith(_PNG_SIGNATURE):
        size, kind = _read_png_size(data), "image/png"
    elif data.startswith(b"\xff\xd8\xff"):
        size, kind = _read_jpeg_size(data), "image/jpeg"
    else:
        return None
    if size is None or not all(0 < side <= MAX_SIDE for side in size):
        return None
    return ("image/png" if kind == "image/png" else "image/jpeg", *size)


def _read_png_size(data: bytes) -> tuple[int, int] | None:
    offset, size, has_pixels = 8, None, False
    while offset + 12 <= len(data):
        length, name = struct.unpack_from(">I4s", data, offset)
        if size is None:
            if name != b"IHDR" or length != 13 or offset + 25 > len(data):
                return None
            size = struct.unpack_from(">II", data, offset + 8)
        has_pixels = has_pixels or name == b"IDAT"
        offset += 12 + length
        if name == b"IEND":
            return size if has_pixels and offset == len(data) else None
    return None


def _read_jpeg_size(data: bytes) -> tuple[int, int] | None:
    offset = 2
    size: tuple[int, int] | None = None
    while offset + 4 <= len(data) and data[offset] == 0xFF:
        marker = data[offset + 1]
        if marker == 0xFF:
            offset += 1
            continue
        length = struct.unpack_from(">H", data, offset + 2)[0]
        if length < 2 or offset + 2 + length > len(data):
            return None
        if marker in _FRAME_MARKERS and length >= 8:
            height, width = struct.unpack_from(">HH", data, offset + 5)
            size = (width, height)
        if marker == 0xDA:
            return size if data.rstrip(b"\0").endswith(b"\xff\xd9") else None
        offset += 2 + length
    return None
