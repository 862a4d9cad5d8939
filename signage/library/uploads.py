"""Uploads in pieces, without their HTTP: the state of a tus 1.0 server (core, creation, checksum, expiration,
termination), durable at every step, flat in memory.

1. An upload's offset counts what is on disk for good, nothing else; after a crash the file is cut back to it.
2. A piece with a checksum counts whole or not at all.
3. Bytes are hashed on the way. A process that meets an upload another has begun reads once what is there.
4. When the last byte is there the upload becomes a clip, or is refused with its cause; either is kept and told again.
5. One piece of an upload is written at a time; a second one is told to come later.
6. An upload takes the room of what has come (of its unit's quota, all of it); a person has at most so many unfinished.
"""

import hashlib
import os
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO

from signage.clock import Clock
from signage.faults import Fault, Refused
from signage.library.blobs import Blobs
from signage.library.clip_names import kept_name
from signage.library.ingest import Taken, Taking, disk_fault, fault
from signage.library.settings import LibraryConfig
from signage.model.users import Actor
from signage.store.engine import Store
from signage.store.library import uploads as rows
from signage.store.library.uploads import Upload as Upload

CHECKSUMS = ("sha1", "sha256", "md5")
STATUS = {
    "upload-unknown": 404,
    "upload-over": 410,
    "upload-offset": 409,
    "upload-busy": 423,
    "upload-checksum": 460,
    "upload-checksum-unknown": 400,
    "upload-longer": 413,
    "upload-cut": 400,
    "upload-size": 400,
    "upload-not-yours": 403,
    "upload-many": 429,
    "clip-too-large": 413,
    "library-quota": 413,
    "library-disk-full": 507,
    "library-busy": 503,
}
"""The HTTP status that a refusal's code asks for; others are 422."""
MOST_UNFINISHED = 20
"""So many uploads may one person have that are neither finished nor over."""
_CHUNK = 1 << 20
_SETTLE_BYTES = 64 << 20
"""After so many bytes what was written is made durable and the offset moved on."""


class Uploads:
    """The uploads of one installation."""

    def __init__(self, store: Store, blobs: Blobs, taking: Taking, config: LibraryConfig, clock: Clock) -> None:
        self._store = store
        self._blobs = blobs
        self._taking = taking
        self._config = config
        self._clock = clock
        self._hashes: dict[str, tuple[int, Any]] = {}
        self._busy: set[str] = set()
        self._lock = threading.Lock()

    def create(self, actor: Actor, name: str, size: int, unit: str | None = None) -> Upload:
        """Begin an upload of *size* bytes called *name*. Raises Refused when there is no room for it (6)."""
        owner = self._taking.owner(actor, unit)
        if size < 0:
            raise fault("upload-size", name)
        if size == 0:
            raise fault("clip-empty", name)
        self._taking.check_room(size, name, owner)
        now = self._clock.now()
        facts = {"via": actor.via, "roles": sorted(actor.roles)}
        upload = Upload(
            secrets.token_hex(16), kept_name(name), size, 0, actor.id, owner, facts, now, now + self._kept()
        )
        with self._store.write() as connection:
            if rows.unfinished(connection, actor.id, now) >= MOST_UNFINISHED:
                raise fault("upload-many", name, most=MOST_UNFINISHED, days=f"{self._config.upload_days:g}")
            try:
                self._path(upload.id).touch(exist_ok=False, mode=0o600)
            except OSError as error:
                raise disk_fault(error, name, self._config) from error
            rows.add(connection, upload)
        return upload

    def get(self, upload_id: str, actor: Actor) -> Upload:
        """The upload, for its owner alone. Raises Refused when it is unknown, over, or another's."""
        with self._store.read() as connection:
            found = rows.get(connection, upload_id)
        if found is None:
            raise fault("upload-unknown", upload_id[:64])
        if found.who != actor.id:
            raise fault("upload-not-yours", found.name)
        if found.expires_at <= self._clock.now() and not found.complete:
            raise fault("upload-over", found.name, days=f"{self._config.upload_days:g}")
        return found

    def write(
        self,
        upload_id: str,
        actor: Actor,
        offset: int,
        body: BinaryIO | Callable[[int], bytes],
        length: int | None = None,
        checksum: tuple[str, bytes] | None = None,
    ) -> Upload:
        """Add the bytes of *body* (of which *length* are promised, where it is known) at *offset*.

        Returns the upload with its new offset, when that is durable; after the last byte it is settled (its *sha256* or
        its *fault* is set). Raises Refused when the offset is not right, the checksum does not hold, the disk is full;
        what had become durable before stays, as the upload's offset tells.
        """
        upload = self.get(upload_id, actor)
        if checksum is not None and checksum[0] not in CHECKSUMS:
            raise fault("upload-checksum-unknown", upload.name, algorithm=checksum[0], known=", ".join(CHECKSUMS))
        with self._alone(upload):
            upload = self.get(upload_id, actor)
            if offset != upload.offset:
                raise fault("upload-offset", upload.name, given=offset, expected=upload.offset)
            if length is not None and offset + length > upload.size:
                raise fault("upload-longer", upload.name, size=upload.size)
            read = body if callable(body) else body.read
            upload = self._receive(upload, read, length, checksum)
            return self._settle(upload, actor) if _unsettled(upload) else upload

    def settle(self, upload_id: str, actor: Actor) -> Upload:
        """Finish an upload whose bytes are all there but which a crash or a busy machine kept from being settled."""
        upload = self.get(upload_id, actor)
        if not _unsettled(upload):
            return upload
        with self._alone(upload):
            upload = self.get(upload_id, actor)
            return self._settle(upload, actor) if _unsettled(upload) else upload

    def end(self, upload_id: str, actor: Actor) -> None:
        """Give an upload up and free its room (tus: termination)."""
        upload = self.get(upload_id, actor)
        with self._alone(upload):
            self._forget(upload.id)

    def sweep(self) -> int:
        """Give up what is kept no longer, and files that belong to nothing; returns how many."""
        now = self._clock.now()
        with self._store.read() as connection:
            over = [upload.id for upload in rows.expired(connection, now)]
            known = rows.ids(connection)
        for upload_id in over:
            self._forget(upload_id)
        count = len(over)
        for path in self._blobs.incoming.iterdir():
            old = now.timestamp() - path.stat().st_mtime > 86_400
            if old and path.name.removesuffix(_ENDING) not in known:
                path.unlink(missing_ok=True)
                count += 1
        return count

    def _receive(
        self, upload: Upload, read: Callable[[int], bytes], length: int | None, checksum: tuple[str, bytes] | None
    ) -> Upload:
        """Write what comes. What came before a cut stays; where a checksum stands for all of it, nothing does (2)."""
        left = upload.size - upload.offset if length is None else length
        with closing(Piece(self._path(upload.id), upload.offset, self._hash_so_far(upload), checksum)) as piece:
            try:
                left = self._pour(upload, piece, read, left)
                if checksum is not None and length is not None and left > 0:
                    raise fault("upload-cut", upload.name, missing=left)
                if not piece.holds():
                    raise fault("upload-checksum", upload.name, algorithm=checksum[0] if checksum else "")
            except BaseException:
                if checksum is not None:
                    piece.take_back()
                self._advance(upload, piece)
                raise
            return self._advance(upload, piece)

    def _pour(self, upload: Upload, piece: "Piece", read: Callable[[int], bytes], left: int) -> int:
        """Write up to *left* bytes, and make them durable from time to time; returns how many did not come."""
        while left > 0 and (chunk := read(min(_CHUNK, left))):
            self._taking.check_reserve(len(chunk), upload.name)
            try:
                piece.add(chunk)
            except OSError as error:
                raise disk_fault(error, upload.name, self._config) from error
            left -= len(chunk)
            if piece.unsettled >= _SETTLE_BYTES and not piece.all_or_nothing:
                upload = self._advance(upload, piece)
        return left

    def _advance(self, upload: Upload, piece: "Piece") -> Upload:
        """Make what was written durable and say so."""
        offset = piece.settle()
        self._hashes[upload.id] = (offset, piece.digest.copy())
        expires = self._clock.now() + self._kept()
        with self._store.write() as connection:
            rows.advance(connection, upload.id, offset, expires)
            found = rows.get(connection, upload.id)
        assert found is not None
        return found

    def _hash_so_far(self, upload: Upload) -> Any:
        known = self._hashes.get(upload.id)
        if known is not None and known[0] == upload.offset:
            return known[1].copy()
        digest = hashlib.sha256()
        left = upload.offset
        with self._path(upload.id).open("rb") as file:
            while left > 0 and (chunk := file.read(min(_CHUNK, left))):
                digest.update(chunk)
                left -= len(chunk)
        if left:
            raise fault("upload-unknown", upload.id)
        return digest

    def _settle(self, upload: Upload, actor: Actor) -> Upload:
        digest = self._hash_so_far(upload).hexdigest()
        taken: Taken | None = None
        why: dict[str, Any] | None = None
        try:
            taken = self._taking.adopt(self._path(upload.id), digest, upload.name, actor, upload.unit)
        except Refused as refused:
            if refused.faults[0].code == "library-busy":
                raise  # nothing is known of the clip; its bytes are kept, and it is settled when it is asked for again
            why = {"code": refused.faults[0].code, "facts": dict(refused.faults[0].facts)}
        self._hashes.pop(upload.id, None)
        self._path(upload.id).unlink(missing_ok=True)
        with self._store.write() as connection:
            rows.settle(connection, upload.id, taken.sha256 if taken else None, why)
            found = rows.get(connection, upload.id)
        assert found is not None
        return found

    def _forget(self, upload_id: str) -> None:
        with self._store.write() as connection:
            rows.remove(connection, upload_id)
        self._path(upload_id).unlink(missing_ok=True)
        self._hashes.pop(upload_id, None)

    def _path(self, upload_id: str) -> Path:
        return self._blobs.incoming / (upload_id + _ENDING)

    def _kept(self) -> timedelta:
        return timedelta(days=self._config.upload_days)

    @contextmanager
    def _alone(self, upload: Upload) -> Iterator[None]:
        with self._lock:
            if upload.id in self._busy:
                raise fault("upload-busy", upload.name)
            self._busy.add(upload.id)
        try:
            yield
        finally:
            with self._lock:
                self._busy.discard(upload.id)


_ENDING = ".part"


def _unsettled(upload: Upload) -> bool:
    return upload.complete and upload.sha256 is None and upload.fault is None


class Piece:
    """What one request adds to an upload's file, from *offset* on; with a *checksum*, whole or not at all."""

    def __init__(self, path: Path, offset: int, digest: Any, checksum: tuple[str, bytes] | None) -> None:
        self.digest = digest
        self.unsettled = 0
        self.all_or_nothing = checksum is not None
        self._offset = self._written = offset
        self._before = digest.copy()
        self._wanted = checksum[1] if checksum else b""
        self._sum = hashlib.new(checksum[0], usedforsecurity=False) if checksum else None
        self._file = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        os.ftruncate(self._file, offset)
        os.lseek(self._file, offset, os.SEEK_SET)

    def add(self, chunk: bytes) -> None:
        """Write *chunk*."""
        view = memoryview(chunk)
        while view:
            count = os.write(self._file, view)
            self.digest.update(view[:count])
            if self._sum is not None:
                self._sum.update(view[:count])
            self._written += count
            self.unsettled += count
            view = view[count:]

    def holds(self) -> bool:
        """Whether the checksum is right."""
        return self._sum is None or self._sum.digest() == self._wanted

    def take_back(self) -> None:
        """Let none of it count."""
        os.ftruncate(self._file, self._offset)
        self._written, self.digest = self._offset, self._before

    def settle(self) -> int:
        """Make it durable; returns the offset up to which it is."""
        os.fdatasync(self._file)
        self.unsettled = 0
        return self._written

    def close(self) -> None:
        os.close(self._file)


def refusal_of(upload: Upload) -> Refused | None:
    """Why a settled upload became no clip; None where it did."""
    if upload.fault is None:
        return None
    return Refused([Fault("error", upload.fault["code"], facts=upload.fault["facts"])])
