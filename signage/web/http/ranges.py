"""The header ``Range`` (RFC 9110, section 14).

1. Another unit, or a header that does not read as ranges (a last before its first included), is ignored (14.2).
2. ``-N`` is the last N bytes, of a shorter file all of it; an end beyond the file is its end (14.1.2).
3. A start beyond the end, and ``-0``, cannot be satisfied; where none can, the answer is "none" (15.5.17).
4. Ranges that overlap or touch are answered as one; more than MANY of them are not worth it: ignored (14.2, 17.15).
"""

import re
from dataclasses import dataclass
from itertools import pairwise

MAX_RANGES = 16
_RANGE_HEADER = re.compile(r"\s*bytes\s*=(.*)\Z", re.IGNORECASE | re.DOTALL)
_RANGE_SPEC = re.compile(r"([0-9]{1,100})-([0-9]{0,100})\Z|-([0-9]{1,100})\Z")


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes *first* to *last*, both in."""

    first: int
    last: int

    @property
    def length(self) -> int:
        return self.last + 1 - self.first

    def format_content_range(self, size: int) -> str:
        """As the header ``Content-Range`` says it."""
        return f"bytes {self.first}-{self.last}/{size}"


def parse_range(header: str | None, size: int) -> tuple[ByteRange, ...] | None:
    """What *header* asks of a file of *size* bytes; None: all of it, (): nothing that can be given."""
    match = _RANGE_HEADER.match(header or "")
    if match is None:
        return None
    words = [word.strip(" \t") for word in match[1].split(",")]
    words = [word for word in words if word]
    if not words or len(words) > 1000:
        return None
    found: list[ByteRange] = []
    for word in words:
        one = _RANGE_SPEC.match(word)
        if one is None:
            return None
        first, last, suffix = one.groups()
        if suffix is None and last and int(last) < int(first):
            return None
        span = _resolve_range(first, last, suffix, size)
        if span is not None:
            found.append(span)
    joined = _merge_ranges(found)
    return None if len(joined) > MAX_RANGES else joined


def _resolve_range(first: str | None, last: str | None, suffix: str | None, size: int) -> ByteRange | None:
    if suffix is not None:
        length = min(int(suffix), size)
        return ByteRange(size - length, size - 1) if length else None
    begin = int(first or "0")
    if begin >= size:
        return None
    return ByteRange(begin, min(int(last), size - 1) if last else size - 1)


def _merge_ranges(found: list[ByteRange]) -> tuple[ByteRange, ...]:
    """Those that overlap or touch as one; in the order asked where none do."""
    ordered = sorted(found, key=lambda s: s.first)
    if all(a.last + 1 < b.first for a, b in pairwise(ordered)):
        return tuple(found)
    joined: list[ByteRange] = []
    for span in ordered:
        if joined and span.first <= joined[-1].last + 1:
            joined[-1] = ByteRange(joined[-1].first, max(joined[-1].last, span.last))
        else:
            joined.append(span)
    return tuple(joined)
