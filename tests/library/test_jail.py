"""The walls hold: no files, no network, no programs, no more than the limits; whoever breaks them ends alone."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from signage.library.jail import Jail
from signage.library.unfit import Unfit
from signage.library.walls import Limits
from tests.library import films

ROOT = Path(__file__).resolve().parents[2]
LIMITS = Limits(500_000_000, 30, 60, 50_000_000)
PROBE = {"max_megapixels": 80, "max_film_s": 3600}
FILM = {
    "width": 640, "height": 480, "fps": 30, "max_kbps": 8000, "fit": "contain", "background": "#000000",
    "sound": False, "loudness_lufs": None, "quarters": 0, "mirrored": False,
}  # fmt: skip

TRIES = {
    "open": "os.open('/etc/passwd', os.O_RDONLY)",
    "write": "open('out', 'w')",
    "unlink": "os.unlink('there')",
    "rename": "os.rename('there', 'elsewhere')",
    "mkdir": "os.mkdir('new')",
    "chmod": "os.chmod('there', 0o777)",
    "socket": "socket.socket()",
    "unix socket": "socket.socket(socket.AF_UNIX)",
    "pair": "socket.socketpair()",
    "exec": "os.execv('/bin/true', ['true'])",
    "kill": "os.kill(os.getppid(), 0)",
    "core": "assert resource.getrlimit(resource.RLIMIT_CORE) != (0, 0)",
    "memory": "bytearray(600_000_000)",
    "raise limits": "resource.setrlimit(resource.RLIMIT_NOFILE, (65, 65)) if os.getuid() else open('x')",
}


@pytest.mark.skipif(sys.platform != "linux", reason="system calls are refused by Linux alone")
@pytest.mark.parametrize("attempt", TRIES.values(), ids=TRIES)
def test_behind_the_walls_there_is_nothing(tmp_path: Path, attempt: str) -> None:
    (tmp_path / "there").write_text("x")
    program = f"""
import os, resource, socket
from signage.library.walls import Limits, enclose
walls = enclose(Limits(500_000_000, 30, 60, 1000))
assert "system calls" in walls, walls
try:
    {attempt}
except (OSError, MemoryError, AssertionError, ValueError) as error:
    os.write(1, type(error).__name__.encode())
else:
    os.write(1, b"it was possible")
os._exit(0)
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, env=environment)
    assert done.stdout in (b"PermissionError", b"MemoryError", b"AssertionError", b"ValueError"), done
    assert [p.name for p in tmp_path.iterdir()] == ["there"]


def test_one_that_takes_too_long_is_ended_and_the_next_goes_on(jail: Jail, tmp_path: Path) -> None:
    film = films.write(tmp_path / "long.mp4", rate=25, frames=1500, size=(320, 240))
    for limits in (Limits(500_000_000, 1, 60, 50_000_000), Limits(500_000_000, 60, 1, 50_000_000)):
        target = tmp_path / f"out-{limits.cpu_s}"
        with pytest.raises(Unfit) as unfit:
            jail.run("film", FILM | {"width": 1920, "height": 1080}, limits, film, (target,))
        assert unfit.value.code == "clip-over-limits"
    assert jail.run("probe", PROBE, LIMITS, film)["duration_ms"] == 60_000


def test_one_that_writes_too_much_is_ended(jail: Jail, tmp_path: Path) -> None:
    film = films.write(tmp_path / "film.mp4", frames=100)
    with pytest.raises(Unfit):
        jail.run("film", FILM, Limits(500_000_000, 30, 60, 2000), film, (tmp_path / "out",))
    assert (tmp_path / "out").stat().st_size <= 2000


def test_one_that_wants_too_much_memory_is_told_so(jail: Jail, tmp_path: Path) -> None:
    from PIL import Image

    path = tmp_path / "large.png"
    Image.new("RGB", (8000, 8000)).save(path)
    with pytest.raises(Unfit) as unfit:
        jail.run("probe", PROBE, Limits(100_000_000, 30, 60, 1), path)
    assert (unfit.value.code, unfit.value.facts["limit"]) == ("clip-over-limits", "memory")
    assert jail.run("probe", PROBE, LIMITS, path)["width"] == 8000


def test_jobs_run_at_once_and_a_lost_process_is_made_anew(tmp_path: Path) -> None:
    jail = Jail()
    film = films.write(tmp_path / "film.mp4", frames=25)
    found: list[int] = []

    def look() -> None:
        for _ in range(5):
            found.append(jail.run("probe", PROBE, LIMITS, film)["duration_ms"])

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [1000] * 20
    assert jail._process is not None
    os.kill(jail._process.pid, signal.SIGKILL)
    jail._process.wait()
    assert jail.run("probe", PROBE, LIMITS, film)["duration_ms"] == 1000
    process = jail._process
    jail.close()
    assert process.poll() is not None


def test_no_secret_of_the_server_is_in_the_jail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNAGE_SECRET", "hush")
    jail = Jail()
    jail.run("probe", PROBE, LIMITS, films.write(tmp_path / "film.mp4", frames=2))
    assert jail._process is not None
    if sys.platform == "linux":
        assert b"hush" not in Path(f"/proc/{jail._process.pid}/environ").read_bytes()
    jail.close()
