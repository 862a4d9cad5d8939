"""Two processes write different bytes to one upload: what is sealed is always what its name says, and stays so."""

import hashlib
import io
import multiprocessing
import random
from collections.abc import Callable
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest
from PIL import Image

from signage.faults import Refused
from signage.library.service import Library
from signage.library.settings import LibraryConfig
from signage.model.users import Actor
from signage.store.engine import Store
from signage.store.migrate import migrate_database
from tests.support.clips import create_upload, write_upload

WANG = Actor("wang", frozenset({"operator"}), None, "api")
ROUNDS = 6
SIZE = 96


def draw_picture(seed: int) -> bytes:
    target = io.BytesIO()
    Image.frombytes("RGB", (SIZE, SIZE), random.Random(seed).randbytes(3 * SIZE * SIZE)).save(target, "BMP")
    return target.getvalue()


def open_library(state: Path) -> Library:
    return Library(Store(state / "signage.db"), state, LibraryConfig(reserve_mb=0))


def read_slowly(data: bytes, seed: int) -> Callable[[int], bytes]:
    source, sizes = io.BytesIO(data), random.Random(seed)
    return lambda size: source.read(min(size, sizes.randint(1, 9000)))


def upload_again_and_again(state: Path, upload_ids: list[str], seed: int, barrier: Barrier) -> None:
    library = open_library(state)
    data = draw_picture(seed)
    for number, upload_id in enumerate(upload_ids):
        barrier.wait()
        while True:
            try:
                upload = library.uploads.get(upload_id, WANG)
                if upload.is_complete:
                    break
                write_upload(library, upload_id, WANG, upload.offset, read_slowly(data[upload.offset :], seed + number))
            except Refused as refused:
                assert refused.faults[0].code in ("upload-busy", "upload-offset"), refused
    library.stop()


@pytest.mark.slow
def test_two_processes_race_for_one_upload_and_every_clip_is_its_own_hash(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    migrate_database(Store(state / "signage.db"))
    library = open_library(state)
    size = len(draw_picture(1))
    upload_ids = [create_upload(library, WANG, "a.bmp", size).id for _ in range(ROUNDS)]
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(2)
    racers = [context.Process(target=upload_again_and_again, args=(state, upload_ids, n, barrier)) for n in (1, 2)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(120)
        assert racer.exitcode == 0
    for upload_id in upload_ids:
        sha256 = library.uploads.get(upload_id, WANG).sha256
        assert sha256 is not None
        path = library.blobs.get_original_path(sha256)
        assert hashlib.sha256(path.read_bytes()).hexdigest() == sha256
        assert path.stat().st_nlink == 1
        assert path.stat().st_size == size
    assert not list(library.blobs.incoming.iterdir())
