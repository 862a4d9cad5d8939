"""Taking clips in: hashed on the way, looked at in the jail, sealed by their hash, written down with who brought them.

1. Names are labels (``names.py``): kept to the letter, never a path, never believed about what a file is.
2. The same bytes are one clip, whatever they are called.
3. What is refused leaves nothing behind.
4. Of one unit no more than its quota is kept; the disk keeps a reserve for plays and the log.
5. A clip belongs to the unit that is said, which must be its bringer's to change; where none is, to the bringer's own.
"""

import errno
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from signage.clock import Clock
from signage.faults import Fault, FaultLocation, Refused, refuse
from signage.library.blobs import BlobStore
from signage.library.clip_names import format_display_name, normalize_name
from signage.library.codecs.clip_jobs import ProbeJob
from signage.library.codecs.file_type import LEADING_BYTES, detect_format
from signage.library.rendition_maker import MB
from signage.library.rendition_specs import compute_clip_key, create_preview_specs
from signage.library.sandbox.confinement import SandboxLimits
from signage.library.sandbox.media_error import MediaError
from signage.library.sandbox.supervisor import SandboxPool
from signage.library.settings import LibraryConfig
from signage.model import permissions as duties
from signage.model.clip_facts import ClipFacts
from signage.model.ids import is_id
from signage.model.toml.findings import ellipsize
from signage.model.users import FOLDER_ACTOR, Actor
from signage.store import audit_log as audit
from signage.store import change_counter as revision
from signage.store.engine import Connection, Store
from signage.store.library import clips, uploads
from signage.store.library import renditions as rows

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class IngestResult:
    """What came of it. *fresh*: its bytes were not in the library before."""

    sha256: str
    facts: ClipFacts
    is_new: bool


class ClipIngest:
    """Takes clips into the library of one installation."""

    def __init__(self, store: Store, blobs: BlobStore, jail: SandboxPool, config: LibraryConfig, clock: Clock) -> None:
        self._store = store
        self._blobs = blobs
        self._sandbox = jail
        self._config = config
        self._clock = clock

    def ingest(
        self, source: Path | BinaryIO, name: str, actor: Actor = FOLDER_ACTOR, unit: str | None = None
    ) -> IngestResult:
        """Take in the bytes of *source*, called *name* by people; durable and written down when this returns.

        Raises Refused when they are no clip that screens can play, or there is no room for them.
        """
        owner = self.resolve_owner(actor, unit)
        if isinstance(source, Path):
            with _open_file(source, name) as file:
                return self._ingest_stream(file, name, actor, owner)
        return self._ingest_stream(source, name, actor, owner)

    def ingest_file(self, path: Path, name: str, actor: Actor = FOLDER_ACTOR) -> IngestResult:
        """As ``take_in``, for a file that stays where it is: while it is unchanged, its bytes are not read again."""
        place = str(path.resolve())
        try:
            now = path.stat()
        except FileNotFoundError:
            raise refuse_clip("clip-no-file", name) from None
        except OSError as error:
            raise refuse_clip("clip-unreadable", name, why=error.strerror or str(error)) from error
        with self._store.read() as connection:
            before = clips.get_clip_file(connection, place)
        if before is not None and before[1:] == (now.st_size, now.st_mtime_ns) and self._blobs.has_original(before[0]):
            facts = self._find_facts(before[0])
            if facts is not None:
                return IngestResult(before[0], facts, is_new=False)
        taken = self.ingest(path, name, actor)
        with self._store.write() as connection:
            clips.set_clip_file(connection, place, taken.sha256, now.st_size, now.st_mtime_ns)
        return taken

    def _ingest_stream(self, file: BinaryIO, name: str, actor: Actor, owner: str | None) -> IngestResult:
        temporary = self._blobs.create_temporary_path()
        try:
            digest = self._copy(file, temporary, name, owner)
            return self.commit(temporary, digest, name, actor, owner)
        finally:
            temporary.unlink(missing_ok=True)

    def commit(self, temporary: Path, sha256: str, name: str, actor: Actor, owner: str | None) -> IngestResult:
        """Take in for the unit *owner* the file *temporary* (of ``incoming``), whose sha256 is known."""
        size = temporary.stat().st_size
        known = self._find_facts(sha256)
        facts = known or self.probe(temporary, name)
        if known is None or not self._blobs.has_original(sha256):
            self._blobs.put_original(temporary, sha256)
        kept = clips.ClipRow(sha256, size, normalize_name(name), facts, owner, self._clock.now(), actor.id)
        with self._store.write() as connection:
            fresh = clips.create_clip(connection, kept)
            details: dict[str, Any] = {"via": actor.channel, "name": kept.name, "bytes": size, "fresh": fresh}
            audit.append_entry(connection, kept.added_at, actor.id, "clip.add", sha256, details | {"kind": facts.kind})
            self._request_thumbnails(connection, sha256, facts)
            revision.increment(connection, "clips")
        return IngestResult(sha256, facts, fresh)

    def probe(self, path: Path, name: str) -> ClipFacts:
        """What the file at *path* is, found behind the walls. Raises Refused when it is no clip."""
        limits = SandboxLimits(
            self._config.memory_mb * MB, self._config.probe_s, 2 * self._config.probe_s, 1, self._config.max_megapixels
        )
        try:
            with path.open("rb") as file:
                detect_format(file.read(LEADING_BYTES))  # needs no walls: it reads a few bytes and decodes nothing
            return self._sandbox.run(ProbeJob(self._config.max_film_s), ClipFacts, limits, path)
        except MediaError as unfit:
            raise refuse_media_error(unfit, name) from None

    def resolve_owner(self, actor: Actor, unit: str | None) -> str | None:
        """The unit whose clip it becomes when *actor* brings one and says *unit* (5).

        Raises Refused when *actor* may not add clips, or not for that unit.
        """
        if not duties.is_allowed(actor, "clip.add"):
            needed = ", ".join(sorted(duties.PERMISSIONS["clip.add"]))
            raise refuse("duty-missing", "", who=actor.id, verb="clip.add", needed=needed)
        if unit is None:
            return actor.unit
        if not is_id(unit):
            raise refuse("id-malformed", "unit", id=ellipsize(unit))
        if not duties.may_edit_unit(actor, unit):
            raise refuse("not-your-unit", "unit", unit=unit, own=actor.unit)
        return unit

    def check_room(self, size: int, name: str, unit: str | None) -> None:
        """Raise Refused when a clip of *size* bytes is too large, over the unit's quota, or the disk too full (4).

        What others have announced takes no room before it comes: the disk is asked again with every piece.
        """
        config = self._config
        if size > config.max_mb * MB:
            raise refuse_clip("clip-too-large", name, megabytes=-(-size // MB), most=config.max_mb)
        with self._store.read() as connection:
            used = clips.get_used_bytes(connection, unit) + uploads.get_reserved_bytes(connection, unit) if unit else 0
        if unit and config.quota_mb and used + size > config.quota_mb * MB:
            raise refuse_clip("library-quota", name, unit=unit, used=used // MB, most=config.quota_mb)
        self.check_reserve(size, name)

    def check_reserve(self, size: int, name: str) -> None:
        """Raise Refused when *size* bytes more would reach into the disk's reserve (4)."""
        if size > self._blobs.get_free_bytes() - self._config.reserve_mb * MB:
            raise refuse_clip("library-disk-full", name, reserve=self._config.reserve_mb)

    def _find_facts(self, sha256: str) -> ClipFacts | None:
        with self._store.read() as connection:
            kept = clips.get_clip(connection, sha256)
        return kept.facts if kept else None

    def _copy(self, file: BinaryIO, target: Path, name: str, unit: str | None) -> str:
        """Copy into *target*, within the limits; returns the sha256."""
        digest, size = hashlib.sha256(), 0
        self.check_room(_count_remaining_bytes(file), name, unit)
        try:
            with target.open("xb", buffering=0) as out:
                while chunk := file.read(_CHUNK):
                    size += len(chunk)
                    if size > self._config.max_mb * MB:
                        raise refuse_clip("clip-too-large", name, megabytes=size // MB, most=self._config.max_mb)
                    self.check_reserve(len(chunk), name)
                    digest.update(chunk)
                    out.write(chunk)
        except OSError as error:
            raise refuse_disk_error(error, name, self._config) from error
        return digest.hexdigest()

    def _request_thumbnails(self, connection: Connection, sha256: str, facts: ClipFacts) -> None:
        """Let its thumbnail and poster be made in the background."""
        for kind, spec in create_preview_specs(sha256, facts).items():
            key = compute_clip_key(spec)
            row = rows.get_rendition(connection, key)
            if row is not None and isinstance(row.result, tuple):  # a clip that was removed and has come back
                clips.set_preview_image(connection, sha256, kind, row.result[0].sha256)
            else:
                rows.request_rendition(connection, key, sha256, spec, self._clock.now())


def _open_file(path: Path, name: str) -> BinaryIO:
    try:
        if not path.is_file():
            raise refuse_clip("clip-no-file", name)
        return path.open("rb")
    except OSError as error:
        raise refuse_clip("clip-unreadable", name, why=error.strerror or str(error)) from error


def _count_remaining_bytes(file: BinaryIO) -> int:
    """How many bytes are left of *file*, where it can tell; else 0."""
    if not file.seekable():
        return 0
    here = file.tell()
    end = file.seek(0, 2)
    file.seek(here)
    return end - here


def refuse_clip(code: str, name: str, **facts: object) -> Refused:
    """A refusal about the clip called *name*."""
    shown = format_display_name(name)
    return Refused([Fault("error", code, FaultLocation(file=shown), {"name": shown, **facts})])


def refuse_media_error(unfit: MediaError, name: str) -> Refused:
    """What decoding found, as a refusal."""
    return refuse_clip(unfit.code, name, **unfit.facts)


def refuse_disk_error(error: OSError, name: str, config: LibraryConfig) -> Refused:
    """What writing met, as a refusal: a full disk by its own name."""

    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return refuse_clip("library-disk-full", name, reserve=config.reserve_mb)
    return refuse_clip("clip-unreadable", name, why=error.strerror or str(error))
