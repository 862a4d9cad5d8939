"""Clips are converted once, in the background, and no crash loses a request."""

import os
import signal
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from signage.library.catalog import RENDITION_LEASE
from signage.library.codecs.clip_jobs import FilmJob
from signage.library.rendition_worker import MAX_TRIES, RenditionWorker
from signage.library.sandbox.media_error import MediaError
from signage.library.sandbox.supervisor import SandboxPool
from signage.library.service import Library
from signage.store import change_counter as revision
from signage.store.library import clips
from signage.store.library import renditions as rows
from tests.library import films
from tests.library.conftest import SteppedLibraryClock
from tests.library.items import TAXI, create_campaign, create_clip_item, create_panel
from tests.support.clips import add_clip

PANEL = create_panel(64, 48)


def request_film(library: Library, tmp_path: Path, **more: object) -> str:
    """Ingest a film and request it for a panel; return its sha256."""
    path = films.write_film(tmp_path / "film.mp4", **{"frames": 25, **more})  # type: ignore[arg-type]
    sha256 = add_clip(library, path, "film.mp4").sha256
    one = create_clip_item(sha256)
    assert library.catalog.request_rendition(create_campaign(one), one, PANEL)
    return sha256


def get_states(library: Library, sha256: str) -> dict[str, str]:
    with library.store.read() as connection:
        return {
            row.recipe["job"] + str(row.recipe["facts"]["width"]): row.state
            for row in rows.list_renditions_of_clip(connection, sha256)
        }


def test_a_rendition_is_made_once(library: Library, worker: RenditionWorker, tmp_path: Path) -> None:
    sha256 = request_film(library, tmp_path)
    one = create_clip_item(sha256)
    assert library.catalog.get_or_create_item(create_campaign(one), one, PANEL) is None
    assert not library.catalog.request_rendition(create_campaign(one), one, PANEL)
    assert worker.drain() == 3  # the film, its thumbnail, its poster
    assert worker.drain() == 0
    same = create_panel(64, 48)
    assert library.catalog.get_or_create_item(create_campaign(one), one, same) is not None
    assert not library.catalog.request_rendition(create_campaign(one), one, same)
    other = create_clip_item(sha256, look=one.look)
    assert library.catalog.get_or_create_item(create_campaign(other), other, TAXI) is None


def test_a_finished_rendition_increments_the_change_counter(
    library: Library, worker: RenditionWorker, tmp_path: Path
) -> None:
    request_film(library, tmp_path)
    with library.store.read() as connection:
        before = revision.get_current(connection)
    worker.drain()
    with library.store.read() as connection:
        assert revision.get_current(connection) > before
        assert "renditions" in revision.get_counters(connection)


@pytest.mark.parametrize("times", [1, MAX_TRIES])
def test_a_busy_machine_is_retried_a_few_times(
    library: Library, worker: RenditionWorker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    sha256 = request_film(library, tmp_path)
    run, left = worker._sandbox.run, [times]

    def busy(job: Struct, *more: Any) -> Any:
        if isinstance(job, FilmJob) and left[0]:
            left[0] -= 1
            raise MediaError("library-busy")
        return run(job, *more)

    monkeypatch.setattr(worker._sandbox, "run", busy)
    worker.drain()
    assert get_states(library, sha256)["film64"] == ("done" if times < MAX_TRIES else "failed")


def test_a_clip_gets_its_thumbnail_and_poster(library: Library, worker: RenditionWorker, tmp_path: Path) -> None:
    sha256 = request_film(library, tmp_path, size=(640, 480), turn=90)
    worker.drain()
    from PIL import Image

    with library.store.read() as connection:
        kept = clips.get_clip(connection, sha256)
    assert kept is not None and kept.thumbnail and kept.poster
    path = library.find_media(kept.thumbnail)
    assert path is not None
    with Image.open(path) as thumbnail:
        assert (thumbnail.format, thumbnail.size) == ("JPEG", (240, 320))


def test_a_clip_that_is_added_again_has_its_previews_at_once(
    library: Library, worker: RenditionWorker, tmp_path: Path
) -> None:
    sha256 = request_film(library, tmp_path)
    worker.drain()
    with library.store.write() as connection:
        clips.delete_clip(connection, sha256)
    assert add_clip(library, tmp_path / "film.mp4", "again.mp4").is_new
    with library.store.read() as connection:
        kept = clips.get_clip(connection, sha256)
    assert kept is not None and kept.thumbnail and kept.poster


def test_a_signal_to_all_processes_loses_no_request(library: Library, tmp_path: Path) -> None:
    sha256 = request_film(library, tmp_path, frames=3000, size=(320, 240))
    library.start()
    try:
        until = time.monotonic() + 60
        while not any(p.stat().st_size for p in library.blobs.incoming.iterdir()) and time.monotonic() < until:
            threading.Event().wait(0.02)
        assert library._worker is not None and library._worker._sandbox._process is not None
        os.kill(library._worker._sandbox._process.pid, signal.SIGTERM)
        threading.Event().wait(0.3)
    finally:
        library.stop()
    assert get_states(library, sha256)["film64"] in ("waiting", "done")


def test_a_worker_that_was_killed_loses_nothing(
    library: Library, worker: RenditionWorker, tmp_path: Path, clock: SteppedLibraryClock
) -> None:
    sha256 = request_film(library, tmp_path)
    with library.store.write() as connection:
        for name in ("elsewhere:1:0", f"{os.uname().nodename}:{2**22 + 1}:0"):
            rows.claim_next_rendition(connection, name, clock.now(), RENDITION_LEASE, 3)
    worker.reclaim_orphaned()  # this machine's process is no more; the other machine's lease must run out
    assert sorted(get_states(library, sha256).values()) == ["waiting", "waiting", "working"]
    worker.drain()
    assert sorted(get_states(library, sha256).values()) == ["done", "done", "working"]
    clock.move(RENDITION_LEASE + timedelta(seconds=1))
    worker.drain()
    assert set(get_states(library, sha256).values()) == {"done"}


def test_a_clip_that_crashes_every_worker_is_given_up(
    library: Library, worker: RenditionWorker, tmp_path: Path, clock: SteppedLibraryClock
) -> None:
    sha256 = request_film(library, tmp_path)
    for _ in range(9):
        with library.store.write() as connection:
            rows.claim_next_rendition(connection, "elsewhere:1:0", clock.now(), RENDITION_LEASE, 3)
        clock.move(RENDITION_LEASE + timedelta(seconds=1))
    assert worker.drain() == 0
    assert set(get_states(library, sha256).values()) == {"failed"}
    one = create_clip_item(sha256)
    length = library.catalog.get_length(create_campaign(one), one, PANEL)
    assert not isinstance(length, int) and length.code == "rendition-gave-up"


def test_a_clip_that_cannot_be_converted_does_not_stop_the_others(
    library: Library, worker: RenditionWorker, tmp_path: Path, sandbox: SandboxPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha256 = request_film(library, tmp_path)
    run, broken = sandbox.run, []

    def breaks(job: Struct, *more: Any) -> Any:
        if isinstance(job, FilmJob):
            broken.append("film")
            raise MediaError("clip-damaged", why="a broken frame")
        return run(job, *more)

    monkeypatch.setattr(sandbox, "run", breaks)
    worker.drain()
    assert get_states(library, sha256) == {"film64": "failed", "poster320": "done", "poster1280": "done"}
    one = create_clip_item(sha256)
    length = library.catalog.get_length(create_campaign(one), one, PANEL)
    assert not isinstance(length, int) and (length.code, length.facts["name"]) == ("clip-damaged", "film.mp4")
    assert worker.drain() == 0 and broken == ["film"]


@pytest.mark.slow
def test_a_stop_leaves_the_work_to_the_next_start(library: Library, tmp_path: Path) -> None:
    sha256 = request_film(library, tmp_path, frames=4000, size=(320, 240))
    with library.store.write() as connection:
        for row in rows.list_renditions_of_clip(connection, sha256):
            if row.recipe["job"] == "poster":
                rows.finish_rendition(connection, row.key, "done", (), library.clock.now())
    library.start()
    until = time.monotonic() + 60
    while "working" not in get_states(library, sha256).values() and time.monotonic() < until:
        threading.Event().wait(0.02)
    library.stop()
    assert get_states(library, sha256)["film64"] == "waiting"
    assert not list(library.blobs.incoming.iterdir())


def test_an_altered_original_is_not_converted_until_it_is_uploaded_again(
    library: Library, worker: RenditionWorker, tmp_path: Path
) -> None:
    sha256 = request_film(library, tmp_path)
    path = library.blobs.get_original_path(sha256)
    path.chmod(0o600)
    path.write_bytes(films.write_film(tmp_path / "other.mp4", frames=30).read_bytes())
    worker.drain()
    assert set(get_states(library, sha256).values()) == {"failed"}
    with library.store.read() as connection:
        assert {row.result.code for row in rows.list_renditions_of_clip(connection, sha256)} == {"clip-altered"}  # type: ignore[union-attr]
    request_film(library, tmp_path)
    worker.drain()
    assert set(get_states(library, sha256).values()) == {"done"}
