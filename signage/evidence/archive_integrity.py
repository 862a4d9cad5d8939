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
from signage.store.plays.archive_days import ArchiveDayRow

_FileStamp = tuple[int, int, int, int, int]
_hash_cache: dict[Path, tuple[_FileStamp, str]] = {}


class ArchiveDamage(Struct, frozen=True):
    """A day whose file is not there, or is not the one that was sealed; *sha256*: of the one that was."""

    day: str
    file: str
    why: Literal["missing", "altered"]
    sha256: str


class VerifiedArchive:
    """The files of the archive as *connection* names them."""

    def __init__(self, connection: Connection, archive: Archive, *, rehash: bool = False) -> None:
        self._archive = archive
        self._rehash = rehash
        self._rows = {one.day: one for one in table.list_archive_days(connection)}
        self._logged_hashes = table.get_logged_hashes(connection) if self._rows else {}
        self._checked: dict[str, ArchiveDamage | None] = {}

    def list_days(
        self, among: Iterable[str] | None = None, from_ms: int | None = None, until_ms: int | None = None
    ) -> list[ArchiveDayRow]:
        """The files (of the days *among*) that hold plays of the period, the oldest first, be they sound or not."""
        chosen = self._rows if among is None else sorted(set(among) & self._rows.keys())
        rows = [self._rows[day] for day in chosen]
        return [
            one
            for one in rows
            if (from_ms is None or one.started_to_ms >= from_ms)
            and (until_ms is None or one.started_from_ms < until_ms)
        ]

    def list_intact(self, days: Iterable[ArchiveDayRow]) -> list[ArchiveDayRow]:
        """Those of *days* that may be read."""
        return [one for one in days if self._check_day(one) is None]

    def list_damaged(self, days: Iterable[ArchiveDayRow]) -> list[ArchiveDamage]:
        """Those of *days* that may not."""
        return [found for one in days if (found := self._check_day(one)) is not None]

    def _check_day(self, one: ArchiveDayRow) -> ArchiveDamage | None:
        if one.day not in self._checked:
            self._checked[one.day] = self._find_damage(one)
        return self._checked[one.day]

    def _find_damage(self, one: ArchiveDayRow) -> ArchiveDamage | None:
        sealed = self._logged_hashes.get(one.day, "")
        found = hash_file(self._archive.get_path(one.name), rehash=self._rehash)
        if found is None:
            return ArchiveDamage(one.day, one.name, "missing", sealed)
        return None if found == one.sha256 == sealed else ArchiveDamage(one.day, one.name, "altered", sealed)


def hash_file(path: Path, *, rehash: bool = False) -> str | None:
    """The sha256 of a file, from memory where it did not change since; None where it cannot be read."""
    try:
        with path.open("rb") as file:
            stamp = _read_stamp(path)
            known = _hash_cache.get(path)
            if known is not None and known[0] == stamp and not rehash:
                return known[1]
            found = hashlib.file_digest(file, "sha256").hexdigest()
            if _read_stamp(path) == stamp:
                _hash_cache[path] = stamp, found
            return found
    except OSError:
        _hash_cache.pop(path, None)
        return None


def _read_stamp(path: Path) -> _FileStamp:
    at = path.stat()
    return at.st_size, at.st_mtime_ns, at.st_ctime_ns, at.st_ino, at.st_dev
