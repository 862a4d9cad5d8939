"""Reads the edit lists of an ISO base media file (14496-12: ``moov/trak/edts/elst``), which FFmpeg applies. Sandboxed.

FFmpeg applies edits at normal speed. Two things are left to this program:

1. An empty edit shows nothing for its duration. FFmpeg fills one that is not the first with hidden frames; here the
   picture before it stays.
2. An edit at another speed (slow motion, a dwell) is refused: FFmpeg would play it at normal speed.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import BinaryIO

from signage.library.sandbox.media_error import MediaError

_MAX_BOXES = 10_000
_MAX_MOOV_BYTES = 256 << 20
_NORMAL_SPEED = 0x10000
Interval = tuple[Fraction, Fraction]


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit: its duration in the film (s), its begin in the track (-1: empty), its speed (16.16)."""

    duration: Fraction
    media_time: int
    speed: int


def list_blank_intervals(file: BinaryIO, track_id: int) -> tuple[Interval, ...]:
    """Return the intervals (s, of the film) in which edits after the first show nothing (1).

    Raises MediaError: an edit has another speed (2). Leaves the position of *file* as it was.
    """
    edits = read_edit_lists(file).get(track_id, ())
    blank: list[Interval] = []
    at = Fraction(0)
    for number, edit in enumerate(edits):
        if edit.media_time >= 0 and edit.speed != _NORMAL_SPEED:
            raise MediaError("clip-edit-speed")
        if edit.media_time < 0 and number:
            blank.append((at, at + edit.duration))
        at += edit.duration
    return tuple(blank)


def read_edit_lists(file: BinaryIO) -> dict[int, tuple[Edit, ...]]:
    """Return track id → its edits; empty where the file has none, or is damaged. Leaves the position as it was."""
    data = _read_index(file)
    scale = 1000
    for kind, body in _iter_boxes(data):
        if kind == b"mvhd" and len(body) >= 24:
            scale = int.from_bytes(body[20:24] if body[0] else body[12:16], "big") or scale
    lists: dict[int, tuple[Edit, ...]] = {}
    for kind, body in _iter_boxes(data):
        if kind == b"trak":
            track_id, edits = _read_track(body, scale)
            lists[track_id] = edits
    return lists


def _read_index(file: BinaryIO) -> bytes:
    """Return the content of the box ``moov``."""
    before = file.tell()
    end = file.seek(0, 2)
    at, content = 0, b""
    for _ in range(_MAX_BOXES):
        file.seek(at)
        head = file.read(16)
        if len(head) < 8:
            break
        size, begin = int.from_bytes(head[:4], "big"), 8
        if size == 1:
            size, begin = int.from_bytes(head[8:16], "big"), 16
        size = size or end - at
        if size < begin:
            break
        if head[4:8] == b"moov":
            file.seek(at + begin)
            content = file.read(min(size - begin, _MAX_MOOV_BYTES))
            break
        at += size
    file.seek(before)
    return content


def _iter_boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big") or len(data) - at
        if size < 8:
            return
        yield data[at + 4 : at + 8], data[at + 8 : at + size]
        at += size


def _read_track(data: bytes, scale: int) -> tuple[int, tuple[Edit, ...]]:
    track_id = 0
    edits: tuple[Edit, ...] = ()
    for kind, body in _iter_boxes(data):
        if kind == b"tkhd" and len(body) >= 24:
            track_id = int.from_bytes(body[20:24] if body[0] else body[12:16], "big")
        elif kind == b"edts":
            edits = next((_parse_edits(b, scale) for k, b in _iter_boxes(body) if k == b"elst"), ())
    return track_id, edits


def _parse_edits(body: bytes, scale: int) -> tuple[Edit, ...]:
    entry = ">QqI" if body[:1] == b"\x01" else ">IiI"
    count = int.from_bytes(body[4:8], "big")
    entries = body[8 : 8 + count * struct.calcsize(entry)]
    whole = len(entries) // struct.calcsize(entry) * struct.calcsize(entry)
    return tuple(Edit(Fraction(d, scale), m, s) for d, m, s in struct.iter_unpack(entry, entries[:whole]))
