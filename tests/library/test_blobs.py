"""Bytes are kept whole, by their hash, and names are never paths."""

import hashlib
import stat
from pathlib import Path

import pytest

from signage.library.blobs import BlobStore


def test_the_same_bytes_are_kept_once(tmp_path: Path) -> None:
    blobs = BlobStore(tmp_path)
    first, again = blobs.put(b"picture"), blobs.put(b"picture")
    assert first == again == hashlib.sha256(b"picture").hexdigest()
    assert blobs.get_path(first).read_bytes() == b"picture"
    assert [p for p in blobs.media.rglob("*") if p.is_file()] == [blobs.get_path(first)]
    assert not list(blobs.incoming.iterdir())


def test_a_file_is_adopted_under_its_own_hash(tmp_path: Path) -> None:
    blobs = BlobStore(tmp_path)
    temporary = blobs.create_temporary_path()
    temporary.write_bytes(b"film")
    sha256 = blobs.put_file(temporary)
    assert blobs.has(sha256)
    assert not temporary.exists()


def test_originals_are_sealed_and_never_served(tmp_path: Path) -> None:
    blobs = BlobStore(tmp_path)
    temporary = blobs.create_temporary_path()
    temporary.write_bytes(b"original")
    sha256 = hashlib.sha256(b"original").hexdigest()
    blobs.put_original(temporary, sha256)
    assert not blobs.has(sha256)
    assert blobs.has_original(sha256)
    assert stat.S_IMODE(blobs.get_original_path(sha256).stat().st_mode) == 0o400
    assert stat.S_IMODE(blobs.sealed.stat().st_mode) == 0o700


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 64 + "\n", "a" * 65])
def test_what_is_not_a_hash_is_never_a_path(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="sha256"):
        BlobStore(tmp_path).get_path(name)
