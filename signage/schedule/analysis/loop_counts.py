"""How often and how long each item of a loop shows in a while: counted over whole loops, never stepped through."""

from collections.abc import Callable
from dataclasses import dataclass

from signage.schedule.live_content import Rotation


@dataclass(frozen=True, slots=True)
class Count:
    """*plays* that run from an item's beginning to its end, *cut* ones that do not, and *ms* shown by both."""

    plays: int = 0
    cut: int = 0
    ms: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(self.plays + other.plays, self.cut + other.cut, self.ms + other.ms)


def tally(rotation: Rotation, length: Callable[[str], int], position_ms: int, span_ms: int) -> dict[str, Count]:
    """What shows of each item while *rotation* runs for *span_ms*, from *position_ms* of its loop on."""
    found: dict[str, Count] = {}
    begin, loop = 0, rotation.loop_ms
    until = position_ms + span_ms
    for name in rotation.entries:
        end = begin + length(name)
        # The entry runs from begin + n·loop to end + n·loop, for every n.
        whole = _between(_ceil(position_ms - begin, loop), (until - end) // loop)
        touched = _between((position_ms - end) // loop + 1, _ceil(until - begin, loop) - 1)
        shown = _shown(begin, end, loop, until) - _shown(begin, end, loop, position_ms)
        found[name] = found.get(name, Count()) + Count(whole, touched - whole, shown)
        begin = end
    return found


def _shown(begin: int, end: int, loop: int, until: int) -> int:
    """Of the entry from *begin* to *end*, how much shows before *until* (from the first loop's beginning)."""
    loops, rest = divmod(until, loop)
    return loops * (end - begin) + min(max(rest - begin, 0), end - begin)


def _between(first: int, last: int) -> int:
    return max(0, last - first + 1)


def _ceil(n: int, d: int) -> int:
    return -(-n // d)
