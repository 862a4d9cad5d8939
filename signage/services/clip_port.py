"""The part of the library that campaign files need, as an interface."""

from pathlib import Path
from typing import Protocol

from signage.model.clip_facts import ClipKind


class ClipLibrary(Protocol):
    """Adds clip files and knows the kind of clips."""

    def ingest(self, path: Path, name: str) -> str:
        """Add the file at *path*, labelled *name*; returns the sha256 of its bytes.

        The same bytes are the same clip. Raises Refused when the file is not a clip that screens can play.
        """
        ...

    def get_kind(self, sha256: str) -> ClipKind | None:
        """Return the kind of a clip; None where the library has no clip of that sha256."""
        ...
