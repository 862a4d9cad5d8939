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
from signage.library.blobs import BlobStore
from signage.library.clip_names import normalize_name
from signage.library.ingest import ClipIngest, IngestResult, refuse_clip, refuse_disk_error
from signage.library.settings import LibraryConfig
from signage.model.users import Actor
from signage.store.engine import Store
from signage.store.library import uploads as rows
from signage.store.library.uploads import UploadRow as UploadRow

CHECKSUMS = ("sha1", "sha256", "md5")
HTTP_STATUS_CODES = {
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
MAX_UNFINISHED = 20
"""So many uploads may one person have that are neither finished nor over."""
_CHUNK = 1 << 20
_FLUSH_BYTES = 64 << 20
"""After so many bytes what was written is made durable and the offset moved on."""


class UploadService:
    """The uploads of one installation."""

    def __init__(self, store: Store, blobs: BlobStore, taking: ClipIngest, config: LibraryConfig, clock: Clock) -> None:
        self._store = store
        self._blobs = blobs
        self._clip_ingest = taking
        self._config = config
        self._clock = clock
        self._hash_states: dict[str, tuple[int, Any]] = {}
        self._locked_ids: set[str] = set()
        self._lock = threading.Lock()

    def create(self, actor: Actor, name: str, size: int, unit: str | None = None) -> UploadRow:
        """Begin an upload of *size* bytes called *name*. Raises Refused when there is no room for it (6)."""
        owner = self._clip_ingest.resolve_owner(actor, unit)
        if size < 0:
            raise refuse_clip("upload-size", name)
        if size == 0:
            raise refuse_clip("clip-empty", name)
        self._clip_ingest.check_room(size, name, owner)
        now = self._clock.now()
        facts = {"via": actor.channel, "roles": sorted(actor.roles)}
        upload = UploadRow(
            secrets.token_hex(16),
            normalize_name(name),
            size,
            0,
            actor.id,
            owner,
            facts,
            now,
            now + self._get_lifetime(),
        )
        with self._store.write() as connection:
            if rows.count_unfinished_uploads(connection, actor.id, now) >= MAX_UNFINISHED:
                raise refuse_clip("upload-many", name, most=MAX_UNFINISHED, days=f"{self._config.upload_days:g}")
            try:
                self._get_path(upload.id).touch(exist_ok=False, mode=0o600)
            except OSError as error:
                raise refuse_disk_error(error, name, self._config) from error
            rows.create_upload(connection, upload)
        return upload

    def get(self, upload_id: str, actor: Actor) -> UploadRow:
        """The upload, for its owner alone. Raises Refused when it is unknown, over, or another's."""
        with self._store.read() as connection:
            found = rows.get_upload(connection, upload_id)
        if found is None:
            raise refuse_clip("upload-unknown", upload_id[:64])
        if found.who != actor.id:
            raise refuse_clip("upload-not-yours", found.name)
        if found.expires_at <= self._clock.now() and not found.is_complete:
            raise refuse_clip("upload-over", found.name, days=f"{self._config.upload_days:g}")
        return found

    def write(
        self,
        upload_id: str,
        actor: Actor,
        offset: int,
        body: BinaryIO | Callable[[int], bytes],
        length: int | None = None,
        checksum: tuple[str, bytes] | None = None,
    ) -> UploadRow:
        """Add the bytes of *body* (of which *length* are promised, where it is known) at *offset*.

        Returns the upload with its new offset, when that is durable; after the last byte it is settled (its *sha256* or
        its *fault* is set). Raises Refused when the offset is not right, the checksum does not hold, the disk is full;
        what had become durable before stays, as the upload's offset tells.
        """
        upload = self.get(upload_id, actor)
        if checksum is not None and checksum[0] not in CHECKSUMS:
            raise refuse_clip("upload-checksum-unknown", upload.name, algorithm=checksum[0], known=", ".join(CHECKSUMS))
        with self._lock_upload(upload):
            upload = self.get(upload_id, actor)
            if offset != upload.offset:
                raise refuse_clip("upload-offset", upload.name, given=offset, expected=upload.offset)
            if length is not None and offset + length > upload.size:
                raise refuse_clip("upload-longer", upload.name, size=upload.size)
            read = body if callable(body) else body.read
            upload = self._receive_piece(upload, read, length, checksum)
            return self._finish_upload(upload, actor) if _needs_finish(upload) else upload

    def finish(self, upload_id: str, actor: Actor) -> UploadRow:
        """Finish an upload whose bytes are all there but which a crash or a busy machine kept from being settled."""
        upload = self.get(upload_id, actor)
        if not _needs_finish(upload):
            return upload
        with self._lock_upload(upload):
            upload = self.get(upload_id, actor)
            return self._finish_upload(upload, actor) if _needs_finish(upload) else upload

    def terminate(self, upload_id: str, actor: Actor) -> None:
        """Give an upload up and free its room (tus: termination)."""
        upload = self.get(upload_id, actor)
        with self._lock_upload(upload):
            self._delete_upload(upload.id)

    def delete_expired(self) -> int:
        """Give up what is kept no longer, and files that belong to nothing; returns how many."""
        now = self._clock.now()
        with self._store.read() as connection:
            over = [upload.id for upload in rows.list_expired_uploads(connection, now)]
            known = rows.list_upload_ids(connection)
        for upload_id in over:
            self._delete_upload(upload_id)
        count = len(over)
        for path in self._blobs.incoming.iterdir():
            old = now.timestamp() - path.stat().st_mtime > 86_400
            if old and path.name.removesuffix(_PART_SUFFIX) not in known:
                path.unlink(missing_ok=True)
                count += 1
        return count

    def _receive_piece(
        self, upload: UploadRow, read: Callable[[int], bytes], length: int | None, checksum: tuple[str, bytes] | None
    ) -> UploadRow:
        """Write what comes. What came before a cut stays; where a checksum stands for all of it, nothing does (2)."""
        left = upload.size - upload.offset if length is None else length
        with closing(
            UploadPieceWriter(self._get_path(upload.id), upload.offset, self._get_hash_state(upload), checksum)
        ) as piece:
            try:
                left = self._write_chunks(upload, piece, read, left)
                if checksum is not None and length is not None and left > 0:
                    raise refuse_clip("upload-cut", upload.name, missing=left)
                if not piece.has_valid_checksum():
                    raise refuse_clip("upload-checksum", upload.name, algorithm=checksum[0] if checksum else "")
            except BaseException:
                if checksum is not None:
                    piece.roll_back()
                self._commit_offset(upload, piece)
                raise
            return self._commit_offset(upload, piece)

    def _write_chunks(
        self, upload: UploadRow, piece: "UploadPieceWriter", read: Callable[[int], bytes], left: int
    ) -> int:
        """Write up to *left* bytes, and make them durable from time to time; returns how many did not come."""
        while left > 0 and (chunk := read(min(_CHUNK, left))):
            self._clip_ingest.check_reserve(len(chunk), upload.name)
            try:
                piece.write(chunk)
            except OSError as error:
                raise refuse_disk_error(error, upload.name, self._config) from error
            left -= len(chunk)
            if piece.unflushed_bytes >= _FLUSH_BYTES and not piece.is_atomic:
                upload = self._commit_offset(upload, piece)
        return left

    def _commit_offset(self, upload: UploadRow, piece: "UploadPieceWriter") -> UploadRow:
        """Make what was written durable and say so."""
        offset = piece.flush()
        self._hash_states[upload.id] = (offset, piece.digest.copy())
        expires = self._clock.now() + self._get_lifetime()
        with self._store.write() as connection:
            rows.update_offset(connection, upload.id, offset, expires)
            found = rows.get_upload(connection, upload.id)
        assert found is not None
        return found

    def _get_hash_state(self, upload: UploadRow) -> Any:
        known = self._hash_states.get(upload.id)
        if known is not None and known[0] == upload.offset:
            return known[1].copy()
        digest = hashlib.sha256()
        left = upload.offset
        with self._get_path(upload.id).open("rb") as file:
            while left > 0 and (chunk := file.read(min(_CHUNK, left))):
                digest.update(chunk)
                left -= len(chunk)
        if left:
            raise refuse_clip("upload-unknown", upload.id)
        return digest

    def _finish_upload(self, upload: UploadRow, actor: Actor) -> UploadRow:
        digest = self._get_hash_state(upload).hexdigest()
        taken: IngestResult | None = None
        why: dict[str, Any] | None = None
        try:
            taken = self._clip_ingest.commit(self._get_path(upload.id), digest, upload.name, actor, upload.unit)
        except Refused as refused:
            if refused.faults[0].code == "library-busy":
                raise  # nothing is known of the clip; its bytes are kept, and it is settled when it is asked for again
            why = {"code": refused.faults[0].code, "facts": dict(refused.faults[0].facts)}
        self._hash_states.pop(upload.id, None)
        self._get_path(upload.id).unlink(missing_ok=True)
        with self._store.write() as connection:
            rows.settle_upload(connection, upload.id, taken.sha256 if taken else None, why)
            found = rows.get_upload(connection, upload.id)
        assert found is not None
        return found

    def _delete_upload(self, upload_id: str) -> None:
        with self._store.write() as connection:
            rows.delete_upload(connection, upload_id)
        self._get_path(upload_id).unlink(missing_ok=True)
        self._hash_states.pop(upload_id, None)

    def _get_path(self, upload_id: str) -> Path:
        return self._blobs.incoming / (upload_id + _PART_SUFFIX)

    def _get_lifetime(self) -> timedelta:
        return timedelta(days=self._config.upload_days)

    @contextmanager
    def _lock_upload(self, upload: UploadRow) -> Iterator[None]:
        with self._lock:
            if upload.id in self._locked_ids:
                raise refuse_clip("upload-busy", upload.name)
            self._locked_ids.add(upload.id)
        try:
            yield
        finally:
            with self._lock:
                self._locked_ids.discard(upload.id)


_PART_SUFFIX = ".part"


def _needs_finish(upload: UploadRow) -> bool:
    return upload.is_complete and upload.sha256 is None and upload.fault is None


class UploadPieceWriter:
    """What one request adds to an upload's file, from *offset* on; with a *checksum*, whole or not at all."""

    def __init__(self, path: Path, offset: int, digest: Any, checksum: tuple[str, bytes] | None) -> None:
        self.digest = digest
        self.unflushed_bytes = 0
        self.is_atomic = checksum is not None
        self._offset = self._written = offset
        self._digest_before = digest.copy()
        self._expected_checksum = checksum[1] if checksum else b""
        self._checksum = hashlib.new(checksum[0], usedforsecurity=False) if checksum else None
        self._file = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        os.ftruncate(self._file, offset)
        os.lseek(self._file, offset, os.SEEK_SET)

    def write(self, chunk: bytes) -> None:
        """Write *chunk*."""
        view = memoryview(chunk)
        while view:
            count = os.write(self._file, view)
            self.digest.update(view[:count])
            if self._checksum is not None:
                self._checksum.update(view[:count])
            self._written += count
            self.unflushed_bytes += count
            view = view[count:]

    def has_valid_checksum(self) -> bool:
        """Whether the checksum is right."""
        return self._checksum is None or self._checksum.digest() == self._expected_checksum

    def roll_back(self) -> None:
        """Let none of it count."""
        os.ftruncate(self._file, self._offset)
        self._written, self.digest = self._offset, self._digest_before

    def flush(self) -> int:
        """Make it durable; returns the offset up to which it is."""
        os.fdatasync(self._file)
        self.unflushed_bytes = 0
        return self._written

    def close(self) -> None:
        os.close(self._file)


def get_refusal(upload: UploadRow) -> Refused | None:
    """Why a settled upload became no clip; None where it did."""
    if upload.fault is None:
        return None
    return Refused([Fault("error", upload.fault["code"], facts=upload.fault["facts"])])
