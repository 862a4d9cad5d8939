"""Segments of the play log: one line per play with a checksum; torn or corrupted lines are detected."""

import zlib
from pathlib import Path

import msgspec
from msgspec import Struct

from signage.protocol.plays import Play

_encode = msgspec.json.encode
_play_decoder = msgspec.json.Decoder(Play)


class PlaySegment(Struct):
    """One segment, its numbers from *first* to *last*, and its size in bytes."""

    path: Path
    first: int
    last: int
    size: int


def encode_line(play: Play) -> bytes:
    """Encode *play* as a line."""
    text = _encode(play)
    return b"%08x %s\n" % (zlib.crc32(text), text)


def read_segment(path: Path) -> tuple[list[Play], int]:
    """Read the plays of a segment, and the offset up to which it is intact."""
    plays: list[Play] = []
    intact_bytes = offset = 0
    for line in path.read_bytes().splitlines(keepends=True):
        offset += len(line)
        if line.endswith(b"\n") and len(line) > 10 and line[:8] == b"%08x" % zlib.crc32(line[9:-1]):
            try:
                plays.append(_play_decoder.decode(line[9:-1]))
            except ValueError:
                continue
            intact_bytes = offset
    return plays, intact_bytes
