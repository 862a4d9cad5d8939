"""Helpers that convert clips and write raw image files."""

import struct
import zlib
from pathlib import Path

from PIL import Image

from signage.library.rendition_worker import RenditionWorker
from signage.library.service import Library
from signage.model.item import Item
from signage.model.panel import Panel
from signage.protocol.playlist import PlaylistItem
from tests.library.items import create_campaign


def convert_item(library: Library, worker: RenditionWorker, item: Item, on: Panel) -> PlaylistItem:
    """Convert the clip of *item* for a panel, with its previews; return the playlist item."""
    campaign = create_campaign(item)
    library.catalog.request_rendition(campaign, item, on)
    worker.drain()
    converted = library.catalog.get_or_create_item(campaign, item, on)
    assert converted is not None, library.catalog.get_length(campaign, item, on)
    return converted


def get_media_path(library: Library, item: PlaylistItem) -> Path:
    """Return the file of the first medium of *item*."""
    path = library.find_media(item.media[0].sha256)
    assert path is not None
    return path


def encode_png_chunk(kind: bytes, data: bytes) -> bytes:
    """Return a PNG chunk with its length and checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def write_gif(path: Path, delays: list[int]) -> Path:
    """Frames red, green, blue with these delays in 1/100 s, really in the file."""
    frames = [Image.new("RGB", (96, 32), c) for c in ("red", "lime", "blue")]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=[990] * 3, loop=0)
    data, at = bytearray(path.read_bytes()), 0
    for delay in delays:
        at = data.index(b"\x21\xf9\x04", at)
        data[at + 4 : at + 6] = delay.to_bytes(2, "little")
        at += 8
    path.write_bytes(data)
    return path


def create_deep_png(kind: int, row: bytes, width: int = 256) -> bytes:
    """Return a PNG with 16 bits per channel, of the colour type *kind*, 64 rows high."""
    header = struct.pack(">IIBBBBB", width, 64, 16, kind, 0, 0, 0)
    rows = zlib.compress((b"\0" + row) * 64)
    chunks = ((b"IHDR", header), (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(encode_png_chunk(name, data) for name, data in chunks)
