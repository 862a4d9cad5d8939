"""Receive clips: hash and copy the bytes within limits, probe them in the sandbox, seal them by their sha256.

Permission, audit entry and database row belong to ``signage.services.library.clip_uploads``.

1. Names are labels (``clip_names.py``): stored to the letter, never a path, never evidence of a file's type.
2. The same bytes are one clip, whatever they are called.
3. A refused clip leaves no file behind.
4. The clips of a unit stay within its quota; the disk keeps a reserve for plays and the audit log.
"""

import errno
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from signage.clock import Clock
from signage.faults import Fault, FaultLocation, Refused
from signage.library.blobs import BlobStore, PrivateFile
from signage.library.clip_names import format_display_name, normalize_name
from signage.library.codecs.clip_jobs import ProbeJob
from signage.library.codecs.file_type import LEADING_BYTES, detect_format
from signage.library.rendition_maker import MB
from signage.library.rendition_specs import compute_clip_key, create_preview_specs
from signage.library.sandbox.confinement import SandboxLimits
from signage.library.sandbox.media_error import MediaError
from signage.library.sandbox.supervisor import SandboxPool
from signage.library.settings import LibraryConfig
from signage.model.clip_facts import ClipFacts
from signage.store.engine import Connection, Store
from signage.store.library import clips, renditions, uploads


@dataclass(frozen=True, slots=True)
class StoredClip:
    """A clip whose bytes are sealed in the library. *name*: its label, normalized."""

    sha256: str
    size_bytes: int
    name: str
    facts: ClipFacts


@dataclass(frozen=True, slots=True)
class AddedClip:
    """A clip that the library lists. *is_new*: its bytes were not in the library before."""

    sha256: str
    facts: ClipFacts
    is_new: bool


@dataclass(frozen=True, slots=True)
class SourceFile:
    """An absolute path with size and modification time: while all are equal, the bytes are taken to be equal."""

    path: str
    size_bytes: int
    mtime_ns: int


class ClipIngest:
    """Receives the bytes of clips for one installation."""

    def __init__(
        self, store: Store, blobs: BlobStore, sandbox: SandboxPool, config: LibraryConfig, clock: Clock
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._sandbox = sandbox
        self._config = config
        self._clock = clock

    def store(self, source: Path | BinaryIO, name: str, unit: str | None) -> StoredClip:
        """Copy, probe and seal the bytes of *source*, labelled *name*, within the quota of *unit*.

        Raises Refused when they are not a playable clip, or there is no room for them.
        """
        if isinstance(source, Path):
            with _open_file(source, name) as file:
                return self._store_stream(file, name, unit)
        return self._store_stream(source, name, unit)

    def _store_stream(self, file: BinaryIO, name: str, unit: str | None) -> StoredClip:
        self.check_room(_count_remaining_bytes(file), name, unit)
        return self.store_private(self.copy_private(file, name), name)

    def copy_private(self, file: BinaryIO, name: str) -> PrivateFile:
        """Copy *file* within the limits of size and disk (``PrivateFile``). Raises Refused."""
        size_bytes = 0

        def check(count: int) -> None:
            nonlocal size_bytes
            size_bytes += count
            if size_bytes > self._config.max_mb * MB:
                raise refuse_clip("clip-too-large", name, megabytes=size_bytes // MB, most=self._config.max_mb)
            self.check_reserve(count, name)

        try:
            return self._blobs.copy_private(file, check)
        except OSError as error:
            raise refuse_disk_error(error, name, self._config) from error

    def store_private(self, private: PrivateFile, name: str) -> StoredClip:
        """Probe and seal *private*; what is sealed are the bytes that were probed. Raises Refused."""
        try:
            facts = self._find_facts(private.sha256) or self.probe(private.path, name)
            self._blobs.seal(private)
            return StoredClip(private.sha256, private.size_bytes, normalize_name(name), facts)
        finally:
            private.path.unlink(missing_ok=True)

    def find_unchanged(self, file: SourceFile) -> AddedClip | None:
        """Return the clip that *file* was when it was added; None where it changed or was never added."""
        with self._store.read() as connection:
            added = clips.get_clip_file(connection, file.path)
        if added is None or added[1:] != (file.size_bytes, file.mtime_ns) or not self._blobs.has_original(added[0]):
            return None
        facts = self._find_facts(added[0])
        return AddedClip(added[0], facts, is_new=False) if facts else None

    def probe(self, path: Path, name: str) -> ClipFacts:
        """Probe the file at *path* in the sandbox. Raises Refused when it is not a playable clip."""
        return probe_file(self._sandbox, self._config, path, name)

    def check_room(self, size: int, name: str, unit: str | None) -> None:
        """Raise Refused when a clip of *size* bytes is too large, exceeds the unit's quota or the disk's reserve (4).

        Announced uploads of others reserve no disk space: the reserve is checked again with every piece.
        """
        config = self._config
        check_file_size(size, self._blobs.get_free_bytes(), config, name)
        with self._store.read() as connection:
            used = clips.get_used_bytes(connection, unit) + uploads.get_reserved_bytes(connection, unit) if unit else 0
        if unit and config.quota_mb and used + size > config.quota_mb * MB:
            raise refuse_clip("library-quota", name, unit=unit, used=used // MB, most=config.quota_mb)

    def check_reserve(self, size: int, name: str) -> None:
        """Raise Refused when *size* more bytes would use the disk's reserve (4)."""
        check_disk_reserve(size, self._blobs.get_free_bytes(), self._config, name)

    def _find_facts(self, sha256: str) -> ClipFacts | None:
        with self._store.read() as connection:
            clip = clips.get_clip(connection, sha256)
        return clip.facts if clip else None

    def request_thumbnails(self, connection: Connection, clip: StoredClip) -> None:
        """Queue the renditions ``thumbnail`` and ``poster`` of *clip*, or reuse them where they exist."""
        for kind, spec in create_preview_specs(clip.sha256, clip.facts).items():
            key = compute_clip_key(spec)
            row = renditions.get_rendition(connection, key)
            if row is not None and isinstance(row.result, tuple):  # a deleted clip that was added again
                clips.set_preview_image(connection, clip.sha256, kind, row.result[0].sha256)
            else:
                renditions.request_rendition(connection, key, clip.sha256, spec, self._clock.now())


def probe_file(sandbox: SandboxPool, config: LibraryConfig, path: Path, name: str) -> ClipFacts:
    """Probe the file at *path*, labelled *name*, in *sandbox*. Raises Refused when it is not a playable clip."""
    limits = SandboxLimits(config.memory_mb * MB, config.probe_s, 2 * config.probe_s, 1, config.max_megapixels)
    try:
        with path.open("rb") as file:
            detect_format(file.read(LEADING_BYTES))  # reads a few bytes and decodes nothing: needs no sandbox
        return sandbox.run(ProbeJob(config.max_film_s), ClipFacts, limits, path)
    except MediaError as error:
        raise refuse_media_error(error, name) from None
    except OSError as error:
        raise refuse_clip("clip-unreadable", name, why=error.strerror or str(error)) from error


def check_file_size(size: int, free_bytes: int, config: LibraryConfig, name: str) -> None:
    """Raise Refused when a clip of *size* bytes is too large, or would use the disk's reserve (4)."""
    if size > config.max_mb * MB:
        raise refuse_clip("clip-too-large", name, megabytes=-(-size // MB), most=config.max_mb)
    check_disk_reserve(size, free_bytes, config, name)


def check_disk_reserve(size: int, free_bytes: int, config: LibraryConfig, name: str) -> None:
    """Raise Refused when *size* more bytes would use the disk's reserve (4)."""
    if size > free_bytes - config.reserve_mb * MB:
        raise refuse_clip("library-disk-full", name, reserve=config.reserve_mb)


def stat_source_file(path: Path, name: str) -> SourceFile:
    """Return size and modification time of the file at *path*. Raises Refused where there is no readable file."""
    try:
        status = path.stat()
    except FileNotFoundError:
        raise refuse_clip("clip-no-file", name) from None
    except OSError as error:
        raise refuse_clip("clip-unreadable", name, why=error.strerror or str(error)) from error
    return SourceFile(str(path.resolve()), status.st_size, status.st_mtime_ns)


def _open_file(path: Path, name: str) -> BinaryIO:
    try:
        if not path.is_file():
            raise refuse_clip("clip-no-file", name)
        return path.open("rb")
    except OSError as error:
        raise refuse_clip("clip-unreadable", name, why=error.strerror or str(error)) from error


def _count_remaining_bytes(file: BinaryIO) -> int:
    """Return the number of unread bytes of *file*; 0 where it is not seekable."""
    if not file.seekable():
        return 0
    here = file.tell()
    end = file.seek(0, 2)
    file.seek(here)
    return end - here


def refuse_clip(code: str, name: str, **facts: object) -> Refused:
    """Build the refusal of the clip labelled *name*."""
    shown = format_display_name(name)
    return Refused([Fault("error", code, FaultLocation(file=shown), {"name": shown, **facts})])


def refuse_media_error(error: MediaError, name: str) -> Refused:
    """Build the refusal of a clip that could not be decoded."""
    return refuse_clip(error.code, name, **error.facts)


def refuse_disk_error(error: OSError, name: str, config: LibraryConfig) -> Refused:
    """Build the refusal of a failed write; a full disk has its own code."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return refuse_clip("library-disk-full", name, reserve=config.reserve_mb)
    return refuse_clip("clip-unreadable", name, why=error.strerror or str(error))
