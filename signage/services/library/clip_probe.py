"""The clips that campaign files name, as ``signage check`` sees them: probed as an upload is, and not stored.

1. What ``signage up`` would refuse is refused here, for the same cause: by the same reader of campaign files, the same
   probe and the same limits of size and disk.
2. A file that is in the library unchanged is not probed again. Without a library no sha256 is known.
"""

import shutil
from pathlib import Path

from signage.library.ingest import check_file_size, probe_file, stat_source_file
from signage.library.sandbox.supervisor import SandboxPool
from signage.library.service import LibrarySettings
from signage.model.clip_facts import ClipFacts, ClipKind
from signage.store.engine import Store
from signage.store.library import clips


class ProbedClips:
    """Clips of one run of ``signage check`` (``ClipLibrary``). Close it at the end."""

    def __init__(self, settings: LibrarySettings, store: Store | None) -> None:
        self._settings = settings
        self._store = store
        self._sandbox = SandboxPool()
        self._facts: dict[str, ClipFacts] = {}

    def ingest(self, path: Path, name: str) -> str:
        """Return a key of the file at *path*, for ``get_kind``. Raises Refused when it is not a playable clip."""
        file = stat_source_file(path, name)
        if file.path not in self._facts:
            check_file_size(file.size_bytes, self._get_free_bytes(), self._settings.library, name)
            known = self._find_unchanged(file.path, file.size_bytes, file.mtime_ns)
            self._facts[file.path] = known or probe_file(self._sandbox, self._settings.library, path, name)
        return file.path

    def get_kind(self, key: str) -> ClipKind | None:
        """Return the kind of a probed file, or of a clip of the library by its sha256; None where it is not there."""
        facts = self.get_facts(key)
        return facts.kind if facts else None

    def get_facts(self, key: str) -> ClipFacts | None:
        """Return the facts of a probed file, or of a clip of the library by its sha256."""
        if key in self._facts or self._store is None:
            return self._facts.get(key)
        with self._store.read() as connection:
            clip = clips.get_clip(connection, key)
        return clip.facts if clip else None

    def close(self) -> None:
        """End the sandbox."""
        self._sandbox.close()

    def _find_unchanged(self, path: str, size_bytes: int, mtime_ns: int) -> ClipFacts | None:
        if self._store is None:
            return None
        with self._store.read() as connection:
            added = clips.get_clip_file(connection, path)
            clip = clips.get_clip(connection, added[0]) if added and added[1:] == (size_bytes, mtime_ns) else None
        return clip.facts if clip else None

    def _get_free_bytes(self) -> int:
        folder = self._settings.state
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent
        return shutil.disk_usage(folder).free
