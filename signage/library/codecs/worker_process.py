"""Worker process of the sandbox: loads the decoders once and forks one confined child per job.

Started as ``python -m signage.library.codecs.worker_process FD``. Over the socket FD it receives a job with open files,
forks, and answers the process id of the child. The child confines itself, works on those files alone and writes lines
of JSON to the first of them: ``{"progress": 0.5}`` any number of times, then ``{"done": …}`` or ``{"media_error": …}``.
The process ends when the other end of the socket closes.
"""

import contextlib
import os
import pkgutil
import signal
import socket
import sys
import warnings
from collections.abc import Mapping
from importlib import import_module
from typing import BinaryIO

import msgspec

from signage.library.codecs.clip_jobs import ProbeJob, RenditionSpec
from signage.library.sandbox.confinement import confine
from signage.library.sandbox.job_messages import JobFunction, SandboxAnswer, SandboxJob
from signage.library.sandbox.media_error import MediaError

MAX_MESSAGE = 1 << 16
MAX_FILES = 8


def load_jobs() -> Mapping[type, JobFunction]:
    """Return job type → function; importing the functions loads the decoders."""
    from PIL import Image

    from signage.library.codecs import images, probe, video

    _import_all("av", "PIL.BmpImagePlugin", "PIL.GifImagePlugin", "PIL.JpegImagePlugin", "PIL.MpoImagePlugin")
    _import_all("PIL.PngImagePlugin", "PIL.TiffImagePlugin", "PIL.WebPImagePlugin", "PIL.ImageCms", "encodings.idna")
    Image.preinit()
    return {**probe.JOBS, **images.JOBS, **video.JOBS}


def _import_all(*names: str) -> None:
    """Import modules with their submodules before confinement: a confined process cannot open files."""
    for name in names:
        module = import_module(name)
        for submodule in pkgutil.iter_modules(getattr(module, "__path__", ())):
            if not submodule.name.startswith("__"):
                _import_all(f"{name}.{submodule.name}")


def serve(control: socket.socket) -> None:
    """Fork a child for each job until the other end of the socket closes."""
    functions = load_jobs()
    warnings.simplefilter("ignore")  # the answer carries what decoders find, not the log
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children are not waited for: the end of a child closes its pipe
    control.sendall(b"ready\n")
    while True:
        message, files, _, _ = socket.recv_fds(control, MAX_MESSAGE, MAX_FILES)
        if not message:
            return
        child = os.fork()
        if child == 0:
            control.close()
            _run_child(functions, message, files)
        for file in files:
            os.close(file)
        control.sendall(f"{child}\n".encode())


def _run_child(functions: Mapping[type, JobFunction], message: bytes, files: list[int]) -> None:
    """Run one job and end the process; never returns."""
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        job = msgspec.json.decode(message, type=SandboxJob)
        confine(job.limits)
        _run_job(functions, job, files)
    except BaseException as error:
        with contextlib.suppress(BaseException):
            _send_answer(files[0], SandboxAnswer(crashed=f"{type(error).__name__}: {error}"[:500]))
    finally:
        os._exit(0)


def _send_answer(pipe: int, answer: SandboxAnswer) -> None:
    os.write(pipe, msgspec.json.encode(answer) + b"\n")


def _run_job(functions: Mapping[type, JobFunction], message: SandboxJob, files: list[int]) -> None:
    handles: list[BinaryIO] = [os.fdopen(file, "rb" if n == 0 else "r+b") for n, file in enumerate(files[1:])]
    try:
        job = msgspec.json.decode(message.job, type=ProbeJob | RenditionSpec)
        result = functions[type(job)](
            handles, job, message.limits, lambda fraction: _send_answer(files[0], SandboxAnswer(progress=fraction))
        )
        for handle in handles[1:]:
            handle.flush()
        _send_answer(files[0], SandboxAnswer(done=msgspec.Raw(msgspec.json.encode(result))))
    except MediaError as error:
        _send_answer(files[0], SandboxAnswer(media_error=(error.code, error.facts)))
    except MemoryError:
        _send_answer(files[0], SandboxAnswer(media_error=("clip-over-limits", {"limit": "memory"})))


def main() -> None:
    """Serve the socket whose descriptor is the only argument."""
    for number in (signal.SIGINT, signal.SIGTERM):  # handled by the parent, which closes the socket
        signal.signal(number, signal.SIG_IGN)
    with socket.socket(fileno=int(sys.argv[1])) as control:
        serve(control)


if __name__ == "__main__":
    main()
