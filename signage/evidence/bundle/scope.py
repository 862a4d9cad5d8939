"""What of the evidence a bundle holds, and where its parts come from."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from signage.evidence.archive_files import JudgedPlay
from signage.evidence.judged_plays import EvidenceContext

PlaylistBytesLookup = Callable[[str, int], bytes | None]


def accept_any_entry(_: dict[str, Any]) -> bool:
    """Every entry of the log."""
    return True


def accept_any_play(_: JudgedPlay) -> bool:
    """Every play."""
    return True


def accept_any_screen(_: str) -> bool:
    """Every screen."""
    return True


@dataclass(frozen=True, slots=True)
class BundleScope:
    """The period (half-open; None: from the beginning, to the end) and the unit that a bundle is about.

    *entry* and *play* say which entries and plays of the period concern the unit, *screen* which screens are its own.
    """

    from_: datetime | None = None
    until: datetime | None = None
    unit: str | None = None
    is_unit_entry: Callable[[dict[str, Any]], bool] = accept_any_entry
    is_unit_play: Callable[[JudgedPlay], bool] = accept_any_play
    is_unit_screen: Callable[[str], bool] = accept_any_screen

    @property
    def is_whole_log(self) -> bool:
        """Whether the whole log is in it."""
        return self.from_ is None and self.until is None and self.unit is None

    def contains_entry(self, said: dict[str, Any]) -> bool:
        """Whether an entry, as its line says it, is in it."""
        at = datetime.fromisoformat(said["at"])
        within = (self.from_ is None or at >= self.from_) and (self.until is None or at < self.until)
        return within and self.is_unit_entry(said)


@dataclass(frozen=True, slots=True)
class BundleSources:
    """Where a bundle's parts come from, as one connection sees them.

    *published*: the (screen, serial) of documents published in a period; *picture*: the file of a clip or rendition.
    """

    evidence: EvidenceContext
    find_playlist: PlaylistBytesLookup
    list_published: Callable[[datetime | None, datetime | None], Iterator[tuple[str, int]]]
    find_picture: Callable[[str], Path | None]
