"""Appends the bytes of one request to the file of an upload."""

import hashlib
import os
from pathlib import Path


class UploadPieceWriter:
    """Appends the bytes of one request to an upload's file at *offset*; with a *checksum* completely or not at all."""

    def __init__(self, path: Path, offset: int, checksum: tuple[str, bytes] | None) -> None:
        self.unflushed_bytes = 0
        self.is_atomic = checksum is not None
        self._offset = self._written = offset
        self._expected_checksum = checksum[1] if checksum else b""
        self._checksum = hashlib.new(checksum[0], usedforsecurity=False) if checksum else None
        self._file = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        os.ftruncate(self._file, offset)
        os.lseek(self._file, offset, os.SEEK_SET)

    def write(self, chunk: bytes) -> None:
        """Write *chunk*."""
        view = memoryview(chunk)
        while view:
            count = os.write(self._file, view)
            if self._checksum is not None:
                self._checksum.update(view[:count])
            self._written += count
            self.unflushed_bytes += count
            view = view[count:]

    def has_valid_checksum(self) -> bool:
        """Whether the written bytes match the checksum; True without one."""
        return self._checksum is None or self._checksum.digest() == self._expected_checksum

    def roll_back(self) -> None:
        """Truncate the file to the offset before this request."""
        os.ftruncate(self._file, self._offset)
        self._written = self._offset

    def flush(self) -> int:
        """Sync the file; returns the durable offset."""
        os.fdatasync(self._file)
        self.unflushed_bytes = 0
        return self._written

    def close(self) -> None:
        os.close(self._file)
