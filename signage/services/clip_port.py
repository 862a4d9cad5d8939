"""How acts reach the library: the least that they need of it."""

from pathlib import Path
from typing import Literal, Protocol

ClipKind = Literal["picture", "animation", "film"]


class ClipLibrary(Protocol):
    """Takes clips in."""

    def ingest(self, path: Path, name: str) -> str:
        """Check and keep the file at *path*, called *name* by people; returns the sha256 of its bytes.

        The same bytes again are the same clip. Raises Refused when the file is no clip that screens can play.
        Conversions are made in the background.
        """
        ...

    def get_kind(self, sha256: str) -> ClipKind | None:
        """What a clip of the library is; None where there is none of that sha256."""
        ...
