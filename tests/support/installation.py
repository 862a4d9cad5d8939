"""A real installation in a folder of its own, run as a person would run it."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).resolve().parents[2]
_TIMEOUT_S = 180.0


class ServerInstallation:
    """A copy of what ships, and the commands on it. ``up`` starts the server, ``kill`` ends it as a power cut would."""

    def __init__(self, folder: Path, *, campaigns: bool = True) -> None:
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None
        self.port = find_free_port()
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "config.toml", folder)
        shutil.copytree(ROOT / "assets", folder / "assets")
        (folder / "playlists").mkdir()
        if campaigns:
            for file in (ROOT / "playlists").glob("*.toml"):
                shutil.copy(file, folder / "playlists")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def run(
        self, *args: str, check: bool = True, env: dict[str, str] | None = None
    ) -> "subprocess.CompletedProcess[str]":
        """Run a command of the program in the folder."""
        done = subprocess.run(
            [sys.executable, "-m", "signage", *args],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=300,
            env=_build_environment(env),
        )
        if check and done.returncode != 0:
            raise AssertionError(f"signage {' '.join(args)}: {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    def run_json(self, *args: str) -> Any:
        """What a command prints with ``--json``."""
        return json.loads(self.run(*args, "--json").stdout)

    def start(self, *args: str) -> "ServerInstallation":
        """Start the server and wait until it is ready."""
        self._start_process(*args)
        wait_until(self.is_ready, "the server is ready", lambda: (self.folder / "up.log").read_text("utf-8", "replace"))
        return self

    def start_without_waiting(self, *args: str) -> None:
        """Start the server and wait until it listens, for one that cannot get ready."""
        self._start_process(*args)
        wait_until(lambda: _is_listening(self.port), "the server listens", self.read_log)

    def _start_process(self, *args: str) -> None:
        self.log = (self.folder / "up.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "signage", "up", "--port", str(self.port), *args],
            cwd=self.folder,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            env=_build_environment(None),
            start_new_session=True,
        )

    def is_ready(self) -> bool:
        """Whether the server answers and can do its work."""
        assert self.process is None or self.process.poll() is None, "the server has ended"
        try:
            return requests.get(self.url + "/readyz", timeout=2).status_code == 200
        except requests.RequestException:
            return False

    def read_log(self) -> str:
        """What the server printed so far."""
        return (self.folder / "up.log").read_text("utf-8", "replace")

    def stop(self) -> int:
        """End the server as a service manager would; returns its exit status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout=30)
        self.process = None
        self.log.close()
        return status

    def kill(self) -> None:
        """End the server as a power cut would."""
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=30)
        self.process = None
        self.log.close()
        wait_until(lambda: not _is_listening(self.port), "nothing listens any more")

    def close(self) -> None:
        """End whatever still runs."""
        if self.process is not None:
            self.kill()

    def get_playlist(self, token: str) -> "requests.Response":
        """Poll as the screen of that token."""
        return requests.get(
            self.url + "/screen/v1/playlist.json", headers={"Authorization": f"Bearer {token}"}, timeout=10
        )


def wait_until(true: Any, what: str, more: Any = lambda: "") -> None:
    """Wait until *true()* is; fail after three minutes."""
    end = time.monotonic() + _TIMEOUT_S
    while not true():
        assert time.monotonic() < end, f"in vain waited until {what}\n{more()}"
        time.sleep(0.05)


def _build_environment(extra: dict[str, str] | None) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SIGNAGE_", "LC_", "LANG"))}
    return {**kept, "LANG": "C.UTF-8", **(extra or {})}


def find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_listening(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0
