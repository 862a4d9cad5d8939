"""A campaign file half read: what is sound of it, so that the checks can look on beside a slip."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

ClipKind = Literal["picture", "animation", "film"]
FileState = Literal["there", "missing", "leaves", "no-file"]


@dataclass(frozen=True, slots=True)
class FileCheckContext:
    """What the checks may ask of the world around a file; what is not given is not asked.

    *file_state*: whether a path names a file in the installation's folder. *clip_kind*: what a file (by its path) or
    a clip of the library (by its sha256) is; None: not known.
    """

    file_state: Callable[[str], FileState] | None = None
    clip_kind: Callable[[str], ClipKind | None] | None = None


EMPTY_CONTEXT = FileCheckContext()
"""Nothing can be asked."""


@dataclass(slots=True)
class PartialCampaign:
    """The values that could be read, by key; what is missing or wrong is not there.

    *rows_lost* says that some item could not be named, so that patterns may match more than is seen.
    """

    file_stem: str | None
    root: dict[str, Any]
    items: list[dict[str, Any]]
    dayparts: dict[str, dict[str, Any]]
    placements: list[dict[str, Any]]
    items_incomplete: bool = False
    dayparts_incomplete: bool = False
    rows_by_pattern: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """Patterns of ``items`` → the rows that they match."""
    row_by_item_id: dict[str, int] = field(default_factory=dict)
    """Ids of items → their rows."""
