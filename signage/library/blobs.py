"""Bytes by the sha256 of what they are: written whole or not at all, never under a name that a person gave.

``media/`` holds what may be served (renditions that the program itself encoded), ``sealed/`` the originals as they
came in, for the auditor alone; ``incoming/`` what is still being written. All three are on one file system, so that
a rename is atomic.
"""

import hashlib
import os
import re
import secrets
import shutil
from pathlib import Path

_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


def hash_file(path: Path) -> str:
    """The sha256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class BlobStore:
    """The store of bytes under *folder*."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.media = folder / "media"
        self.sealed = folder / "sealed"
        self.incoming = folder / "incoming"
        for part, mode in ((self.media, 0o755), (self.sealed, 0o700), (self.incoming, 0o700)):
            part.mkdir(parents=True, exist_ok=True, mode=mode)

    def get_path(self, sha256: str) -> Path:
        """Where the servable bytes of that hash are, whether or not they are there.

        Raises ValueError when *sha256* is not 64 lower-case hex digits: a name is never a path.
        """
        return self.media / _check_sha256(sha256)[:2] / sha256

    def has(self, sha256: str) -> bool:
        """Whether servable bytes of that hash are kept."""
        return self.get_path(sha256).is_file()

    def get_original_path(self, sha256: str) -> Path:
        """Where the sealed original of that hash is, whether or not it is there."""
        return self.sealed / _check_sha256(sha256)[:2] / sha256

    def has_original(self, sha256: str) -> bool:
        """Whether the sealed original of that hash is kept."""
        return self.get_original_path(sha256).is_file()

    def put(self, data: bytes) -> str:
        """Keep *data* as servable bytes; durable when this returns. Returns its sha256."""
        sha256 = hashlib.sha256(data).hexdigest()
        if not self.has(sha256):
            temporary = self.create_temporary_path()
            temporary.write_bytes(data)
            _move_durably(temporary, self.get_path(sha256), 0o644)
        return sha256

    def put_file(self, temporary: Path) -> str:
        """Make the file *temporary* (of ``incoming``) servable bytes; durable when this returns. Returns its sha256."""
        sha256 = hash_file(temporary)
        if self.has(sha256):
            temporary.unlink()
        else:
            _move_durably(temporary, self.get_path(sha256), 0o644)
        return sha256

    def put_original(self, temporary: Path, sha256: str) -> None:
        """Make the file *temporary* (of ``incoming``) the sealed original of the hash that was computed on the way."""
        if self.has_original(sha256):
            temporary.unlink()
        else:
            _move_durably(temporary, self.get_original_path(sha256), 0o400)

    def create_temporary_path(self, ending: str = "") -> Path:
        """A fresh name in ``incoming``; *ending* is the program's own word, such as ``.mp4``."""
        return self.incoming / (secrets.token_hex(16) + ending)

    def get_free_bytes(self) -> int:
        """What the file system still takes."""
        return shutil.disk_usage(self.folder).free


def _check_sha256(sha256: str) -> str:
    if not _SHA256.match(sha256):
        raise ValueError("not a sha256")
    return sha256


def _move_durably(temporary: Path, target: Path, mode: int) -> None:
    fresh = not target.parent.is_dir()
    target.parent.mkdir(exist_ok=True, mode=0o755 if mode & 0o044 else 0o700)
    descriptor = os.open(temporary, os.O_RDONLY)
    try:
        os.fchmod(descriptor, mode)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    temporary.rename(target)
    sync_folder(target.parent)
    if fresh:
        sync_folder(target.parent.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in *folder* durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
