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
from signage.library.uploads import HTTP_STATUS_CODES, MAX_UNFINISHED, UploadService, get_refusal
from signage.messages import has_message, render_fault, render_hint
from signage.model.users import Actor
from signage.store.library import clips
from tests.library.conftest import SteppedLibraryClock

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
    upload = library.uploads.create(WANG, "海报.png", len(picture))
    pieces = random.Random(2)
    for _ in range(20):
        with pytest.raises(Cut):
            library.uploads.write(
                upload.id, WANG, upload.offset, cut_after(picture[upload.offset :], pieces.randint(1, 4000))
            )
        before = upload.offset
        library.uploads._hash_states.clear()  # as another process would see it
        upload = library.uploads.get(upload.id, WANG)
        assert upload.offset > before
    upload = library.uploads.write(upload.id, WANG, upload.offset, io.BytesIO(picture[upload.offset :]))
    assert upload.sha256 == hashlib.sha256(picture).hexdigest()
    assert library.blobs.get_original_path(upload.sha256).read_bytes() == picture
    with library.store.read() as connection:
        kept = clips.get_clip(connection, upload.sha256)
    assert kept is not None and (kept.name, kept.unit, kept.added_by) == ("海报.png", "bureau", "wang")
    assert not list(library.blobs.incoming.iterdir())


def test_what_lies_beyond_the_acknowledged_end_after_a_crash_is_cut_off(library: Library, picture: bytes) -> None:
    upload = library.uploads.create(WANG, "a.png", len(picture))
    upload = library.uploads.write(upload.id, WANG, 0, io.BytesIO(picture[:1000]), 1000)
    part = library.blobs.incoming / f"{upload.id}.part"
    with part.open("ab") as file:
        file.write(b"written, never acknowledged")
    again = UploadService(library.store, library.blobs, library.clip_ingest, library.config, library.clock)
    done = again.write(upload.id, WANG, 1000, io.BytesIO(picture[1000:]))
    assert done.sha256 == hashlib.sha256(picture).hexdigest()


def test_an_upload_that_a_crash_kept_from_being_settled_is_settled_when_asked(library: Library, picture: bytes) -> None:
    upload = library.uploads.create(WANG, "a.png", len(picture))
    settle = library.uploads._finish_upload
    library.uploads._finish_upload = lambda upload, actor: upload  # type: ignore[method-assign]
    library.uploads.write(upload.id, WANG, 0, io.BytesIO(picture))
    library.uploads._finish_upload = settle  # type: ignore[method-assign]
    assert library.uploads.finish(upload.id, WANG).sha256 == hashlib.sha256(picture).hexdigest()


def test_a_machine_too_busy_to_look_at_a_clip_refuses_it_for_now_alone(
    library: Library, picture: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> dict[str, object]:
        raise MediaError("library-busy")

    upload = library.uploads.create(WANG, "a.png", len(picture))
    with monkeypatch.context() as patch:
        patch.setattr(library.sandbox, "run", busy)
        for ask in (
            lambda: library.uploads.write(upload.id, WANG, 0, io.BytesIO(picture)),
            lambda: library.uploads.finish(upload.id, WANG),
        ):
            with pytest.raises(Refused) as refused:
                ask()
            assert HTTP_STATUS_CODES[code(refused)] == 503
    again = library.uploads.get(upload.id, WANG)
    assert again.is_complete and again.fault is None
    assert library.uploads.finish(upload.id, WANG).sha256 == hashlib.sha256(picture).hexdigest()


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "md5"])
def test_a_piece_with_a_wrong_checksum_does_not_count(library: Library, picture: bytes, algorithm: str) -> None:
    upload = library.uploads.create(WANG, "a.png", len(picture))
    right = hashlib.new(algorithm, picture[:5000]).digest()
    with pytest.raises(Refused) as refused:
        library.uploads.write(upload.id, WANG, 0, io.BytesIO(picture[1:5001]), 5000, (algorithm, right))
    assert HTTP_STATUS_CODES[code(refused)] == 460
    assert library.uploads.get(upload.id, WANG).offset == 0
    with pytest.raises(Cut):
        library.uploads.write(upload.id, WANG, 0, cut_after(picture, 3000), 5000, (algorithm, right))
    assert library.uploads.get(upload.id, WANG).offset == 0
    upload = library.uploads.write(upload.id, WANG, 0, io.BytesIO(picture[:5000]), 5000, (algorithm, right))
    assert upload.offset == 5000
    done = library.uploads.write(upload.id, WANG, 5000, io.BytesIO(picture[5000:]))
    assert done.sha256 == hashlib.sha256(picture).hexdigest()


def test_wrong_requests_are_refused_and_change_nothing(library: Library, picture: bytes) -> None:
    upload = library.uploads.create(WANG, "a.png", len(picture))
    library.uploads.write(upload.id, WANG, 0, io.BytesIO(picture[:100]), 100)

    def refusal(actor: Actor, offset: int, body: bytes, *more: object, upload_id: str = upload.id) -> int:
        with pytest.raises(Refused) as refused:
            library.uploads.write(upload_id, actor, offset, io.BytesIO(body), *more)  # type: ignore[arg-type]
        return HTTP_STATUS_CODES[code(refused)]

    assert refusal(WANG, 0, picture) == 409
    assert refusal(WANG, 101, picture) == 409
    assert refusal(LI, 100, picture) == 403
    assert refusal(WANG, 100, picture, len(picture)) == 413
    assert refusal(WANG, 100, picture, None, ("crc32", b"")) == 400
    assert refusal(WANG, 0, picture, upload_id="../../etc/passwd") == 404
    assert library.uploads.get(upload.id, WANG).offset == 100
    with pytest.raises(Refused) as refused:
        library.uploads.create(Actor("zhao", frozenset({"auditor"})), "a.png", 10)
    assert refused.value.faults[0].code == "duty-missing"


def test_only_one_request_writes_at_a_time(library: Library, picture: bytes) -> None:
    upload = library.uploads.create(WANG, "a.png", len(picture))

    def read(size: int) -> bytes:
        with pytest.raises(Refused) as refused:
            library.uploads.write(upload.id, WANG, 0, io.BytesIO(picture))
        assert HTTP_STATUS_CODES[code(refused)] == 423
        return b""

    library.uploads.write(upload.id, WANG, 0, read)


def test_what_is_no_clip_is_refused_with_its_cause_and_leaves_nothing(library: Library) -> None:
    body = b"#EXTM3U\nhttp://example.org/a.ts\n"
    upload = library.uploads.create(WANG, "film.mp4", len(body))
    done = library.uploads.write(upload.id, WANG, 0, io.BytesIO(body))
    assert done.is_complete and done.sha256 is None
    refusal = get_refusal(library.uploads.get(upload.id, WANG))
    assert refusal is not None and refusal.faults[0].code == "clip-type"
    assert "M3U" in render_fault(refusal.faults[0], "en")
    assert not [p for p in library.blobs.folder.rglob("*") if p.is_file()]


def test_an_upload_that_is_not_finished_in_time_is_swept_away(
    library: Library, picture: bytes, clock: SteppedLibraryClock
) -> None:
    upload = library.uploads.create(WANG, "a.png", len(picture))
    clock.move(timedelta(days=6))
    library.uploads.write(upload.id, WANG, 0, io.BytesIO(picture[:10]), 10)
    clock.move(timedelta(days=6))
    assert library.uploads.delete_expired() == 0
    clock.move(timedelta(days=2))
    with pytest.raises(Refused) as refused:
        library.uploads.get(upload.id, WANG)
    assert HTTP_STATUS_CODES[code(refused)] == 410
    assert library.uploads.delete_expired() == 1
    assert not list(library.blobs.incoming.iterdir())


def test_an_upload_that_is_given_up_frees_its_room(library: Library) -> None:
    upload = library.uploads.create(WANG, "a.png", 100)
    library.uploads.terminate(upload.id, WANG)
    with pytest.raises(Refused) as refused:
        library.uploads.get(upload.id, WANG)
    assert HTTP_STATUS_CODES[code(refused)] == 404
    assert not list(library.blobs.incoming.iterdir())


def test_a_unit_keeps_to_its_quota(
    library: Library, tmp_path: Path, jail, clock: SteppedLibraryClock, picture: bytes
) -> None:
    config = LibraryConfig(reserve_mb=0, quota_mb=1)
    library.clip_ingest._config = config
    library.uploads.create(WANG, "a.png", 600_000)
    with pytest.raises(Refused) as refused:
        library.uploads.create(LI, "b.png", 600_000)
    assert HTTP_STATUS_CODES[code(refused)] == 413
    library.uploads.create(Actor("sun", frozenset({"operator"}), "station"), "c.png", 600_000)


def test_a_clip_is_brought_for_the_own_unit_and_by_who_has_none_for_any(library: Library, picture: bytes) -> None:
    chief, folder = Actor("sun", frozenset({"operator"})), Actor("folder", frozenset({"operator"}), channel="folder")
    for actor, said, owner in ((WANG, None, "bureau"), (WANG, "bureau", "bureau"), (chief, "station", "station")):
        assert library.uploads.create(actor, "a.png", 100, said).unit == owner
    taken = library.clip_ingest.ingest(io.BytesIO(picture), "a.png", folder)  # type: ignore[arg-type]
    with library.store.read() as connection:
        kept = clips.get_clip(connection, taken.sha256)
    assert kept is not None and kept.unit is None


@pytest.mark.parametrize("said", ["station", "Not A Unit!", "x" * 500, "", "bureau "])
def test_a_clip_for_another_unit_is_refused_at_every_door(library: Library, picture: bytes, said: str) -> None:
    for bring in (
        lambda: library.uploads.create(WANG, "a.png", len(picture), said),
        lambda: library.clip_ingest.ingest(io.BytesIO(picture), "a.png", WANG, said),  # type: ignore[arg-type]
    ):
        with pytest.raises(Refused) as refused:
            bring()
        assert code(refused) == ("not-your-unit" if said == "station" else "id-malformed")
    assert not [p for p in library.blobs.folder.rglob("*") if p.is_file()]


def test_too_large_and_empty_are_told_before_a_byte_is_sent(library: Library) -> None:
    for size, expected in (
        (library.config.max_mb * 1_000_000 + 1, "clip-too-large"),
        (0, "clip-empty"),
        (-1, "upload-size"),
    ):
        with pytest.raises(Refused) as refused:
            library.uploads.create(WANG, "a.png", size)
        assert code(refused) == expected


def test_what_is_announced_takes_no_room_from_others(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library.blobs, "get_free_bytes", lambda: 5_000_000_000)
    library.clip_ingest._config = LibraryConfig(reserve_mb=0, quota_mb=0)
    for _ in range(MAX_UNFINISHED - 1):
        library.uploads.create(WANG, "a.mp4", 4_000_000_000)
    assert library.uploads.create(LI, "b.png", 4_000_000_000)


def test_a_person_has_no_more_than_so_many_unfinished_uploads(
    library: Library, picture: bytes, clock: SteppedLibraryClock
) -> None:
    def full() -> str:
        with pytest.raises(Refused) as refused:
            library.uploads.create(WANG, "b.png", len(picture))
        assert HTTP_STATUS_CODES[code(refused)] == 429
        assert str(MAX_UNFINISHED) in render_fault(refused.value.faults[0], "en")
        return code(refused)

    first, second, *_ = [library.uploads.create(WANG, "a.png", len(picture)) for _ in range(MAX_UNFINISHED)]
    assert full() == "upload-many"
    assert len(list(library.blobs.incoming.iterdir())) == MAX_UNFINISHED
    assert library.uploads.create(LI, "b.png", 100)
    library.uploads.terminate(first.id, WANG)
    library.uploads.create(WANG, "b.png", len(picture))
    assert full() == "upload-many"
    assert library.uploads.write(second.id, WANG, 0, io.BytesIO(picture)).sha256
    library.uploads.create(WANG, "b.png", len(picture))
    assert full() == "upload-many"
    clock.move(timedelta(days=8))
    assert library.uploads.create(WANG, "b.png", len(picture))


def test_the_disk_keeps_its_reserve_while_pieces_come(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two uploads for which there was room at first, the one that comes too late is told, and goes on later."""
    library.clip_ingest._config = LibraryConfig(reserve_mb=1)
    parts, disk = library.blobs.incoming, 9_000_000
    monkeypatch.setattr(library.blobs, "get_free_bytes", lambda: disk - sum(p.stat().st_size for p in parts.iterdir()))
    first = library.uploads.create(WANG, "a.mp4", 8_000_000)
    second = library.uploads.create(LI, "b.mp4", 8_000_000)
    library.uploads.write(first.id, WANG, 0, io.BytesIO(bytes(5_000_000)), 5_000_000)
    with pytest.raises(Refused) as refused:
        library.uploads.write(second.id, LI, 0, io.BytesIO(bytes(8_000_000)))
    assert HTTP_STATUS_CODES[code(refused)] == 507
    assert library.blobs.get_free_bytes() >= 1_000_000
    kept = library.uploads.get(second.id, LI).offset
    assert 0 < kept == (parts / f"{second.id}.part").stat().st_size
    with pytest.raises(Refused) as refused:
        library.clip_ingest.ingest(cast(BinaryIO, Unsized(bytes(3_000_000))), "c.mp4", LI)
    assert code(refused) == "library-disk-full"
    assert library.blobs.get_free_bytes() >= 1_000_000
    library.uploads.terminate(first.id, WANG)
    assert library.uploads.write(second.id, LI, kept, io.BytesIO(bytes(100)), 100).offset == kept + 100


class Unsized(io.BytesIO):
    """Bytes of which nobody knows beforehand how many."""

    def seekable(self) -> bool:
        return False


def test_a_full_disk_keeps_what_was_acknowledged(library: Library, picture: bytes, monkeypatch) -> None:
    upload = library.uploads.create(WANG, "a.png", len(picture))
    upload = library.uploads.write(upload.id, WANG, 0, io.BytesIO(picture[:50_000]), 50_000)
    monkeypatch.setattr(library.blobs, "get_free_bytes", lambda: 10)
    with pytest.raises(Refused) as refused:
        library.uploads.write(upload.id, WANG, 50_000, io.BytesIO(picture[50_000:]))
    assert HTTP_STATUS_CODES[code(refused)] == 507
    with pytest.raises(Refused) as refused:
        library.uploads.create(WANG, "b.png", 100)
    assert HTTP_STATUS_CODES[code(refused)] == 507
    monkeypatch.undo()
    write = os.write

    def full(file: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(Refused) as refused:
        library.uploads.write(upload.id, WANG, 50_000, io.BytesIO(picture[50_000:]))
    assert HTTP_STATUS_CODES[code(refused)] == 507
    monkeypatch.setattr(os, "write", write)
    assert library.uploads.get(upload.id, WANG).offset == 50_000
    done = library.uploads.write(upload.id, WANG, 50_000, io.BytesIO(picture[50_000:]))
    assert done.sha256 == hashlib.sha256(picture).hexdigest()
