"""Resolves the ``Range`` header against a file size (RFC 9110, section 14); werkzeug parses the header.

1. A header with another unit, with a syntax error or with several ranges is ignored: the whole file is sent (14.2).
2. ``-N`` selects the last N bytes, and the whole file where it is shorter; an end beyond the file is clamped (14.1.2).
3. A start beyond the end, and ``-0``, cannot be satisfied: 416 (15.5.17). werkzeug reads ``-0`` as a syntax error.
"""

import re
from typing import NamedTuple

from werkzeug.http import parse_range_header

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


def resolve_range(header: str | None, size: int) -> ByteRange | None:
    """Return the byte range that *header* selects of a file of *size* bytes; None: send the whole file.

    Raises RangeNotSatisfiableError (rule 3).
    """
    if header and _EMPTY_SUFFIX.match(header):
        raise RangeNotSatisfiableError
    parsed = parse_range_header(header)
    if parsed is None or parsed.units != "bytes" or len(parsed.ranges) != 1:
        return None
    start, stop = parsed.ranges[0]
    if start >= size:
        raise RangeNotSatisfiableError
    return ByteRange(start if start >= 0 else max(0, start + size), size if stop is None else min(stop, size))
