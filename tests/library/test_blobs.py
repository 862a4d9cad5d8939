"""Bytes are kept whole, by their hash, and names are never paths."""

import hashlib
import io
import os
import stat
from pathlib import Path

import pytest

from signage.library.blobs import BlobAlteredError, BlobStore


def test_the_same_bytes_are_kept_once(tmp_path: Path) -> None:
    blobs = BlobStore(tmp_path)
    first, again = blobs.put(b"picture"), blobs.put(b"picture")
    assert first == again == hashlib.sha256(b"picture").hexdigest()
    assert blobs.get_path(first).read_bytes() == b"picture"
    assert [p for p in blobs.media.rglob("*") if p.is_file()] == [blobs.get_path(first)]
    assert not list(blobs.incoming.iterdir())


def seal(blobs: BlobStore, data: bytes) -> str:
    private = blobs.copy_private(io.BytesIO(data))
    blobs.seal(private)
    return private.sha256


def test_a_file_is_copied_under_its_own_hash_and_later_writes_to_the_source_do_not_reach_it(tmp_path: Path) -> None:
    blobs = BlobStore(tmp_path)
    temporary = blobs.create_temporary_path()
    with temporary.open("wb", buffering=0) as held_open:
        held_open.write(b"film")
        sha256 = blobs.put_copy(temporary)
        held_open.write(b"other")
    assert blobs.get_path(sha256).read_bytes() == b"film"
    assert sha256 == hashlib.sha256(b"film").hexdigest()


def test_a_refused_copy_leaves_no_file(tmp_path: Path) -> None:
    blobs = BlobStore(tmp_path)

    def refuse(count: int) -> None:
        raise OSError(count)

    with pytest.raises(OSError, match="4"):
        blobs.copy_private(io.BytesIO(b"film"), refuse)
    assert not list(blobs.incoming.iterdir())


def test_originals_are_sealed_and_never_served(tmp_path: Path) -> None:
    blobs = BlobStore(tmp_path)
    sha256 = seal(blobs, b"original")
    assert not blobs.has(sha256)
    assert blobs.has_original(sha256)
    assert stat.S_IMODE(blobs.get_original_path(sha256).stat().st_mode) == 0o400
    assert stat.S_IMODE(blobs.sealed.stat().st_mode) == 0o700


@pytest.mark.parametrize("is_verified_before", [False, True])
def test_an_original_with_other_bytes_is_not_opened_and_sealing_again_mends_it(
    tmp_path: Path, is_verified_before: bool
) -> None:
    blobs = BlobStore(tmp_path)
    sha256 = seal(blobs, b"original")
    if is_verified_before:
        blobs.open_original(sha256).close()
    path = blobs.get_original_path(sha256)
    times = path.stat().st_atime_ns, path.stat().st_mtime_ns
    path.chmod(0o600)
    path.write_bytes(b"ORIGINAL")
    os.utime(path, ns=times)
    with pytest.raises(BlobAlteredError):
        blobs.open_original(sha256)
    assert not blobs.has_original(sha256)
    assert seal(blobs, b"original") == sha256
    with blobs.open_original(sha256) as file:
        assert file.read() == b"original"


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 64 + "\n", "a" * 65])
def test_what_is_not_a_hash_is_never_a_path(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="sha256"):
        BlobStore(tmp_path).get_path(name)
