"""Verifies archive files: a file counts only if its SHA-256 matches the audit log.

1. A file is read only if its sha256 equals that of its row, and the row's that of the newest log entry of its day.
2. A missing or altered file is reported and left out; none of its plays count.
3. A file is hashed once, and again when its path, size, times or inode change; with *rehash* always.
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
    """A day whose file is missing or altered. *sha256*: that of the sealed file, by the audit log."""

    day: str
    file: str
    why: Literal["missing", "altered"]
    sha256: str


class VerifiedArchive:
    """The archive files that the database lists, each verified when it is used."""

    def __init__(self, connection: Connection, archive: Archive, *, rehash: bool = False) -> None:
        self._archive = archive
        self._rehash = rehash
        self._rows = {row.day: row for row in table.list_archive_days(connection)}
        self._logged_hashes = table.get_logged_hashes(connection) if self._rows else {}
        self._checked: dict[str, ArchiveDamage | None] = {}

    def list_days(
        self, among: Iterable[str] | None = None, from_ms: int | None = None, until_ms: int | None = None
    ) -> list[ArchiveDayRow]:
        """List the days (of *among*) whose files have plays of the period, the oldest first, verified or not."""
        chosen = self._rows if among is None else sorted(set(among) & self._rows.keys())
        rows = [self._rows[day] for day in chosen]
        return [
            row
            for row in rows
            if (from_ms is None or row.started_to_ms >= from_ms)
            and (until_ms is None or row.started_from_ms < until_ms)
        ]

    def list_intact(self, days: Iterable[ArchiveDayRow]) -> list[ArchiveDayRow]:
        """List those of *days* whose files are intact."""
        return [row for row in days if self._check_day(row) is None]

    def list_damaged(self, days: Iterable[ArchiveDayRow]) -> list[ArchiveDamage]:
        """List the damage of those of *days* whose files are missing or altered."""
        return [damage for row in days if (damage := self._check_day(row)) is not None]

    def _check_day(self, row: ArchiveDayRow) -> ArchiveDamage | None:
        if row.day not in self._checked:
            self._checked[row.day] = self._find_damage(row)
        return self._checked[row.day]

    def _find_damage(self, row: ArchiveDayRow) -> ArchiveDamage | None:
        logged_hash = self._logged_hashes.get(row.day, "")
        file_hash = hash_file(self._archive.get_path(row.name), rehash=self._rehash)
        if file_hash is None:
            return ArchiveDamage(row.day, row.name, "missing", logged_hash)
        if file_hash == row.sha256 == logged_hash:
            return None
        return ArchiveDamage(row.day, row.name, "altered", logged_hash)


def hash_file(path: Path, *, rehash: bool = False) -> str | None:
    """Return the sha256 of a file, cached while the file is unchanged; None where it cannot be read."""
    try:
        with path.open("rb") as file:
            stamp = _read_stamp(path)
            cached = _hash_cache.get(path)
            if cached is not None and cached[0] == stamp and not rehash:
                return cached[1]
            file_hash = hashlib.file_digest(file, "sha256").hexdigest()
            if _read_stamp(path) == stamp:
                _hash_cache[path] = stamp, file_hash
            return file_hash
    except OSError:
        _hash_cache.pop(path, None)
        return None


def _read_stamp(path: Path) -> _FileStamp:
    status = path.stat()
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_dev
