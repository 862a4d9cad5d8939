"""The disk as the player uses it: whole files or none, and how much room is left.

One small class, so that tests can hand in a disk that is full or that fails.
"""

import os
import shutil
from pathlib import Path


class Disk:
    """The machine's own file system."""

    def get_free_bytes(self, folder: Path) -> int:
        """Bytes that may still be written in *folder*, a reserve left out that the plays' ledger lives on."""
        usage = shutil.disk_usage(folder)
        return max(0, usage.free - min(16 << 20, usage.total // 20))

    def write(self, descriptor: int, data: bytes) -> None:
        """Write all of *data*. Raises OSError when there is no room."""
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]

    def sync(self, descriptor: int) -> None:
        """Wait until what was written is on the disk's surface."""
        os.fsync(descriptor)

    def replace(self, path: Path, data: bytes, mode: int = 0o644) -> None:
        """Put *data* at *path*, whole or not at all, and durably."""
        part = path.with_name(path.name + ".new")
        try:
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
            try:
                self.write(descriptor, data)
                self.sync(descriptor)
            finally:
                os.close(descriptor)
            self.move(part, path)
        except OSError:
            part.unlink(missing_ok=True)
            raise

    def move(self, part: Path, path: Path) -> None:
        """Give the finished file its name, durably."""
        part.replace(path)
        self.sync_folder(path.parent)

    def sync_folder(self, folder: Path) -> None:
        """Make names given or taken away in *folder* durable."""
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            self.sync(descriptor)
        except OSError:  # some file systems cannot sync a folder; the names are then as durable as they get
            pass
        finally:
            os.close(descriptor)
