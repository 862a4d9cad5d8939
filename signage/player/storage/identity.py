"""Screen of this player: the id that its token belongs to, stored beside the cache.

The token itself is stored only if the player got it by enrolment.
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
    """Id of the screen, from the first verified playlist under a token."""

    def __init__(self, path: Path, disk: Disk, token: str) -> None:
        self._path, self._disk = path, disk
        self._digest = hashlib.sha256(token.encode()).hexdigest()
        stored = self._load()
        self.screen: str | None = stored.screen if stored else None
        self.is_confirmed = stored is not None and stored.token_sha256 == self._digest
        """Whether the screen is known for exactly this token; a new token may belong to another screen."""

    def _load(self) -> _StoredIdentity | None:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=_StoredIdentity)
        except (OSError, ValueError):
            return None

    def confirm(self, screen: str) -> None:
        """Store that this token belongs to *screen*."""
        if self.is_confirmed and screen == self.screen:
            return
        self.screen, self.is_confirmed = screen, True
        try:
            self._disk.replace(self._path, msgspec.json.encode(_StoredIdentity(screen, self._digest)))
        except OSError:
            return  # it is learned again from the next playlist


def read_stored_token(path: Path) -> str:
    """Return the token of an earlier enrolment; empty if there is none."""
    try:
        return path.read_text("ascii").strip()
    except (OSError, ValueError):
        return ""
