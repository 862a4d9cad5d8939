"""Live content: what a screen shows at an instant, passed from ``resolve`` to ``rotation``."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

BUILTIN_STILL = "_signage/still"
"""The name of the built-in still as an item of a playlist; no campaign can have this name."""
BUILTIN_STILL_MS = 10_000
"""The length of the built-in still where nothing requires another length."""


def format_still_ref(duration_ms: int) -> str:
    """Return the name of the built-in still with that length: an item of a playlist has one length."""
    return BUILTIN_STILL if duration_ms == BUILTIN_STILL_MS else f"{BUILTIN_STILL}-{duration_ms}"


def parse_still_length(name: str) -> int | None:
    """Return the length in ms of the built-in still called *name*; None for any other item."""
    if name == BUILTIN_STILL:
        return BUILTIN_STILL_MS
    digits = name.removeprefix(f"{BUILTIN_STILL}-")
    return int(digits) if digits != name else None


@dataclass(frozen=True, slots=True)
class LiveItem:
    """An item with its length on the screen's panel. *name* is ``campaign/item``; *weight* is 1 in a listed order."""

    name: str
    duration_ms: int
    weight: int = 1


BUILTIN_STILL_ITEM = LiveItem(BUILTIN_STILL, BUILTIN_STILL_MS)
"""The built-in still as an item."""


@dataclass(frozen=True, slots=True)
class LivePlacement:
    """An active placement with its live items in order (contract, rule 8).

    *listed*: the items play as written, round after round (a name may occur twice). *number* is the position of the
    placement in its campaign file, from 1.
    """

    campaign: str
    number: int
    items: tuple[LiveItem, ...]
    share: int = 1
    listed: bool = False
    max_per_hour: int | None = None
    min_gap_ms: int | None = None


def get_durations(placements: Sequence[LivePlacement]) -> dict[str, int]:
    """Return the length in ms of each item of *placements*, by name."""
    return {item.name: item.duration_ms for placement in placements for item in placement.items}


@dataclass(frozen=True, slots=True)
class RotationNote:
    """A rule that a loop could not satisfy: a code with facts, for ``check`` and ``simulate``."""

    code: str
    facts: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class Rotation:
    """A loop: item names in order, its length, whether it consists of whole cycles, and the unsatisfied rules."""

    entries: tuple[str, ...]
    loop_ms: int
    whole: bool = True
    notes: tuple[RotationNote, ...] = field(default=())


def find_self_follow_note(entries: Sequence[str]) -> RotationNote | None:
    """Return a note on the items that follow themselves in the loop, its seam included; None if there are none."""
    pairs = zip(entries, [*entries[1:], *entries[:1]], strict=True)
    repeated = [a for a, b in pairs if a == b and parse_still_length(a) is None]
    if not repeated:
        return None
    return RotationNote("item-follows-itself", (("items", ", ".join(sorted(set(repeated)))), ("times", len(repeated))))


LiveContentKind = Literal["takeover", "campaigns", "default", "still", "dark"]


@dataclass(frozen=True, slots=True)
class LiveContent:
    """The content of a screen in an interval. *placements* for ``campaigns`` and ``default``; *item* for a takeover.

    A takeover with *item* None is blank; *takeover_id* is its id. *why* as in the playlist: ``fallback``,
    ``default: ID``, ``takeover: ID``, ``operating hours``, or the ids of the campaigns with their active dayparts
    (``315-2021 / daytime; other``).
    """

    kind: LiveContentKind
    why: str
    placements: tuple[LivePlacement, ...] = ()
    item: LiveItem | None = None
    takeover_id: str | None = None


@dataclass(frozen=True, slots=True)
class ContentInterval:
    """An interval of constant live content."""

    from_: datetime
    until: datetime
    live: LiveContent
