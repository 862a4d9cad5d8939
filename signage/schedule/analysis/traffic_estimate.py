"""Estimates the traffic of a screen: its media once, a small response per poll, a playlist per day and change."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

POLL_BYTES = 800
"""A poll without news: request and response with headers and transport overhead."""
DOCUMENT_BYTES = 6_000
"""A playlist with its headers, compressed."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class TrafficEstimate:
    """Bytes. *unknown*: items whose media do not exist yet and are not counted."""

    media: int
    polls: int
    unknown: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        return self.media + self.polls


def estimate_traffic(
    names: Iterable[str], sizes: Mapping[str, int], poll_seconds: int, begin: datetime, end: datetime
) -> TrafficEstimate:
    """Estimate the bytes that a screen downloads between *begin* and *end* for the items *names* of those *sizes*."""
    counted = [name for name in sorted(names) if name in sizes]
    unknown = tuple(name for name in sorted(names) if name not in sizes)
    span = max(end - begin, timedelta(0))
    polls = span // timedelta(seconds=poll_seconds) * POLL_BYTES + (span // _DAY + 1) * DOCUMENT_BYTES
    return TrafficEstimate(sum(sizes[name] for name in counted), polls, unknown)
