"""Runs each decoding job in a confined child process (``confinement.py``): uploaded bytes are decoded nowhere else.

1. The child receives open files, never names: the clip to read, and the files to write results to.
2. The kernel ends a child that exceeds its limits; only its own job fails. The supervisor ends it too, once it has
   answered, closed its pipe or run too long: no child outlives its job.
3. A child that the wall-clock limit ended ran on a busy machine; one whose parent process was killed had no chance.
   Neither says anything about the clip: the job fails with ``library-busy`` and may be tried again.
4. The process that forks the children (``codecs/worker_process.py``) is restarted when it has ended.
"""

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, TypeVar

import msgspec

from signage.library.sandbox.confinement import SandboxLimits
from signage.library.sandbox.job_messages import NOT_DONE, ProgressCallback, SandboxAnswer, SandboxJob
from signage.library.sandbox.media_error import MediaError

_START_S = 30.0
_GRACE_S = 5.0
_INHERITED_VARIABLES = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "VIRTUAL_ENV")
T = TypeVar("T")


def ignore_progress(_: float) -> None:
    """Receive progress and do nothing."""


class SandboxPool:
    """Runs jobs in confined children, in parallel for several threads. The first job starts the worker process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._pid = os.getpid()

    def run(
        self,
        job: msgspec.Struct,
        result_type: type[T],
        limits: SandboxLimits,
        source: Path | BinaryIO,
        outputs: tuple[Path, ...] = (),
        progress: ProgressCallback = ignore_progress,
    ) -> T:
        """Run *job* on the bytes of *source*, write the new files *outputs*, return the result as *result_type*.

        *source*: a path, or an open file at its beginning. Raises MediaError when the clip is at fault, when the child
        exceeded a limit or crashed, or with the code ``library-busy`` when the machine had no time for the job (3).
        """
        started_at_s = time.monotonic()
        message = msgspec.json.encode(SandboxJob(msgspec.Raw(msgspec.json.encode(job)), limits))
        read_end, write_end = os.pipe()
        try:
            files = [write_end, _open_source(source)]
            try:
                flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
                files += [os.open(output, flags, 0o600) for output in outputs]
                process, child = self._fork_child(message, files)
            finally:
                for file in files:
                    os.close(file)
            with ensure_ended(child):
                result = _wait_for_result(read_end, started_at_s + limits.wall_s + _GRACE_S, progress)
            if result is None:
                raise _explain_missing_answer(process, started_at_s, limits)
            return _decode(result, result_type)
        finally:
            os.close(read_end)

    def close(self) -> None:
        """End the worker process, and with it every child."""
        with self._lock:
            self._end_process()

    def _fork_child(self, message: bytes, files: list[int]) -> tuple["subprocess.Popen[bytes]", int]:
        """Return the worker process that forked the child, and the process id of the child."""
        with self._lock:
            for is_last_try in (False, True):
                try:
                    process, control = self._ensure_process()
                    socket.send_fds(control, [message], files)
                    return process, int(_read_line(control, _START_S))
                except TimeoutError:
                    self._end_process()
                    raise MediaError("library-busy") from None
                except (OSError, ValueError):
                    self._end_process()
                    if is_last_try:
                        raise
        raise AssertionError("unreachable")

    def _ensure_process(self) -> tuple["subprocess.Popen[bytes]", socket.socket]:
        if self._pid != os.getpid():  # after a fork the worker process belongs to the parent
            self._process = self._control = None
            self._pid = os.getpid()
        if self._control is not None and self._process is not None and self._process.poll() is None:
            return self._process, self._control
        self._end_process()
        self._control, worker_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        with worker_end:
            command = [sys.executable, "-P", "-m", "signage.library.codecs.worker_process", str(worker_end.fileno())]
            self._process = subprocess.Popen(
                command, pass_fds=[worker_end.fileno()], stdin=subprocess.DEVNULL, env=_build_environment()
            )
        _read_line(self._control, _START_S)
        return self._process, self._control

    def _end_process(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            try:
                self._process.wait(1)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = self._control = None


def _open_source(source: Path | BinaryIO) -> int:
    """Return a descriptor of its own for *source*; an open file is passed on as it is, whatever its name holds now."""
    if isinstance(source, Path):
        return os.open(source, os.O_RDONLY | os.O_CLOEXEC)
    return os.dup(source.fileno())


def _build_environment() -> dict[str, str]:
    """Return an environment without secrets, and with numeric libraries that start no threads: the process forks."""
    inherited = {name: value for name, value in os.environ.items() if name in _INHERITED_VARIABLES}
    root = str(Path(__file__).resolve().parents[3])
    return {**inherited, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONPATH": root}


def _read_line(control: socket.socket, seconds: float) -> bytes:
    control.settimeout(seconds)
    line = b""
    while not line.endswith(b"\n"):
        byte = control.recv(1)
        if not byte:
            raise OSError("the sandbox worker process has ended")
        line += byte
    return line


@contextlib.contextmanager
def ensure_ended(child: int) -> Iterator[None]:
    """End the process *child* on exit. On Linux by its pidfd: a new process with the same id is never hit."""
    try:
        handle = os.pidfd_open(child) if sys.platform == "linux" else None
    except OSError:  # the child has ended already
        yield
        return
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            if handle is None:
                os.kill(child, signal.SIGKILL)
            else:
                signal.pidfd_send_signal(handle, signal.SIGKILL)
        if handle is not None:
            os.close(handle)


def _wait_for_result(pipe: int, until: float, progress: ProgressCallback) -> msgspec.Raw | None:
    """Return the result of the child; None when the child ended, or *until* (monotonic s) passed, without one."""
    rest = b""
    poller = select.poll()  # select() fails for descriptors above 1023, and a server of many screens has more open
    poller.register(pipe, select.POLLIN)
    while True:
        ready = poller.poll(max(0.0, until - time.monotonic()) * 1000)
        data = os.read(pipe, 1 << 16) if ready else b""
        if not data:
            return None
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            answer = _parse_answer(line)
            if answer.done != NOT_DONE:
                return answer.done
            if answer.progress is not None:
                progress(answer.progress)
        if len(rest) > 1 << 20:
            raise MediaError("clip-damaged", why="its decoder sent too long an answer")


def _explain_missing_answer(
    process: "subprocess.Popen[bytes]", started_at_s: float, limits: SandboxLimits
) -> MediaError:
    """Return why a child ended without an answer (3)."""
    if time.monotonic() - started_at_s >= limits.wall_s or process.poll() is not None:
        return MediaError("library-busy")
    return MediaError("clip-over-limits", limit="time or memory")


def _decode(data: bytes | msgspec.Raw, type_: type[T]) -> T:
    try:
        return msgspec.json.decode(data, type=type_)
    except msgspec.MsgspecError:
        raise MediaError("clip-damaged", why="its decoder sent an invalid answer") from None


def _parse_answer(line: bytes) -> SandboxAnswer:
    answer = _decode(line, SandboxAnswer)
    if answer.media_error is not None:
        raise MediaError(answer.media_error[0], **answer.media_error[1])
    if answer.crashed is not None:
        raise MediaError("clip-damaged", why=answer.crashed)
    return answer
