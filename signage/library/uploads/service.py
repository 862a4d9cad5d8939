"""Uploads in pieces, without HTTP: the server state of tus 1.0 (core, creation, checksum, expiration, termination),
durable at every step, in constant memory.

Permission and audit entry belong to ``signage.services.library.clip_uploads``.

1. The offset of an upload counts durable bytes only; after a crash the file is truncated to it.
2. A piece with a checksum counts completely or not at all.
3. The clip is a private copy of the received bytes, hashed while it is copied (``PrivateFile``): a request that still
   has the upload's file open cannot change it.
4. The last byte turns the upload into a clip or a refusal with its cause; the result is stored and repeated on request.
5. One request writes to an upload at a time, over all processes and nodes: it holds a lease in the database, and each
   new offset counts only while it is held. A concurrent request is refused (``upload-busy``).
6. An upload occupies the disk space of its received bytes, and its whole size of its unit's quota; the number of
   unfinished uploads per person is limited.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO

from signage.clock import Clock
from signage.faults import Fault, Refused
from signage.library.blobs import BlobStore, PrivateFile
from signage.library.clip_names import normalize_name
from signage.library.ingest import ClipIngest, StoredClip, refuse_clip, refuse_disk_error
from signage.library.settings import LibraryConfig
from signage.library.uploads.lock import UploadLock
from signage.library.uploads.piece_writer import UploadPieceWriter
from signage.model.users import Actor
from signage.store.engine import Store
from signage.store.library import uploads
from signage.store.library.uploads import UploadRow as UploadRow

CHECKSUMS = ("sha1", "sha256", "md5")
MAX_UNFINISHED = 20
"""Maximum number of unfinished, unexpired uploads of one person."""
_CHUNK = 1 << 20
_FLUSH_BYTES = 64 << 20
"""Number of written bytes after which the file is synced and the offset advanced."""
_PART_SUFFIX = ".part"
_TEMPORARY_REFUSALS = ("library-busy", "library-disk-full", "upload-busy")
RecordClip = Callable[[StoredClip, UploadRow], object]
"""Records the clip that an upload became: row, audit entry, change counter. Raises Refused."""


class UploadService:
    """The uploads of one installation."""

    def __init__(
        self, store: Store, blobs: BlobStore, clip_ingest: ClipIngest, config: LibraryConfig, clock: Clock
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._clip_ingest = clip_ingest
        self._config = config
        self._clock = clock

    def create(self, actor: Actor, name: str, size: int, unit: str | None) -> UploadRow:
        """Begin an upload of *size* bytes for the quota of *unit*. Raises Refused: no room, too many unfinished (6)."""
        if size < 0:
            raise refuse_clip("upload-size", name)
        if size == 0:
            raise refuse_clip("clip-empty", name)
        self._clip_ingest.check_room(size, name, unit)
        now = self._clock.now()
        facts = {"via": actor.channel, "roles": sorted(actor.roles)}
        expires_at = now + self._get_lifetime()
        upload = UploadRow(secrets.token_hex(16), normalize_name(name), size, 0, actor.id, unit, facts, now, expires_at)
        with self._store.write() as connection:
            if uploads.count_unfinished_uploads(connection, actor.id, now) >= MAX_UNFINISHED:
                raise refuse_clip("upload-many", name, most=MAX_UNFINISHED, days=f"{self._config.upload_days:g}")
            try:
                self._get_path(upload.id).touch(exist_ok=False, mode=0o600)
            except OSError as error:
                raise refuse_disk_error(error, name, self._config) from error
            uploads.create_upload(connection, upload)
        return upload

    def get(self, upload_id: str, actor: Actor) -> UploadRow:
        """Return an upload of *actor*. Raises Refused when it is unknown, expired, or another person's."""
        with self._store.read() as connection:
            upload = uploads.get_upload(connection, upload_id)
        if upload is None:
            raise refuse_clip("upload-unknown", upload_id[:64])
        if upload.who != actor.id:
            raise refuse_clip("upload-not-yours", upload.name)
        if upload.expires_at <= self._clock.now() and not upload.is_complete:
            raise refuse_clip("upload-over", upload.name, days=f"{self._config.upload_days:g}")
        return upload

    def write(
        self,
        upload_id: str,
        actor: Actor,
        offset: int,
        body: BinaryIO | Callable[[int], bytes],
        length: int | None = None,
        checksum: tuple[str, bytes] | None = None,
        *,
        record: RecordClip,
    ) -> UploadRow:
        """Append the bytes of *body* at *offset*; *length*: how many will come, where it is known.

        Returns the upload with its new, durable offset; after the last byte its *sha256* or *fault* is set. Raises
        Refused: wrong offset, checksum mismatch, disk full; bytes that were durable before stay counted in the offset.
        """
        upload = self.get(upload_id, actor)
        if checksum is not None and checksum[0] not in CHECKSUMS:
            raise refuse_clip("upload-checksum-unknown", upload.name, algorithm=checksum[0], known=", ".join(CHECKSUMS))
        with self._lock_upload(upload) as lock:
            upload = self.get(upload_id, actor)
            if offset != upload.offset:
                raise refuse_clip("upload-offset", upload.name, given=offset, expected=upload.offset)
            if length is not None and offset + length > upload.size:
                raise refuse_clip("upload-longer", upload.name, size=upload.size)
            read = body if callable(body) else body.read
            upload = self._receive_piece(lock, upload, read, length, checksum)
            return self._finish_upload(lock, upload, record) if _needs_finish(upload) else upload

    def finish(self, upload_id: str, actor: Actor, *, record: RecordClip) -> UploadRow:
        """Finish a complete upload that a crash or a busy sandbox left without a result."""
        upload = self.get(upload_id, actor)
        if not _needs_finish(upload):
            return upload
        with self._lock_upload(upload) as lock:
            upload = self.get(upload_id, actor)
            return self._finish_upload(lock, upload, record) if _needs_finish(upload) else upload

    def terminate(self, upload_id: str, actor: Actor) -> None:
        """Delete an upload and free its space (tus: termination)."""
        upload = self.get(upload_id, actor)
        with self._lock_upload(upload):
            self._delete_upload(upload.id)

    def delete_expired(self) -> int:
        """Delete expired uploads and orphaned part files; returns how many."""
        now = self._clock.now()
        with self._store.read() as connection:
            expired = uploads.list_expired_uploads(connection, now)
            known_ids = uploads.list_upload_ids(connection)
        count = 0
        for upload in expired:
            with suppress(Refused), self._lock_upload(upload):  # a request that finishes it goes first
                self._delete_upload(upload.id)
                count += 1
        for path in self._blobs.incoming.iterdir():
            old = now.timestamp() - path.stat().st_mtime > 86_400
            if old and path.name.removesuffix(_PART_SUFFIX) not in known_ids:
                path.unlink(missing_ok=True)
                count += 1
        return count

    def _receive_piece(
        self,
        lock: UploadLock,
        upload: UploadRow,
        read: Callable[[int], bytes],
        length: int | None,
        checksum: tuple[str, bytes] | None,
    ) -> UploadRow:
        """Write the received bytes. A broken connection keeps them, unless the piece has a checksum (2)."""
        left = upload.size - upload.offset if length is None else length
        with closing(UploadPieceWriter(self._get_path(upload.id), upload.offset, checksum)) as piece:
            try:
                left = self._write_chunks(lock, upload, piece, read, left)
                if checksum is not None and length is not None and left > 0:
                    raise refuse_clip("upload-cut", upload.name, missing=left)
                if not piece.has_valid_checksum():
                    raise refuse_clip("upload-checksum", upload.name, algorithm=checksum[0] if checksum else "")
            except BaseException:
                if not lock.is_lost:
                    if checksum is not None:
                        piece.roll_back()
                    self._commit_offset(lock, upload, piece)
                raise
            return self._commit_offset(lock, upload, piece)

    def _write_chunks(
        self,
        lock: UploadLock,
        upload: UploadRow,
        piece: UploadPieceWriter,
        read: Callable[[int], bytes],
        left: int,
    ) -> int:
        """Write up to *left* bytes, syncing every ``_FLUSH_BYTES``; returns how many were not received."""
        while left > 0 and (chunk := read(min(_CHUNK, left))):
            self._clip_ingest.check_reserve(len(chunk), upload.name)
            lock.renew()
            try:
                piece.write(chunk)
            except OSError as error:
                raise refuse_disk_error(error, upload.name, self._config) from error
            left -= len(chunk)
            if piece.unflushed_bytes >= _FLUSH_BYTES and not piece.is_atomic:
                upload = self._commit_offset(lock, upload, piece)
        return left

    def _commit_offset(self, lock: UploadLock, upload: UploadRow, piece: UploadPieceWriter) -> UploadRow:
        """Sync the file and advance the stored offset, while the lease is held (5)."""
        offset = piece.flush()
        expires = self._clock.now() + self._get_lifetime()
        with self._store.write() as connection:
            lock.check_held(connection)
            uploads.update_offset(connection, upload.id, offset, expires)
            updated = uploads.get_upload(connection, upload.id)
        assert updated is not None
        return updated

    def _finish_upload(self, lock: UploadLock, upload: UploadRow, record: RecordClip) -> UploadRow:
        path = self._get_path(upload.id)
        sha256: str | None = None
        fault: dict[str, Any] | None = None
        try:
            clip = self._clip_ingest.store_private(self._copy_received(upload, path), upload.name)
            lock.renew(at_once=True)
            record(clip, upload)
            sha256 = clip.sha256
        except Refused as refused:
            first = refused.faults[0]
            if first.code in _TEMPORARY_REFUSALS:
                raise  # the clip was not probed: its bytes stay, and the next request tries again
            fault = {"code": first.code, "facts": dict(first.facts)}
        with self._store.write() as connection:
            lock.check_held(connection)
            uploads.settle_upload(connection, upload.id, sha256, fault)
            settled = uploads.get_upload(connection, upload.id)
        path.unlink(missing_ok=True)
        assert settled is not None
        return settled

    def _copy_received(self, upload: UploadRow, path: Path) -> PrivateFile:
        """Copy the received bytes for sealing (3). Raises Refused when there are fewer or more than the offset says."""
        try:
            file = path.open("rb", buffering=0)
        except OSError as error:
            raise refuse_disk_error(error, upload.name, self._config) from error
        with file:
            private = self._clip_ingest.copy_private(file, upload.name)
        if private.size_bytes != upload.size:
            private.path.unlink()
            raise refuse_clip("clip-cut-off", upload.name)
        return private

    def _delete_upload(self, upload_id: str) -> None:
        with self._store.write() as connection:
            uploads.delete_upload(connection, upload_id)
        self._get_path(upload_id).unlink(missing_ok=True)

    def _get_path(self, upload_id: str) -> Path:
        return self._blobs.incoming / (upload_id + _PART_SUFFIX)

    def _get_lifetime(self) -> timedelta:
        return timedelta(days=self._config.upload_days)

    @contextmanager
    def _lock_upload(self, upload: UploadRow) -> Iterator[UploadLock]:
        lock = UploadLock(self._store, self._clock, upload)
        try:
            yield lock
        finally:
            lock.release()


def _needs_finish(upload: UploadRow) -> bool:
    return upload.is_complete and upload.sha256 is None and upload.fault is None


def get_refusal(upload: UploadRow) -> Refused | None:
    """Return the refusal of an upload that did not become a clip; None otherwise."""
    if upload.fault is None:
        return None
    return Refused([Fault("error", upload.fault["code"], facts=upload.fault["facts"])])
