"""A job gets no more than its limits, and one that exceeds them ends alone."""

import os
import resource
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from signage.library.codecs.clip_jobs import EncodedFile, FilmFacts, FilmJob, ProbeJob
from signage.library.sandbox.confinement import SandboxLimits
from signage.library.sandbox.media_error import MediaError
from signage.library.sandbox.supervisor import SandboxPool, ensure_ended
from signage.model.clip_facts import ClipFacts
from tests.library import films

LIMITS = SandboxLimits(500_000_000, 30, 60, 50_000_000)
PROBE = ProbeJob(max_film_s=3600)


def film_job(width: int = 640, height: int = 480) -> FilmJob:
    facts = FilmFacts(
        width=width, height=height, fit="contain", background="#000000", fps=30, max_kbps=8000,
        quarters=0, mirrored=False, sound=False, loudness_lufs=None,
    )  # fmt: skip
    return FilmJob("0" * 64, facts)


def test_a_child_that_outlives_its_answer_is_ended() -> None:
    lasting = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
    with ensure_ended(lasting.pid):
        pass
    assert lasting.wait(10) == -signal.SIGKILL
    with ensure_ended(lasting.pid):
        pass


def test_a_job_that_takes_too_long_is_ended_and_the_next_runs(sandbox: SandboxPool, tmp_path: Path) -> None:
    film = films.write_film(tmp_path / "long.mp4", rate=25, frames=1500, size=(320, 240))
    heavy, slow = SandboxLimits(500_000_000, 1, 60, 50_000_000), SandboxLimits(500_000_000, 60, 1, 50_000_000)
    for limits, code in ((heavy, "clip-over-limits"), (slow, "library-busy")):
        target = tmp_path / f"out-{limits.cpu_s}"
        with pytest.raises(MediaError) as error:
            sandbox.run(film_job(1920, 1080), list[EncodedFile], limits, film, (target,))
        assert error.value.code == code
    assert sandbox.run(PROBE, ClipFacts, LIMITS, film).duration_ms == 60_000


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a child does not end with its process")
def test_a_killed_worker_process_is_not_blamed_on_the_clip(tmp_path: Path) -> None:
    sandbox = SandboxPool()
    film = films.write_film(tmp_path / "long.mp4", rate=25, frames=1500, size=(320, 240))

    def end(_: float) -> None:
        assert sandbox._process is not None
        sandbox._process.kill()

    with pytest.raises(MediaError) as error:
        sandbox.run(film_job(), list[EncodedFile], LIMITS, film, (tmp_path / "out",), end)
    assert error.value.code == "library-busy"
    sandbox.close()


def test_a_start_timeout_is_not_blamed_on_the_clip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox = SandboxPool()
    film = films.write_film(tmp_path / "film.mp4", frames=25)
    with monkeypatch.context() as patch:
        patch.setattr("signage.library.sandbox.supervisor._START_S", 0.001)
        with pytest.raises(MediaError) as error:
            sandbox.run(PROBE, ClipFacts, LIMITS, film)
    assert error.value.code == "library-busy"
    assert sandbox.run(PROBE, ClipFacts, LIMITS, film).duration_ms == 1000
    sandbox.close()


def test_a_job_that_writes_too_much_is_ended(sandbox: SandboxPool, tmp_path: Path) -> None:
    film = films.write_film(tmp_path / "film.mp4", frames=100)
    with pytest.raises(MediaError):
        sandbox.run(film_job(), list[EncodedFile], SandboxLimits(500_000_000, 30, 60, 2000), film, (tmp_path / "out",))
    assert (tmp_path / "out").stat().st_size <= 2000


def test_a_job_that_needs_too_much_memory_fails_with_its_limit(sandbox: SandboxPool, tmp_path: Path) -> None:
    from PIL import Image

    path = tmp_path / "large.png"
    Image.new("RGB", (8000, 8000)).save(path)
    with pytest.raises(MediaError) as error:
        sandbox.run(PROBE, ClipFacts, SandboxLimits(100_000_000, 30, 60, 1), path)
    assert (error.value.code, error.value.facts["limit"]) == ("clip-over-limits", "memory")
    assert sandbox.run(PROBE, ClipFacts, LIMITS, path).width == 8000


def test_jobs_run_in_parallel_and_a_lost_worker_process_is_restarted(tmp_path: Path) -> None:
    sandbox = SandboxPool()
    film = films.write_film(tmp_path / "film.mp4", frames=25)
    durations: list[int | None] = []

    def probe() -> None:
        for _ in range(5):
            durations.append(sandbox.run(PROBE, ClipFacts, LIMITS, film).duration_ms)

    threads = [threading.Thread(target=probe) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert durations == [1000] * 20
    assert sandbox._process is not None
    os.kill(sandbox._process.pid, signal.SIGKILL)
    sandbox._process.wait()
    assert sandbox.run(PROBE, ClipFacts, LIMITS, film).duration_ms == 1000
    process = sandbox._process
    sandbox.close()
    assert process.poll() is not None


def test_no_secret_of_the_server_is_in_the_sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNAGE_SECRET", "hush")
    sandbox = SandboxPool()
    sandbox.run(PROBE, ClipFacts, LIMITS, films.write_film(tmp_path / "film.mp4", frames=2))
    assert sandbox._process is not None
    if sys.platform == "linux":
        assert b"hush" not in Path(f"/proc/{sandbox._process.pid}/environ").read_bytes()
    sandbox.close()


def test_a_server_with_many_open_files_takes_clips(tmp_path: Path) -> None:
    """As many as a server of many screens has: numbers beyond what select() knows."""
    film = films.write_film(tmp_path / "film.mp4", frames=25)
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, before[1]))
    opened: list[int] = []
    try:
        while not opened or opened[-1] < 1100:
            opened.append(os.open(film, os.O_RDONLY))
        sandbox = SandboxPool()
        assert sandbox.run(PROBE, ClipFacts, LIMITS, film).duration_ms == 1000
        sandbox.close()
    finally:
        for descriptor in opened:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
