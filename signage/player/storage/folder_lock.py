"""Lock of a cache folder: a second player on the same folder is refused."""

import contextlib
import importlib
import os
from pathlib import Path
from typing import Any

from signage.player.health import PlayerError

fcntl: Any = None  # a system without file locks: nothing is locked
with contextlib.suppress(ImportError):
    fcntl = importlib.import_module("fcntl")


class FolderLock:
    """Lock held until it is released or the process ends. Raises PlayerError if another process holds it."""

    def __init__(self, path: Path) -> None:
        self._descriptor: int | None = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        if fcntl is None:
            return
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._descriptor)
            self._descriptor = None
            raise PlayerError("cache-in-use", str(path.parent)) from None

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
