"""Resolves the ``Range`` header against a file size (RFC 9110, section 14); werkzeug parses the header.

1. A header with another unit or with a syntax error is ignored: the whole file is sent (14.2).
2. ``-N`` selects the last N bytes, and the whole file where it is shorter; an end beyond the file is clamped (14.1.2).
3. A start beyond the end, and ``-0``, cannot be satisfied: 416 (15.5.17). werkzeug reads ``-0`` as a syntax error.
4. Of several ranges those without a byte are left out. More than ``MAX_RANGES`` of them, or ranges that overlap, are
   answered with the whole file: a small request must not multiply what is sent (14.2, 17.15).
"""

import re
from itertools import pairwise
from typing import NamedTuple

from werkzeug.http import parse_range_header

MAX_RANGES = 8
_EMPTY_SUFFIX = re.compile(r"[ \t]*bytes[ \t]*=[ \t]*-0+[ \t]*\Z", re.IGNORECASE)


class RangeNotSatisfiableError(Exception):
    """The requested range selects no byte of the file."""


class ByteRange(NamedTuple):
    """Bytes from *start* up to, but not including, *stop*."""

    start: int
    stop: int

    def format_content_range(self, size: int) -> str:
        """Return the value of the ``Content-Range`` header."""
        return f"bytes {self.start}-{self.stop - 1}/{size}"


def resolve_ranges(header: str | None, size: int) -> tuple[ByteRange, ...]:
    """Return the byte ranges that *header* selects of a file of *size* bytes; none: send the whole file.

    Raises RangeNotSatisfiableError (rule 3).
    """
    if header and _EMPTY_SUFFIX.match(header):
        raise RangeNotSatisfiableError
    parsed = parse_range_header(header)
    if parsed is None or parsed.units != "bytes" or len(parsed.ranges) > MAX_RANGES:
        return ()
    ranges = tuple(_clamp(start, stop, size) for start, stop in parsed.ranges if start < size)
    if not ranges:
        raise RangeNotSatisfiableError
    ordered = sorted(ranges)
    if any(later.start < earlier.stop for earlier, later in pairwise(ordered)):
        return ()
    return ranges


def _clamp(start: int, stop: int | None, size: int) -> ByteRange:
    return ByteRange(start if start >= 0 else max(0, start + size), size if stop is None else min(stop, size))
