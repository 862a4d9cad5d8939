"""One player a folder: a second one on the same cache is refused."""

import contextlib
import importlib
import os
from pathlib import Path
from typing import Any

from signage.player.health import PlayerError

fcntl: Any = None  # a system without it: nothing is locked
with contextlib.suppress(ImportError):
    fcntl = importlib.import_module("fcntl")


class FolderLock:
    """Held from its making until it is released or the process ends. Raises Trouble where another holds it."""

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
