"""Whose player this is: the screen that its token stands for, remembered beside the cache.

The token itself is kept only where the player got it by a code shown on its own screen.
"""

import hashlib
from pathlib import Path

import msgspec
from msgspec import Struct

from signage.player.storage.disk import Disk


class _StoredIdentity(Struct):
    screen: str
    token_sha256: str


class ScreenIdentity:
    """The screen's id, as the first believed document under a token named it."""

    def __init__(self, path: Path, disk: Disk, token: str) -> None:
        self._path, self._disk = path, disk
        self._digest = hashlib.sha256(token.encode()).hexdigest()
        kept = self._load()
        self.screen: str | None = kept.screen if kept else None
        self.is_confirmed = kept is not None and kept.token_sha256 == self._digest
        """Whether the screen is known for this very token; under a new token it may be another one."""

    def _load(self) -> _StoredIdentity | None:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=_StoredIdentity)
        except (OSError, ValueError):
            return None

    def confirm(self, screen: str) -> None:
        """Remember that this token is *screen*'s."""
        if self.is_confirmed and screen == self.screen:
            return
        self.screen, self.is_confirmed = screen, True
        try:
            self._disk.replace(self._path, msgspec.json.encode(_StoredIdentity(screen, self._digest)))
        except OSError:
            return  # it is found again with the next document


def read_stored_token(path: Path) -> str:
    """The token of an earlier enrolment; empty where there is none."""
    try:
        return path.read_text("ascii").strip()
    except (OSError, ValueError):
        return ""
