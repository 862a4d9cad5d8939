"""What is live on one screen at one instant: the values that resolve hands to the rotation."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

BUILTIN_STILL = "_signage/still"
"""The built-in still as an item of a document; no campaign can have this name."""
BUILTIN_STILL_MS = 10_000
"""How long one entry of the still lasts where nothing else asks for a length."""


def format_still_ref(duration_ms: int) -> str:
    """The name of the still where it fills *duration_ms*: an item of a document has one length."""
    return BUILTIN_STILL if duration_ms == BUILTIN_STILL_MS else f"{BUILTIN_STILL}-{duration_ms}"


def parse_still_length(name: str) -> int | None:
    """The length in ms of the still of that name; None when *name* is no still."""
    if name == BUILTIN_STILL:
        return BUILTIN_STILL_MS
    digits = name.removeprefix(f"{BUILTIN_STILL}-")
    return int(digits) if digits != name else None


@dataclass(frozen=True, slots=True)
class LiveItem:
    """An item with its length on the screen's own panel. *name* is ``campaign/item``; *weight* 1 in a listed order."""

    name: str
    duration_ms: int
    weight: int = 1


@dataclass(frozen=True, slots=True)
class LivePlacement:
    """A placement that holds now, with those of its items that are live, in order (contract, rule 8).

    *listed*: the items play as written, round and round (a name may stand twice). *number* is the placement's place
    in its campaign's file, from 1.
    """

    campaign: str
    number: int
    items: tuple[LiveItem, ...]
    share: int = 1
    listed: bool = False
    max_per_hour: int | None = None
    min_gap_ms: int | None = None


@dataclass(frozen=True, slots=True)
class RotationNote:
    """What a rotation could not keep: a code with facts, for ``check`` and ``simulate``."""

    code: str
    facts: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class Rotation:
    """A loop: names in order, its length, whether it holds whole cycles, and what had to give."""

    entries: tuple[str, ...]
    loop_ms: int
    whole: bool = True
    notes: tuple[RotationNote, ...] = field(default=())


def find_self_follow_note(entries: Sequence[str]) -> RotationNote | None:
    """Which items follow themselves in the loop, its seam included; None: none does."""
    pairs = zip(entries, [*entries[1:], *entries[:1]], strict=True)
    again = [a for a, b in pairs if a == b and parse_still_length(a) is None]
    if not again:
        return None
    return RotationNote("item-follows-itself", (("items", ", ".join(sorted(set(again)))), ("times", len(again))))


LiveContentKind = Literal["takeover", "campaigns", "default", "still", "dark"]


@dataclass(frozen=True, slots=True)
class LiveContent:
    """What holds in a stretch of time. *placements* for ``campaigns`` and ``default``; *item* for a takeover.

    A takeover's *item* None: blank. *takeover_id* names the takeover. *why* as the document says it: ``fallback``,
    ``default: ID``, ``takeover: ID``, ``operating hours``, or the ids of the campaigns with the dayparts that hold
    (``315-2021 / daytime; other``).
    """

    kind: LiveContentKind
    why: str
    placements: tuple[LivePlacement, ...] = ()
    item: LiveItem | None = None
    takeover_id: str | None = None
