"""A real Granian over a module of the tests, on a free port of 127.0.0.1."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def run_granian(target: str, **environ: str) -> Iterator[int]:
    """The port on which *target* is served until the end of the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = [
        "--interface",
        "wsgi",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--blocking-threads",
        "64",
        "--http",
        "1",
    ]
    command = [
        sys.executable,
        "-m",
        "granian",
        *options,
        "--backpressure",
        "256",
        "--workers-kill-timeout",
        "2",
        target,
    ]
    process = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **environ}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        _wait_until_ready(process, port)
        yield port
    finally:
        process.terminate()
        process.communicate(timeout=20)


def _wait_until_ready(process: "subprocess.Popen[bytes]", port: int) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as probe:
                probe.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
                if probe.recv(16).startswith(b"HTTP/1"):
                    return
        except OSError:
            time.sleep(0.05)
        assert process.poll() is None, process.communicate()[0]
    raise AssertionError("Granian did not start")
