"""File operations of the player: atomic replacement and free space.

One small class, so that tests can pass a disk that is full or fails.
"""

import os
import shutil
from pathlib import Path


class Disk:
    """The operating system's file system."""

    def get_free_bytes(self, folder: Path) -> int:
        """Return the bytes that may be written in *folder*, without a reserve for the play log."""
        usage = shutil.disk_usage(folder)
        return max(0, usage.free - min(16 << 20, usage.total // 20))

    def write(self, descriptor: int, data: bytes) -> None:
        """Write all of *data*. Raises OSError if there is no space."""
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]

    def sync(self, descriptor: int) -> None:
        """Wait until written data are on the disk."""
        os.fsync(descriptor)

    def replace(self, path: Path, data: bytes, mode: int = 0o644) -> None:
        """Replace the file at *path* by *data*, atomically and durably."""
        partial_path = path.with_name(path.name + ".new")
        try:
            descriptor = os.open(partial_path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
            try:
                self.write(descriptor, data)
                self.sync(descriptor)
            finally:
                os.close(descriptor)
            self.move(partial_path, path)
        except OSError:
            partial_path.unlink(missing_ok=True)
            raise

    def move(self, partial_path: Path, path: Path) -> None:
        """Rename a finished file, durably."""
        partial_path.replace(path)
        self.sync_folder(path.parent)

    def sync_folder(self, folder: Path) -> None:
        """Sync renames and deletions in *folder*."""
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            self.sync(descriptor)
        except OSError:  # some file systems cannot sync a folder
            pass
        finally:
            os.close(descriptor)
