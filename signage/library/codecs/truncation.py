"""Detects truncated films by the sizes in their headers, without decoding."""

from typing import BinaryIO

from signage.library.codecs.file_type import FileFormat

_MAX_BOXES = 10_000
_SEGMENT = b"\x18\x53\x80\x67"


def is_truncated(file: BinaryIO, file_format: FileFormat) -> bool:
    """Whether *file* ends before a part that its headers announce. Leaves the position at the beginning."""
    end = file.seek(0, 2)
    try:
        if file_format.demuxer == "mov":
            return _has_truncated_boxes(file, end)
        if file_format.demuxer == "matroska":
            return _has_truncated_segment(file, end)
        return False
    finally:
        file.seek(0)


def _has_truncated_boxes(file: BinaryIO, end: int) -> bool:
    """Whether an ISO base media file (14496-12) is not a complete sequence of boxes with an index (moov)."""
    at, has_index = 0, False
    for _ in range(_MAX_BOXES):
        if at + 8 > end:
            break
        file.seek(at)
        head = file.read(16)
        size = int.from_bytes(head[:4], "big")
        if size == 1:
            size = int.from_bytes(head[8:16], "big")
        elif size == 0:
            size = end - at
        if size < 8 or at + size > end:
            return True
        has_index = has_index or head[4:8] == b"moov"
        at += size
    return not has_index


def _has_truncated_segment(file: BinaryIO, end: int) -> bool:
    """Whether the segment of a Matroska file (RFC 9559) is incomplete; its size may be unknown (all ones)."""
    file.seek(0)
    head = file.read(4096)
    begin = head.find(_SEGMENT)
    if begin < 0 or len(head) < begin + 12:
        return True
    first = head[begin + 4]
    length = 9 - first.bit_length()
    if length > 8:
        return True
    raw = int.from_bytes(head[begin + 4 : begin + 4 + length], "big") & ((1 << 7 * length) - 1)
    unknown = raw == (1 << 7 * length) - 1
    return not unknown and begin + 4 + length + raw > end
