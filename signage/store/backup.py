"""Backup of the whole state in one file: a snapshot of the database and every file of the state folder.

1. SQLite's backup API copies the database while others read and write. The files are copied after it: they are
   addressed by content and written before the database refers to them, so every reference of the copy resolves.
2. The archive is a tar; its last member is a manifest with the sha256 of every other member. An archive without a
   manifest is truncated.
3. The archive is written under a temporary name and then renamed: a file with its name is complete.
"""

import hashlib
import io
import os
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO

import msgspec

from signage.faults import Fault, FaultLocation, Refused
from signage.store.engine import Store, get_sqlite_module
from signage.store.migrations import HEAD

FORMAT = "signage.backup/1"
DATABASE_NAME = "signage.db"
MANIFEST_NAME = "manifest.json"
_EXCLUDED_FOLDERS = ("incoming",)
_CHUNK_BYTES = 1 << 20
ProgressCallback = Callable[[int, int], None]
"""Called with the bytes written or read so far, and their total."""


class BackupManifest(msgspec.Struct, frozen=True):
    """The manifest of an archive. *files*: name → sha256; *shape*: the schema version of the database."""

    format: str
    made_at: datetime
    shape: str
    files: dict[str, str]


@dataclass(slots=True)
class _BackupWriter:
    archive: tarfile.TarFile
    files: dict[str, str]

    def add_file(self, name: str, stream: IO[bytes], size: int) -> None:
        info = tarfile.TarInfo(name)
        info.size, info.mode = size, 0o600
        reader = _HashingReader(stream)
        self.archive.addfile(info, reader)
        self.files[name] = reader.digest.hexdigest()


class _HashingReader:
    """Wraps *stream* and hashes what is read from it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self.digest.update(data)
        return data


def write_backup(
    store: Store, state: Path, target: Path, at: datetime, progress: ProgressCallback | None = None
) -> int:
    """Write the archive *target*; return its size. Raises Refused: the database is not a SQLite file, disk errors."""
    if store.path is None:
        raise Refused([Fault("error", "backup-elsewhere", FaultLocation(key="storage.database"))])
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as raw, tempfile.TemporaryDirectory(dir=state, prefix=".backup-") as folder:
            snapshot = Path(folder) / DATABASE_NAME
            _copy_database(store, snapshot)
            _write_archive(raw, snapshot, state, store.path, at, progress)
            raw.flush()
            os.fsync(raw.fileno())
        size = temporary.stat().st_size
        temporary.replace(target)
    except OSError as error:
        why = error.strerror or str(error)
        raise Refused([Fault("error", "backup-unwritable", FaultLocation(str(target)), {"why": why})]) from error
    finally:
        temporary.unlink(missing_ok=True)
    return size


def _copy_database(store: Store, target: Path) -> None:
    source = store.open_raw_connection()
    copy = get_sqlite_module().connect(str(target))
    try:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
    finally:
        copy.close()
        source.close()


def _write_archive(
    raw: IO[bytes], snapshot: Path, state: Path, database: Path, at: datetime, progress: ProgressCallback | None
) -> None:
    files = [(DATABASE_NAME, snapshot), *_iter_files(state, database)]
    total, done = sum(path.stat().st_size for _, path in files if path.exists()), 0
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as out:
        writer = _BackupWriter(out, {})
        for name, path in files:
            try:
                stream = path.open("rb")
            except FileNotFoundError:  # removed meanwhile: the snapshot of the database does not refer to it
                continue
            with stream:
                size = os.fstat(stream.fileno()).st_size
                writer.add_file(name, stream, size)
            done += size
            if progress:
                progress(done, total)
        manifest = msgspec.json.encode(BackupManifest(FORMAT, at, HEAD, dict(writer.files)))
        writer.add_file(MANIFEST_NAME, io.BytesIO(manifest), len(manifest))


def _iter_files(state: Path, database: Path) -> Iterator[tuple[str, Path]]:
    """Iterate over the files of the state folder, without the database, unfinished uploads and hidden files."""
    for folder, folder_names, file_names in os.walk(state):
        folder_names[:] = sorted(
            name for name in folder_names if not name.startswith(".") and name not in _EXCLUDED_FOLDERS
        )
        for name in sorted(file_names):
            path = Path(folder) / name
            if name.startswith((".", database.name)) or path.is_symlink() or not path.is_file():
                continue
            yield path.relative_to(state).as_posix(), path


def unpack_backup(source: Path, folder: Path, progress: ProgressCallback | None = None) -> BackupManifest:
    """Unpack the archive into the empty *folder* and verify every byte. Raises Refused: damaged, altered, truncated."""
    try:
        with source.open("rb") as raw, tarfile.open(fileobj=raw, mode="r:") as archive:
            hashes = dict(_extract_members(source, raw, archive, folder, progress))
    except (OSError, tarfile.TarError, EOFError) as error:
        raise _refused(source, "backup-unreadable", why=str(error)) from error
    path = folder / MANIFEST_NAME
    if not path.exists():
        raise _refused(source, "backup-cut-off")
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=BackupManifest)
    except msgspec.DecodeError as error:
        raise _refused(source, "backup-unreadable", why=str(error)) from error
    path.unlink()
    del hashes[MANIFEST_NAME]
    if manifest.format != FORMAT:
        raise _refused(source, "backup-format", format=manifest.format, known=FORMAT)
    names = hashes.keys() | manifest.files
    altered = sorted(name for name in names if hashes.get(name) != manifest.files.get(name))
    if altered or DATABASE_NAME not in hashes:
        raise _refused(source, "backup-altered", name=(altered or [DATABASE_NAME])[0])
    return manifest


def _extract_members(
    source: Path, raw: IO[bytes], archive: tarfile.TarFile, folder: Path, progress: ProgressCallback | None
) -> Iterator[tuple[str, str]]:
    total = source.stat().st_size
    for member in archive:
        relative = PurePosixPath(member.name)
        if not member.isfile() or relative.is_absolute() or ".." in relative.parts:
            raise _refused(source, "backup-altered", name=member.name)
        target = folder / relative
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        stream = archive.extractfile(member)
        assert stream is not None
        digest = hashlib.sha256()
        with target.open("xb") as out:
            while data := stream.read(_CHUNK_BYTES):
                digest.update(data)
                out.write(data)
            out.flush()
            os.fsync(out.fileno())
        if progress:
            progress(raw.tell(), total)
        yield member.name, digest.hexdigest()


def _refused(source: Path, code: str, **facts: object) -> Refused:
    return Refused([Fault("error", code, FaultLocation(str(source)), facts)])
