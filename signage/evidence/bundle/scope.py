"""Scope of an audit bundle, and the sources of its parts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from signage.evidence.archive_files import JudgedPlay
from signage.evidence.judged_plays import EvidenceContext

PlaylistBytesLookup = Callable[[str, int], bytes | None]


def accept_any_entry(_: dict[str, Any]) -> bool:
    """Accept every entry of the log."""
    return True


def accept_any_play(_: JudgedPlay) -> bool:
    """Accept every play."""
    return True


def accept_any_screen(_: str) -> bool:
    """Accept every screen."""
    return True


@dataclass(frozen=True, slots=True)
class BundleScope:
    """The half-open period of a bundle (None: unbounded) and its unit.

    *is_unit_entry* and *is_unit_play* select the entries and plays that concern the unit, *is_unit_screen* its screens.
    """

    from_: datetime | None = None
    until: datetime | None = None
    unit: str | None = None
    is_unit_entry: Callable[[dict[str, Any]], bool] = accept_any_entry
    is_unit_play: Callable[[JudgedPlay], bool] = accept_any_play
    is_unit_screen: Callable[[str], bool] = accept_any_screen

    @property
    def is_whole_log(self) -> bool:
        """Whether the bundle contains the whole log."""
        return self.from_ is None and self.until is None and self.unit is None

    def contains_entry(self, record: dict[str, Any]) -> bool:
        """Return whether the bundle contains an entry, given as its parsed line."""
        at = datetime.fromisoformat(record["at"])
        is_in_period = (self.from_ is None or at >= self.from_) and (self.until is None or at < self.until)
        return is_in_period and self.is_unit_entry(record)


@dataclass(frozen=True, slots=True)
class BundleSources:
    """The sources of a bundle's parts, read through one connection.

    *list_published* returns (screen, serial) of the playlists of a period, *find_picture* the file of a rendition.
    """

    evidence: EvidenceContext
    find_playlist: PlaylistBytesLookup
    list_published: Callable[[datetime | None, datetime | None], Iterator[tuple[str, int]]]
    find_picture: Callable[[str], Path | None]
