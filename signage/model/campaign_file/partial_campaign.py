"""A partially read campaign file: its valid values, so that the checks can run despite faults."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

ClipKind = Literal["picture", "animation", "film"]
FileState = Literal["there", "missing", "leaves", "no-file"]


@dataclass(frozen=True, slots=True)
class FileCheckContext:
    """File system and library as the checks see them; a check whose function is missing is skipped.

    *file_state*: state of a path in the installation's folder. *clip_kind*: kind of a file (by its path) or of a
    clip in the library (by its sha256); None if unknown.
    """

    file_state: Callable[[str], FileState] | None = None
    clip_kind: Callable[[str], ClipKind | None] | None = None


EMPTY_CONTEXT = FileCheckContext()
"""Context without file system and library."""


@dataclass(slots=True)
class PartialCampaign:
    """The values that could be read, by key; missing and invalid ones are left out.

    *items_incomplete*, *dayparts_incomplete*: some id or tag could not be read, so that a name may refer to it.
    """

    file_stem: str | None
    root: dict[str, Any]
    items: list[dict[str, Any]]
    dayparts: dict[str, dict[str, Any]]
    placements: list[dict[str, Any]]
    items_incomplete: bool = False
    dayparts_incomplete: bool = False
    rows_by_pattern: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """Pattern of ``items`` → the rows that it matches."""
    row_by_item_id: dict[str, int] = field(default_factory=dict)
    """Item id → its row."""
