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
from typing import Any, BinaryIO, Literal

import msgspec

from signage.clock import Clock
from signage.faults import Fault, Place, Refused, refuse
from signage.library.blobs import Blobs
from signage.library.clip_names import kept_name, shown_name
from signage.library.codecs.clip_facts import Facts
from signage.library.codecs.file_type import LEADING_BYTES, sniff
from signage.library.rendition_maker import MB
from signage.library.rendition_specs import Recipe
from signage.library.sandbox.confinement import Limits
from signage.library.sandbox.media_error import Unfit
from signage.library.sandbox.supervisor import Jail
from signage.library.settings import LibraryConfig
from signage.model import permissions as duties
from signage.model.ids import is_id
from signage.model.toml.findings import short
from signage.model.users import FOLDER, Actor
from signage.store import audit_log as audit
from signage.store import change_counter as revision
from signage.store.engine import Connection, Store
from signage.store.library import clips, uploads
from signage.store.library import renditions as rows

_CHUNK = 1 << 20
_LOOKS: tuple[tuple[Literal["thumbnail", "poster"], int], ...] = (("thumbnail", 320), ("poster", 1280))


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of it. *fresh*: its bytes were not in the library before."""

    sha256: str
    facts: Facts
    fresh: bool


class Taking:
    """Takes clips into the library of one installation."""

    def __init__(self, store: Store, blobs: Blobs, jail: Jail, config: LibraryConfig, clock: Clock) -> None:
        self._store = store
        self._blobs = blobs
        self._jail = jail
        self._config = config
        self._clock = clock

    def take_in(self, source: Path | BinaryIO, name: str, actor: Actor = FOLDER, unit: str | None = None) -> Taken:
        """Take in the bytes of *source*, called *name* by people; durable and written down when this returns.

        Raises Refused when they are no clip that screens can play, or there is no room for them.
        """
        owner = self.owner(actor, unit)
        if isinstance(source, Path):
            with _opened(source, name) as file:
                return self._from(file, name, actor, owner)
        return self._from(source, name, actor, owner)

    def take_in_file(self, path: Path, name: str, actor: Actor = FOLDER) -> Taken:
        """As ``take_in``, for a file that stays where it is: while it is unchanged, its bytes are not read again."""
        place = str(path.resolve())
        try:
            now = path.stat()
        except FileNotFoundError:
            raise fault("clip-no-file", name) from None
        except OSError as error:
            raise fault("clip-unreadable", name, why=error.strerror or str(error)) from error
        with self._store.read() as connection:
            before = clips.file(connection, place)
        if before is not None and before[1:] == (now.st_size, now.st_mtime_ns) and self._blobs.has_original(before[0]):
            facts = self._known(before[0])
            if facts is not None:
                return Taken(before[0], facts, fresh=False)
        taken = self.take_in(path, name, actor)
        with self._store.write() as connection:
            clips.set_file(connection, place, taken.sha256, now.st_size, now.st_mtime_ns)
        return taken

    def _from(self, file: BinaryIO, name: str, actor: Actor, owner: str | None) -> Taken:
        temporary = self._blobs.temporary()
        try:
            digest = self._copy(file, temporary, name, owner)
            return self.adopt(temporary, digest, name, actor, owner)
        finally:
            temporary.unlink(missing_ok=True)

    def adopt(self, temporary: Path, sha256: str, name: str, actor: Actor, owner: str | None) -> Taken:
        """Take in for the unit *owner* the file *temporary* (of ``incoming``), whose sha256 is known."""
        size = temporary.stat().st_size
        known = self._known(sha256)
        facts = known or self.look_at(temporary, name)
        if known is None or not self._blobs.has_original(sha256):
            self._blobs.seal(temporary, sha256)
        kept = clips.Kept(sha256, size, kept_name(name), msgspec.to_builtins(facts), owner, self._clock.now(), actor.id)
        with self._store.write() as connection:
            fresh = clips.add(connection, kept)
            details: dict[str, Any] = {"via": actor.via, "name": kept.name, "bytes": size, "fresh": fresh}
            audit.append(connection, kept.added_at, actor.id, "clip.add", sha256, details | {"kind": facts.kind})
            self._order_looks(connection, sha256, facts)
            revision.bump(connection, "clips")
        return Taken(sha256, facts, fresh)

    def look_at(self, path: Path, name: str) -> Facts:
        """What the file at *path* is, found behind the walls. Raises Refused when it is no clip."""
        limits = Limits(self._config.memory_mb * MB, self._config.probe_s, 2 * self._config.probe_s, 1)
        facts = {"max_megapixels": self._config.max_megapixels, "max_film_s": self._config.max_film_s}
        try:
            with path.open("rb") as file:
                sniff(file.read(LEADING_BYTES))  # needs no walls: it reads a few bytes and decodes nothing
            return msgspec.convert(self._jail.run("probe", facts, limits, path), Facts)
        except Unfit as unfit:
            raise unfit_fault(unfit, name) from None

    def owner(self, actor: Actor, unit: str | None) -> str | None:
        """The unit whose clip it becomes when *actor* brings one and says *unit* (5).

        Raises Refused when *actor* may not add clips, or not for that unit.
        """
        if not duties.may(actor, "clip.add"):
            needed = ", ".join(sorted(duties.DUTIES["clip.add"]))
            raise refuse("duty-missing", "", who=actor.id, verb="clip.add", needed=needed)
        if unit is None:
            return actor.unit
        if not is_id(unit):
            raise refuse("id-malformed", "unit", id=short(unit))
        if not duties.of_unit(actor, unit):
            raise refuse("not-your-unit", "unit", unit=unit, own=actor.unit)
        return unit

    def check_room(self, size: int, name: str, unit: str | None) -> None:
        """Raise Refused when a clip of *size* bytes is too large, over the unit's quota, or the disk too full (4).

        What others have announced takes no room before it comes: the disk is asked again with every piece.
        """
        config = self._config
        if size > config.max_mb * MB:
            raise fault("clip-too-large", name, megabytes=-(-size // MB), most=config.max_mb)
        with self._store.read() as connection:
            used = clips.used_bytes(connection, unit) + uploads.promised_bytes(connection, unit) if unit else 0
        if unit and config.quota_mb and used + size > config.quota_mb * MB:
            raise fault("library-quota", name, unit=unit, used=used // MB, most=config.quota_mb)
        self.check_reserve(size, name)

    def check_reserve(self, size: int, name: str) -> None:
        """Raise Refused when *size* bytes more would reach into the disk's reserve (4)."""
        if size > self._blobs.free_bytes() - self._config.reserve_mb * MB:
            raise fault("library-disk-full", name, reserve=self._config.reserve_mb)

    def _known(self, sha256: str) -> Facts | None:
        with self._store.read() as connection:
            kept = clips.get(connection, sha256)
        return msgspec.convert(kept.facts, Facts) if kept else None

    def _copy(self, file: BinaryIO, target: Path, name: str, unit: str | None) -> str:
        """Copy into *target*, within the limits; returns the sha256."""
        digest, size = hashlib.sha256(), 0
        self.check_room(_length(file), name, unit)
        try:
            with target.open("xb", buffering=0) as out:
                while chunk := file.read(_CHUNK):
                    size += len(chunk)
                    if size > self._config.max_mb * MB:
                        raise fault("clip-too-large", name, megabytes=size // MB, most=self._config.max_mb)
                    self.check_reserve(len(chunk), name)
                    digest.update(chunk)
                    out.write(chunk)
        except OSError as error:
            raise disk_fault(error, name, self._config) from error
        return digest.hexdigest()

    def _order_looks(self, connection: Connection, sha256: str, facts: Facts) -> None:
        """Let its thumbnail and poster be made in the background."""
        for which, side in _LOOKS:
            job = "poster" if facts.kind == "film" else "picture"
            wanted: dict[str, Any] = {
                "width": side,
                "height": side,
                "background": "#000000",
                "lossy": True,
                "thumbnail": which,
            }
            if facts.kind == "film":
                wanted["duration_ms"] = facts.duration_ms
            recipe = Recipe(job, sha256, wanted)  # type: ignore[arg-type]
            made = rows.get(connection, recipe.key)
            if made is not None and made.state == "done":  # a clip that was removed and has come back
                clips.set_look(connection, sha256, which, made.result[0]["sha256"])
            else:
                rows.ask(connection, recipe.key, sha256, msgspec.to_builtins(recipe), self._clock.now())


def _opened(path: Path, name: str) -> BinaryIO:
    try:
        if not path.is_file():
            raise fault("clip-no-file", name)
        return path.open("rb")
    except OSError as error:
        raise fault("clip-unreadable", name, why=error.strerror or str(error)) from error


def _length(file: BinaryIO) -> int:
    """How many bytes are left of *file*, where it can tell; else 0."""
    if not file.seekable():
        return 0
    here = file.tell()
    end = file.seek(0, 2)
    file.seek(here)
    return end - here


def fault(code: str, name: str, **facts: object) -> Refused:
    """A refusal about the clip called *name*."""
    shown = shown_name(name)
    return Refused([Fault("error", code, Place(file=shown), {"name": shown, **facts})])


def unfit_fault(unfit: Unfit, name: str) -> Refused:
    """What decoding found, as a refusal."""
    return fault(unfit.code, name, **unfit.facts)


def disk_fault(error: OSError, name: str, config: LibraryConfig) -> Refused:
    """What writing met, as a refusal: a full disk by its own name."""

    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return fault("library-disk-full", name, reserve=config.reserve_mb)
    return fault("clip-unreadable", name, why=error.strerror or str(error))
