"""Benchmark: polls of an unchanged playlist, whole playlists and films, beside nginx with the same bytes as files.

The server is the real one (``signage up`` over an empty folder), pinned to one core, the load generator (wrk) to
another; both servers are measured alternately, so that other load of the machine affects both alike.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from signage.bench.support.result_rows import create_row
from signage.bench.support.server_process import build_pinning_command
from signage.library.blobs import BlobStore
from signage.library.service import FOLDER_NAME

SECONDS, ROUNDS, CONNECTIONS = 4, 3, 32
GOALS = {"unchanged": 0.55, "whole": 0.5, "media": 0.8}
_TOOLS = ("nginx", "wrk")
_NGINX_CONFIG = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; keepalive_requests 1000000000; sendfile on; default_type application/json;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ listen 127.0.0.1:{port}; root {folder}/files; }}
}}
"""


def run() -> list[dict[str, Any]]:
    """Return the rows of ``signage bench poll``."""
    missing = [tool for tool in _TOOLS if shutil.which(tool) is None]
    if missing:
        return [create_row("poll", f"not measured: {' and '.join(missing)} not installed", 0, "")]
    with (
        tempfile.TemporaryDirectory() as folder,
        _run_signage(Path(folder)) as ours,
        _run_nginx(Path(folder), ours) as theirs,
    ):
        rows = [_compare(name, ours, theirs) for name in ("unchanged", "whole", "media")]
        rows.append(create_row("poll", "memory of the server's processes", ours.get_memory_mb(), "MB", goal=300))
    return rows


def _compare(name: str, ours: "_BenchServer", theirs: "_BenchServer") -> dict[str, Any]:
    missing_tools = [(_run_wrk(ours, name), _run_wrk(theirs, name)) for _ in range(ROUNDS)]
    mine, nginx = (max(column) for column in zip(*missing_tools, strict=True))
    description = {"unchanged": "polls answered 304", "whole": "documents answered 200", "media": "films of 4 MB"}[name]
    return create_row("poll", description, mine, "/s", yardstick=nginx, goal=GOALS[name], at_most=False)


class _BenchServer:
    """Address of a server, and the paths to request."""

    def __init__(self, port: int, document: str, media: str, processes: list[int]) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.paths = {"unchanged": document, "whole": document, "media": media}
        self._process_ids = processes
        with urllib.request.urlopen(self.url + document) as answer:  # noqa: S310 (our own address)
            self.etag, self.document = answer.headers["ETag"], answer.read()

    def get_memory_mb(self) -> float:
        """Return the memory of the server's processes; shared pages count once per process."""
        status_texts = [Path(f"/proc/{pid}/status").read_text("utf-8") for pid in self._process_ids]
        return (
            sum(int(text.partition("VmRSS:")[2].split()[0]) * 1024 for text in status_texts if "VmRSS:" in text) / 1e6
        )


def _run_wrk(server: _BenchServer, name: str) -> float:
    """Return responses per second."""
    command = [*build_pinning_command(1), "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s"]
    if name == "unchanged":
        command += ["-H", f"If-None-Match: {server.etag}"]
    command.append(server.url + server.paths[name])
    process = subprocess.run(command, capture_output=True, text=True, check=True, timeout=SECONDS * 5)
    match = re.search(r"Requests/sec:\s+([0-9.]+)", process.stdout)
    assert match is not None, process.stdout
    assert "Non-2xx" not in process.stdout or name == "unchanged", process.stdout
    return float(match[1])


@contextmanager
def _run_signage(folder: Path) -> Iterator[_BenchServer]:
    """Run the real server with one demo screen's playlist and a film in its library."""
    (folder / "config.toml").write_text("", "utf-8")
    (folder / "playlists").mkdir()
    command = [*build_pinning_command(0), sys.executable, "-m", "signage", "up", "--demo", "--port", "0"]
    with _run_process(command, folder) as process:
        token, port = _wait_until_ready(process)
        name = BlobStore(folder / "var" / FOLDER_NAME).put(os.urandom(4 << 20))
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        workers = map(int, children.read_text("ascii").split()) if children.exists() else ()
        yield _BenchServer(port, f"/s/{token}/playlist.json", f"/media/{name}.mp4", [process.pid, *workers])


def _wait_until_ready(process: "subprocess.Popen[str]") -> tuple[str, int]:
    assert process.stdout is not None
    token, port = "", 0
    for line in process.stdout:
        link = re.search(r":(\d+)/s/([^/\s]+)/", line)
        if link:
            port, token = int(link[1]), link[2]
        if line.startswith("ready"):
            return token, port
    raise RuntimeError("the server did not start")


@contextmanager
def _run_nginx(folder: Path, ours: _BenchServer) -> Iterator[_BenchServer]:
    """Run nginx with the same bytes as files."""
    files = folder / "files"
    files.mkdir()
    (files / "playlist.json").write_bytes(ours.document)
    (files / "film.mp4").write_bytes(os.urandom(4 << 20))
    folder.chmod(0o755)
    port = int(ours.url.rpartition(":")[2]) + 1
    (folder / "nginx.conf").write_text(_NGINX_CONFIG.format(folder=folder, port=port))
    with _run_process(
        [*build_pinning_command(0), "nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder)], folder
    ):
        _wait_for_port(port)
        yield _BenchServer(port, "/playlist.json", "/film.mp4", [])


def _wait_for_port(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("nginx did not start")


@contextmanager
def _run_process(command: list[str], folder: Path) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)
