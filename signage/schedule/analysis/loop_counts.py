"""Counts how often and how long each item of a loop shows, by arithmetic over whole loops."""

from collections.abc import Callable
from dataclasses import dataclass

from signage.schedule.live_content import Rotation


@dataclass(frozen=True, slots=True)
class PlayCount:
    """*plays*: complete plays; *cut*: incomplete ones; *ms*: the time shown by both."""

    plays: int = 0
    cut: int = 0
    ms: int = 0

    def __add__(self, other: "PlayCount") -> "PlayCount":
        return PlayCount(self.plays + other.plays, self.cut + other.cut, self.ms + other.ms)


def count_loop_plays(
    rotation: Rotation, length: Callable[[str], int], position_ms: int, span_ms: int
) -> dict[str, PlayCount]:
    """Count the plays of each item while *rotation* runs for *span_ms* from *position_ms* in its loop."""
    counts: dict[str, PlayCount] = {}
    begin, loop = 0, rotation.loop_ms
    until = position_ms + span_ms
    for name in rotation.entries:
        end = begin + length(name)
        # The entry runs from begin + n·loop to end + n·loop, for every n.
        whole = _count_between(_divide_rounding_up(position_ms - begin, loop), (until - end) // loop)
        touched = _count_between((position_ms - end) // loop + 1, _divide_rounding_up(until - begin, loop) - 1)
        shown = _compute_shown_ms(begin, end, loop, until) - _compute_shown_ms(begin, end, loop, position_ms)
        counts[name] = counts.get(name, PlayCount()) + PlayCount(whole, touched - whole, shown)
        begin = end
    return counts


def _compute_shown_ms(begin: int, end: int, loop: int, until: int) -> int:
    """Return how long the entry from *begin* to *end* shows before *until*, counted from the first loop's start."""
    loops, rest = divmod(until, loop)
    return loops * (end - begin) + min(max(rest - begin, 0), end - begin)


def _count_between(first: int, last: int) -> int:
    return max(0, last - first + 1)


def _divide_rounding_up(n: int, d: int) -> int:
    return -(-n // d)
