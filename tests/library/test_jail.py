"""The walls hold: no files, no network, no programs, no more than the limits; whoever breaks them ends alone."""

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

ROOT = Path(__file__).resolve().parents[2]
LIMITS = SandboxLimits(500_000_000, 30, 60, 50_000_000)
PROBE = ProbeJob(max_film_s=3600)


def film_job(width: int = 640, height: int = 480) -> FilmJob:
    facts = FilmFacts(
        width=width, height=height, fit="contain", background="#000000", fps=30, max_kbps=8000,
        quarters=0, mirrored=False, sound=False, loudness_lufs=None,
    )  # fmt: skip
    return FilmJob("0" * 64, facts)


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
    "fork": "os.fork()",
    "vfork": "call(58, 1071)",
    "clone": "call(56, 220, 17, 0, 0, 0, 0)",
    "clone3": "call(435, 435, ctypes.create_string_buffer(b'', 88), 88)",
    "spawn": "os.posix_spawn('/bin/true', ['true'], {})",
    "memory file": "os.memfd_create('x')",
    "shared memory": "call(29, 194, 0, 4096, 0o1600)",
    "attached memory": "call(30, 196, 1, 0, 0)",
    "semaphore": "call(64, 190, 0, 1, 0o1600)",
    "messages": "call(68, 186, 0, 0o1600)",
    "queue": "call(240, 180, b'x', 0o102, 0o600, None)",
    "priority": "os.setpriority(os.PRIO_PROCESS, os.getppid(), 5)",
    "own priority": "os.nice(1)",
    "affinity": "os.sched_setaffinity(os.getppid(), {0})",
    "limits of another": "resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE)",
    "own limits": "resource.prlimit(0, resource.RLIMIT_NOFILE, (60, 60))",
    "times": "os.utime('there')",
    "times of an open file": "os.utime(there)",
    "attribute": "os.setxattr('there', 'user.x', b'1')",
    "attribute of an open file": "os.setxattr(there, 'user.x', b'1')",
    "no attribute": "os.removexattr('there', 'user.x')",
    "owner": "os.chown('there', 1, 1)",
    "owner of a link": "os.lchown('there', 1, 1)",
    "owner of an open file": "os.fchown(there, 1, 1)",
    "mode of an open file": "os.fchmod(there, 0o777)",
    "mode by flags": "call(452, 452, -100, b'there', 0o777, 0)",
    "link": "os.link('there', 'elsewhere')",
    "symbolic link": "os.symlink('there', 'elsewhere')",
    "truncate": "os.truncate('there', 0)",
    "stat": "os.stat('there')",
    "readlink": "os.readlink('/proc/self/exe')",
    "access": "call(269, 48, -100, b'there', 0)",
    "list": "os.listdir(folder)",
    "change folder": "os.fchdir(folder)",
    "watch": "call(294, 26, 0)",
    "mark of an open file": "fcntl.fcntl(there, 8, os.getppid())",
    "lease": "fcntl.fcntl(there, 1024, 0)",
    "lock": "fcntl.flock(there, fcntl.LOCK_EX)",
    "keys to the terminal": "fcntl.ioctl(0, 0x5412, b'x')",
    "flags of an open file": "fcntl.ioctl(there, 0x40086602, bytes(8))",
    "signal to a thread of another": "call(234, 131, os.getppid(), os.getppid(), 0)",
    "signal with a value": "call(129, 138, os.getppid(), 0, ctypes.create_string_buffer(128))",
    "outlive its parent": "call(157, 167, 1, 0, 0, 0, 0)",
    "stop the clock": "call(38, 103, 0, ctypes.create_string_buffer(32), None)",
    "session": "os.setsid()",
    "user": "os.setuid(1)",
    "machine": "call(170, 161, b'', 65)",
    "mount": "call(165, 40, b'x', b'x', b'x', 0, 0)",
    "name space": "call(272, 97, 0x20000000)",
    "not yet invented": "call(999, 999)",
    "core": "assert resource.getrlimit(resource.RLIMIT_CORE) != (0, 0)",
    "memory": "bytearray(600_000_000)",
    "raise limits": "resource.setrlimit(resource.RLIMIT_NOFILE, (65, 65)) if os.getuid() else open('x')",
}


@pytest.mark.skipif(sys.platform != "linux", reason="system calls are refused by Linux alone")
@pytest.mark.parametrize("attempt", TRIES.values(), ids=TRIES)
def test_behind_the_walls_there_is_nothing(tmp_path: Path, attempt: str) -> None:
    (tmp_path / "there").write_text("x")
    program = f"""
import ctypes, fcntl, os, platform, resource, socket
from signage.library.sandbox.confinement import SandboxLimits, confine

def call(x86_64, aarch64, *facts):
    if libc.syscall(x86_64 if platform.machine() == "x86_64" else aarch64, *facts) == -1:
        raise PermissionError if ctypes.get_errno() in (1, 38) else OSError(ctypes.get_errno(), "")

libc = ctypes.CDLL(None, use_errno=True)
there, folder = os.open("there", os.O_RDWR), os.open(".", os.O_RDONLY)
walls = confine(SandboxLimits(500_000_000, 30, 60, 1000))
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


@pytest.mark.skipif(sys.platform != "linux", reason="system calls are granted by Linux alone")
def test_threads_run_behind_the_walls_and_no_name_is_known_there() -> None:
    program = """
import ctypes, os, threading
from signage.library.sandbox.confinement import SandboxLimits, confine
walls = confine(SandboxLimits(500_000_000, 30, 60, 1))
threads = [threading.Thread(target=os.write, args=(1, b"x")) for _ in range(3)]
for thread in threads:
    thread.start()
    thread.join()
libc = ctypes.CDLL(None, use_errno=True)
known = libc.fstatat(-100, b"/etc", ctypes.create_string_buffer(512), 0x1000) == 0
os.write(1, b"unknown" if not known or "empty root" not in walls else b"known")
os._exit(0)
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, env=environment)
    assert done.stdout == b"xxxunknown", done


@pytest.mark.skipif(sys.platform != "linux" or os.getuid() != 0, reason="only root is sure to get a root of its own")
def test_root_gets_every_wall(tmp_path: Path) -> None:
    program = "from signage.library.sandbox.confinement import *\n"
    program += "walls = confine(SandboxLimits(500_000_000, 30, 60, 1))\nprint(*walls)"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, env=environment, text=True)
    if "network name space" in done.stdout:  # a container's root may lack both rights
        assert done.stdout.strip() == "limits, network name space, empty root, system calls".replace(",", ""), done
    assert not list(tmp_path.iterdir())


def test_one_that_lives_on_after_its_answer_is_ended() -> None:
    lasting = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
    with ensure_ended(lasting.pid):
        pass
    assert lasting.wait(10) == -signal.SIGKILL
    with ensure_ended(lasting.pid):
        pass


def test_one_that_takes_too_long_is_ended_and_the_next_goes_on(jail: SandboxPool, tmp_path: Path) -> None:
    film = films.write_film(tmp_path / "long.mp4", rate=25, frames=1500, size=(320, 240))
    heavy, slow = SandboxLimits(500_000_000, 1, 60, 50_000_000), SandboxLimits(500_000_000, 60, 1, 50_000_000)
    for limits, code in ((heavy, "clip-over-limits"), (slow, "library-busy")):
        target = tmp_path / f"out-{limits.cpu_s}"
        with pytest.raises(MediaError) as unfit:
            jail.run(film_job(1920, 1080), list[EncodedFile], limits, film, (target,))
        assert unfit.value.code == code
    assert jail.run(PROBE, ClipFacts, LIMITS, film).duration_ms == 60_000


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a child does not end with its process")
def test_one_whose_process_is_ended_says_nothing_of_the_clip(tmp_path: Path) -> None:
    jail = SandboxPool()
    film = films.write_film(tmp_path / "long.mp4", rate=25, frames=1500, size=(320, 240))

    def end(_: float) -> None:
        assert jail._process is not None
        jail._process.kill()

    with pytest.raises(MediaError) as unfit:
        jail.run(film_job(), list[EncodedFile], LIMITS, film, (tmp_path / "out",), end)
    assert unfit.value.code == "library-busy"
    jail.close()


def test_a_machine_too_busy_to_begin_says_nothing_of_the_clip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jail = SandboxPool()
    film = films.write_film(tmp_path / "film.mp4", frames=25)
    with monkeypatch.context() as patch:
        patch.setattr("signage.library.sandbox.supervisor._START_S", 0.001)
        with pytest.raises(MediaError) as unfit:
            jail.run(PROBE, ClipFacts, LIMITS, film)
    assert unfit.value.code == "library-busy"
    assert jail.run(PROBE, ClipFacts, LIMITS, film).duration_ms == 1000
    jail.close()


def test_one_that_writes_too_much_is_ended(jail: SandboxPool, tmp_path: Path) -> None:
    film = films.write_film(tmp_path / "film.mp4", frames=100)
    with pytest.raises(MediaError):
        jail.run(film_job(), list[EncodedFile], SandboxLimits(500_000_000, 30, 60, 2000), film, (tmp_path / "out",))
    assert (tmp_path / "out").stat().st_size <= 2000


def test_one_that_wants_too_much_memory_is_told_so(jail: SandboxPool, tmp_path: Path) -> None:
    from PIL import Image

    path = tmp_path / "large.png"
    Image.new("RGB", (8000, 8000)).save(path)
    with pytest.raises(MediaError) as unfit:
        jail.run(PROBE, ClipFacts, SandboxLimits(100_000_000, 30, 60, 1), path)
    assert (unfit.value.code, unfit.value.facts["limit"]) == ("clip-over-limits", "memory")
    assert jail.run(PROBE, ClipFacts, LIMITS, path).width == 8000


def test_jobs_run_at_once_and_a_lost_process_is_made_anew(tmp_path: Path) -> None:
    jail = SandboxPool()
    film = films.write_film(tmp_path / "film.mp4", frames=25)
    found: list[int | None] = []

    def look() -> None:
        for _ in range(5):
            found.append(jail.run(PROBE, ClipFacts, LIMITS, film).duration_ms)

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [1000] * 20
    assert jail._process is not None
    os.kill(jail._process.pid, signal.SIGKILL)
    jail._process.wait()
    assert jail.run(PROBE, ClipFacts, LIMITS, film).duration_ms == 1000
    process = jail._process
    jail.close()
    assert process.poll() is not None


def test_no_secret_of_the_server_is_in_the_jail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNAGE_SECRET", "hush")
    jail = SandboxPool()
    jail.run(PROBE, ClipFacts, LIMITS, films.write_film(tmp_path / "film.mp4", frames=2))
    assert jail._process is not None
    if sys.platform == "linux":
        assert b"hush" not in Path(f"/proc/{jail._process.pid}/environ").read_bytes()
    jail.close()


def test_a_server_with_many_open_files_takes_clips(tmp_path: Path) -> None:
    """As many as a server of many screens has: numbers beyond what select() knows."""
    film = films.write_film(tmp_path / "film.mp4", frames=25)
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, before[1]))
    opened: list[int] = []
    try:
        while not opened or opened[-1] < 1100:
            opened.append(os.open(film, os.O_RDONLY))
        jail = SandboxPool()
        assert jail.run(PROBE, ClipFacts, LIMITS, film).duration_ms == 1000
        jail.close()
    finally:
        for descriptor in opened:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
