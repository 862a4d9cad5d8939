"""Uploads in pieces: cut, resumed, checked, given up; whatever happens, what was acknowledged is there."""

import hashlib
import io
import os
import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO, cast

import pytest
from PIL import Image

from signage.faults import Refused
from signage.library.sandbox.media_error import MediaError
from signage.library.service import Library
from signage.library.settings import LibraryConfig
from signage.library.uploads.service import MAX_UNFINISHED, UploadService, get_refusal
from signage.messages import has_message, render_fault, render_hint
from signage.model.users import Actor
from signage.store.engine import Store
from signage.store.library import clips
from tests.library.conftest import SteppedLibraryClock
from tests.support.clips import add_clip, create_upload, finish_upload, write_upload

WANG = Actor("wang", frozenset({"operator"}), "bureau", "api")
LI = Actor("li", frozenset({"operator"}), "bureau", "api")


@pytest.fixture
def picture() -> bytes:
    noise = Image.frombytes("RGB", (200, 200), random.Random(1).randbytes(120_000))
    target = io.BytesIO()
    noise.save(target, "PNG")
    return target.getvalue()


class Cut(Exception):  # noqa: N818
    """The line went dead."""


def cut_after(data: bytes, count: int) -> Callable[[int], bytes]:
    """Reads *data*, and after *count* bytes the line goes dead."""
    source = io.BytesIO(data[:count])

    def read(size: int) -> bytes:
        chunk = source.read(min(size, 5000))
        if not chunk:
            raise Cut
        return chunk

    return read


def code(refused: pytest.ExceptionInfo[Refused]) -> str:
    fault = refused.value.faults[0]
    assert has_message(fault.code)
    for language in ("zh", "en"):
        assert "{" not in render_fault(fault, language) + render_hint(fault, language)
    return fault.code


def test_a_film_cut_twenty_times_arrives_whole(library: Library, picture: bytes) -> None:
    upload = create_upload(library, WANG, "海报.png", len(picture))
    pieces = random.Random(2)
    for _ in range(20):
        with pytest.raises(Cut):
            write_upload(
                library, upload.id, WANG, upload.offset, cut_after(picture[upload.offset :], pieces.randint(1, 4000))
            )
        before = upload.offset
        upload = library.uploads.get(upload.id, WANG)
        assert upload.offset > before
    upload = write_upload(library, upload.id, WANG, upload.offset, io.BytesIO(picture[upload.offset :]))
    assert upload.sha256 == hashlib.sha256(picture).hexdigest()
    assert library.blobs.get_original_path(upload.sha256).read_bytes() == picture
    with library.store.read() as connection:
        kept = clips.get_clip(connection, upload.sha256)
    assert kept is not None and (kept.name, kept.unit, kept.added_by) == ("海报.png", "bureau", "wang")
    assert not list(library.blobs.incoming.iterdir())


def test_what_lies_beyond_the_acknowledged_end_after_a_crash_is_cut_off(library: Library, picture: bytes) -> None:
    upload = create_upload(library, WANG, "a.png", len(picture))
    upload = write_upload(library, upload.id, WANG, 0, io.BytesIO(picture[:1000]), 1000)
    part = library.blobs.incoming / f"{upload.id}.part"
    with part.open("ab") as file:
        file.write(b"written, never acknowledged")
    again = UploadService(library.store, library.blobs, library.clip_ingest, library.config, library.clock)
    library.uploads = again
    done = write_upload(library, upload.id, WANG, 1000, io.BytesIO(picture[1000:]))
    assert done.sha256 == hashlib.sha256(picture).hexdigest()


def test_an_upload_that_a_crash_kept_from_being_settled_is_settled_when_asked(library: Library, picture: bytes) -> None:
    upload = create_upload(library, WANG, "a.png", len(picture))
    settle = library.uploads._finish_upload
    library.uploads._finish_upload = lambda lock, upload, record: upload  # type: ignore[method-assign]
    write_upload(library, upload.id, WANG, 0, io.BytesIO(picture))
    library.uploads._finish_upload = settle  # type: ignore[method-assign]
    assert finish_upload(library, upload.id, WANG).sha256 == hashlib.sha256(picture).hexdigest()


def test_a_machine_too_busy_to_look_at_a_clip_refuses_it_for_now_alone(
    library: Library, picture: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> dict[str, object]:
        raise MediaError("library-busy")

    upload = create_upload(library, WANG, "a.png", len(picture))
    with monkeypatch.context() as patch:
        patch.setattr(library.sandbox, "run", busy)
        for ask in (
            lambda: write_upload(library, upload.id, WANG, 0, io.BytesIO(picture)),
            lambda: finish_upload(library, upload.id, WANG),
        ):
            with pytest.raises(Refused) as refused:
                ask()
            assert code(refused) == "library-busy"
    again = library.uploads.get(upload.id, WANG)
    assert again.is_complete and again.fault is None
    assert finish_upload(library, upload.id, WANG).sha256 == hashlib.sha256(picture).hexdigest()


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "md5"])
def test_a_piece_with_a_wrong_checksum_does_not_count(library: Library, picture: bytes, algorithm: str) -> None:
    upload = create_upload(library, WANG, "a.png", len(picture))
    right = hashlib.new(algorithm, picture[:5000]).digest()
    with pytest.raises(Refused) as refused:
        write_upload(library, upload.id, WANG, 0, io.BytesIO(picture[1:5001]), 5000, (algorithm, right))
    assert code(refused) == "upload-checksum"
    assert library.uploads.get(upload.id, WANG).offset == 0
    with pytest.raises(Cut):
        write_upload(library, upload.id, WANG, 0, cut_after(picture, 3000), 5000, (algorithm, right))
    assert library.uploads.get(upload.id, WANG).offset == 0
    upload = write_upload(library, upload.id, WANG, 0, io.BytesIO(picture[:5000]), 5000, (algorithm, right))
    assert upload.offset == 5000
    done = write_upload(library, upload.id, WANG, 5000, io.BytesIO(picture[5000:]))
    assert done.sha256 == hashlib.sha256(picture).hexdigest()


def test_wrong_requests_are_refused_and_change_nothing(library: Library, picture: bytes) -> None:
    upload = create_upload(library, WANG, "a.png", len(picture))
    write_upload(library, upload.id, WANG, 0, io.BytesIO(picture[:100]), 100)

    def refusal(actor: Actor, offset: int, body: bytes, *more: object, upload_id: str = upload.id) -> str:
        with pytest.raises(Refused) as refused:
            write_upload(library, upload_id, actor, offset, io.BytesIO(body), *more)  # type: ignore[arg-type]
        return code(refused)

    assert refusal(WANG, 0, picture) == "upload-offset"
    assert refusal(WANG, 101, picture) == "upload-offset"
    assert refusal(LI, 100, picture) == "upload-not-yours"
    assert refusal(WANG, 100, picture, len(picture)) == "upload-longer"
    assert refusal(WANG, 100, picture, None, ("crc32", b"")) == "upload-checksum-unknown"
    assert refusal(WANG, 0, picture, upload_id="../../etc/passwd") == "upload-unknown"
    assert library.uploads.get(upload.id, WANG).offset == 100


def test_only_one_request_writes_at_a_time(library: Library, picture: bytes) -> None:
    upload = create_upload(library, WANG, "a.png", len(picture))

    def read(size: int) -> bytes:
        with pytest.raises(Refused) as refused:
            write_upload(library, upload.id, WANG, 0, io.BytesIO(picture))
        assert code(refused) == "upload-busy"
        return b""

    write_upload(library, upload.id, WANG, 0, read)


def test_a_second_service_cannot_write_to_an_upload_that_another_is_receiving(library: Library, picture: bytes) -> None:
    upload = create_upload(library, WANG, "a.png", len(picture))
    here = library.uploads
    elsewhere = UploadService(
        Store(library.store.path), library.blobs, library.clip_ingest, library.config, library.clock
    )

    def read(size: int) -> bytes:
        library.uploads = elsewhere
        with pytest.raises(Refused) as refused:
            write_upload(library, upload.id, WANG, 0, io.BytesIO(picture))
        assert code(refused) == "upload-busy"
        library.uploads = here
        return b""

    assert write_upload(library, upload.id, WANG, 0, read).offset == 0


def test_a_request_that_stalled_longer_than_its_lease_counts_for_nothing(
    library: Library, picture: bytes, clock: SteppedLibraryClock
) -> None:
    upload = create_upload(library, WANG, "a.png", len(picture))
    chunks = iter([b"x" * 100, b"y" * 100])

    def read(size: int) -> bytes:
        chunk = next(chunks)
        if chunk.startswith(b"y"):
            clock.move(timedelta(minutes=5))
            assert write_upload(library, upload.id, WANG, 0, io.BytesIO(picture)).sha256
        return chunk

    with pytest.raises(Refused) as refused:
        write_upload(library, upload.id, WANG, 0, read)
    assert code(refused) == "upload-busy"
    done = library.uploads.get(upload.id, WANG)
    assert done.sha256 == hashlib.sha256(picture).hexdigest()
    with library.blobs.open_original(done.sha256) as original:
        assert original.read() == picture


def test_a_file_that_is_still_open_elsewhere_cannot_change_the_sealed_clip(library: Library, picture: bytes) -> None:
    upload = create_upload(library, WANG, "a.png", len(picture))
    with (library.blobs.incoming / f"{upload.id}.part").open("r+b", buffering=0) as held_open:
        sha256 = write_upload(library, upload.id, WANG, 0, io.BytesIO(picture)).sha256
        held_open.write(b"other bytes")
    assert sha256 == hashlib.sha256(picture).hexdigest()
    assert library.blobs.get_original_path(sha256).read_bytes() == picture


def test_what_is_no_clip_is_refused_with_its_cause_and_leaves_nothing(library: Library) -> None:
    body = b"#EXTM3U\nhttp://example.org/a.ts\n"
    upload = create_upload(library, WANG, "film.mp4", len(body))
    done = write_upload(library, upload.id, WANG, 0, io.BytesIO(body))
    assert done.is_complete and done.sha256 is None
    refusal = get_refusal(library.uploads.get(upload.id, WANG))
    assert refusal is not None and refusal.faults[0].code == "clip-type"
    assert "M3U" in render_fault(refusal.faults[0], "en")
    assert not [p for p in library.blobs.folder.rglob("*") if p.is_file()]


def test_an_upload_that_is_not_finished_in_time_is_swept_away(
    library: Library, picture: bytes, clock: SteppedLibraryClock
) -> None:
    upload = create_upload(library, WANG, "a.png", len(picture))
    clock.move(timedelta(days=6))
    write_upload(library, upload.id, WANG, 0, io.BytesIO(picture[:10]), 10)
    clock.move(timedelta(days=6))
    assert library.uploads.delete_expired() == 0
    clock.move(timedelta(days=2))
    with pytest.raises(Refused) as refused:
        library.uploads.get(upload.id, WANG)
    assert code(refused) == "upload-over"
    assert library.uploads.delete_expired() == 1
    assert not list(library.blobs.incoming.iterdir())


def test_an_upload_that_is_given_up_frees_its_room(library: Library) -> None:
    upload = create_upload(library, WANG, "a.png", 100)
    library.uploads.terminate(upload.id, WANG)
    with pytest.raises(Refused) as refused:
        library.uploads.get(upload.id, WANG)
    assert code(refused) == "upload-unknown"
    assert not list(library.blobs.incoming.iterdir())


def test_a_unit_keeps_to_its_quota(
    library: Library, tmp_path: Path, sandbox, clock: SteppedLibraryClock, picture: bytes
) -> None:
    config = LibraryConfig(reserve_mb=0, quota_mb=1)
    library.clip_ingest._config = config
    create_upload(library, WANG, "a.png", 600_000)
    with pytest.raises(Refused) as refused:
        create_upload(library, LI, "b.png", 600_000)
    assert code(refused) == "library-quota"
    create_upload(library, Actor("sun", frozenset({"operator"}), "station"), "c.png", 600_000)


def test_too_large_and_empty_are_told_before_a_byte_is_sent(library: Library) -> None:
    for size, expected in (
        (library.config.max_mb * 1_000_000 + 1, "clip-too-large"),
        (0, "clip-empty"),
        (-1, "upload-size"),
    ):
        with pytest.raises(Refused) as refused:
            create_upload(library, WANG, "a.png", size)
        assert code(refused) == expected


def test_what_is_announced_takes_no_room_from_others(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library.blobs, "get_free_bytes", lambda: 5_000_000_000)
    library.clip_ingest._config = LibraryConfig(reserve_mb=0, quota_mb=0)
    for _ in range(MAX_UNFINISHED - 1):
        create_upload(library, WANG, "a.mp4", 4_000_000_000)
    assert create_upload(library, LI, "b.png", 4_000_000_000)


def test_a_person_has_no_more_than_so_many_unfinished_uploads(
    library: Library, picture: bytes, clock: SteppedLibraryClock
) -> None:
    def full() -> str:
        with pytest.raises(Refused) as refused:
            create_upload(library, WANG, "b.png", len(picture))
        assert code(refused) == "upload-many"
        assert str(MAX_UNFINISHED) in render_fault(refused.value.faults[0], "en")
        return code(refused)

    first, second, *_ = [create_upload(library, WANG, "a.png", len(picture)) for _ in range(MAX_UNFINISHED)]
    assert full() == "upload-many"
    assert len(list(library.blobs.incoming.iterdir())) == MAX_UNFINISHED
    assert create_upload(library, LI, "b.png", 100)
    library.uploads.terminate(first.id, WANG)
    create_upload(library, WANG, "b.png", len(picture))
    assert full() == "upload-many"
    assert write_upload(library, second.id, WANG, 0, io.BytesIO(picture)).sha256
    create_upload(library, WANG, "b.png", len(picture))
    assert full() == "upload-many"
    clock.move(timedelta(days=8))
    assert create_upload(library, WANG, "b.png", len(picture))


def test_the_disk_keeps_its_reserve_while_pieces_come(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two uploads for which there was room at first, the one that comes too late is told, and goes on later."""
    library.clip_ingest._config = LibraryConfig(reserve_mb=1)
    parts, disk = library.blobs.incoming, 9_000_000
    monkeypatch.setattr(library.blobs, "get_free_bytes", lambda: disk - sum(p.stat().st_size for p in parts.iterdir()))
    first = create_upload(library, WANG, "a.mp4", 8_000_000)
    second = create_upload(library, LI, "b.mp4", 8_000_000)
    write_upload(library, first.id, WANG, 0, io.BytesIO(bytes(5_000_000)), 5_000_000)
    with pytest.raises(Refused) as refused:
        write_upload(library, second.id, LI, 0, io.BytesIO(bytes(8_000_000)))
    assert code(refused) == "library-disk-full"
    assert library.blobs.get_free_bytes() >= 1_000_000
    kept = library.uploads.get(second.id, LI).offset
    assert 0 < kept == (parts / f"{second.id}.part").stat().st_size
    with pytest.raises(Refused) as refused:
        add_clip(library, cast(BinaryIO, Unsized(bytes(3_000_000))), "c.mp4", LI)
    assert code(refused) == "library-disk-full"
    assert library.blobs.get_free_bytes() >= 1_000_000
    library.uploads.terminate(first.id, WANG)
    assert write_upload(library, second.id, LI, kept, io.BytesIO(bytes(100)), 100).offset == kept + 100


class Unsized(io.BytesIO):
    """Bytes of which nobody knows beforehand how many."""

    def seekable(self) -> bool:
        return False


def test_a_full_disk_keeps_what_was_acknowledged(library: Library, picture: bytes, monkeypatch) -> None:
    upload = create_upload(library, WANG, "a.png", len(picture))
    upload = write_upload(library, upload.id, WANG, 0, io.BytesIO(picture[:50_000]), 50_000)
    monkeypatch.setattr(library.blobs, "get_free_bytes", lambda: 10)
    with pytest.raises(Refused) as refused:
        write_upload(library, upload.id, WANG, 50_000, io.BytesIO(picture[50_000:]))
    assert code(refused) == "library-disk-full"
    with pytest.raises(Refused) as refused:
        create_upload(library, WANG, "b.png", 100)
    assert code(refused) == "library-disk-full"
    monkeypatch.undo()
    write = os.write

    def full(file: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(Refused) as refused:
        write_upload(library, upload.id, WANG, 50_000, io.BytesIO(picture[50_000:]))
    assert code(refused) == "library-disk-full"
    monkeypatch.setattr(os, "write", write)
    assert library.uploads.get(upload.id, WANG).offset == 50_000
    done = write_upload(library, upload.id, WANG, 50_000, io.BytesIO(picture[50_000:]))
    assert done.sha256 == hashlib.sha256(picture).hexdigest()
