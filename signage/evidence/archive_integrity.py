"""The sealed files that may be believed: those that are byte for byte what the audit log says was sealed.

1. A file is read only if its sha256 is that of its row, and the row's that of the log's newest entry on its day.
2. A file that is not, or is not there, is named and left out; what is in it counts for nothing.
3. A file is hashed once, and again when its place, size, times or inode change; *afresh*: always.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from msgspec import Struct

from signage.evidence.archive_files import Archive
from signage.store.engine import Connection
from signage.store.plays import archive_days as table
from signage.store.plays.archive_days import SealedDay

_Stamp = tuple[int, int, int, int, int]
_hashed: dict[Path, tuple[_Stamp, str]] = {}


class Unfit(Struct, frozen=True):
    """A day whose file is not there, or is not the one that was sealed; *sha256*: of the one that was."""

    day: str
    file: str
    why: Literal["missing", "altered"]
    sha256: str


class Kept:
    """The files of the archive as *connection* names them."""

    def __init__(self, connection: Connection, archive: Archive, *, afresh: bool = False) -> None:
        self._archive = archive
        self._afresh = afresh
        self._rows = {one.day: one for one in table.days(connection)}
        self._logged = table.logged(connection) if self._rows else {}
        self._seen: dict[str, Unfit | None] = {}

    def days(
        self, among: Iterable[str] | None = None, from_ms: int | None = None, until_ms: int | None = None
    ) -> list[SealedDay]:
        """The files (of the days *among*) that hold plays of the period, the oldest first, be they sound or not."""
        chosen = self._rows if among is None else sorted(set(among) & self._rows.keys())
        rows = [self._rows[day] for day in chosen]
        return [
            one
            for one in rows
            if (from_ms is None or one.started_to_ms >= from_ms)
            and (until_ms is None or one.started_from_ms < until_ms)
        ]

    def sound(self, days: Iterable[SealedDay]) -> list[SealedDay]:
        """Those of *days* that may be read."""
        return [one for one in days if self._look(one) is None]

    def unfit(self, days: Iterable[SealedDay]) -> list[Unfit]:
        """Those of *days* that may not."""
        return [found for one in days if (found := self._look(one)) is not None]

    def _look(self, one: SealedDay) -> Unfit | None:
        if one.day not in self._seen:
            self._seen[one.day] = self._judge(one)
        return self._seen[one.day]

    def _judge(self, one: SealedDay) -> Unfit | None:
        sealed = self._logged.get(one.day, "")
        found = sha256_of(self._archive.path(one.name), afresh=self._afresh)
        if found is None:
            return Unfit(one.day, one.name, "missing", sealed)
        return None if found == one.sha256 == sealed else Unfit(one.day, one.name, "altered", sealed)


def sha256_of(path: Path, *, afresh: bool = False) -> str | None:
    """The sha256 of a file, from memory where it did not change since; None where it cannot be read."""
    try:
        with path.open("rb") as file:
            stamp = _stamp(path)
            known = _hashed.get(path)
            if known is not None and known[0] == stamp and not afresh:
                return known[1]
            found = hashlib.file_digest(file, "sha256").hexdigest()
            if _stamp(path) == stamp:
                _hashed[path] = stamp, found
            return found
    except OSError:
        _hashed.pop(path, None)
        return None


def _stamp(path: Path) -> _Stamp:
    at = path.stat()
    return at.st_size, at.st_mtime_ns, at.st_ctime_ns, at.st_ino, at.st_dev
