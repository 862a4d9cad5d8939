"""A full-screen window, by mpv as a program of its own, told over its JSON socket what to show.

mpv draws stills and films alike and keeps the last picture until the next one is there, so nothing black comes between.
It is handed renditions that move by themselves (strips as MP4 or GIF): a strip's picture alone it cannot scroll.
"""

import json
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from msgspec import UNSET
from PIL import Image

from signage.player.drivers import PLAYABLE, Quiet, Turn
from signage.player.health import Trouble
from signage.player.media.images import Size
from signage.protocol.playlist import PlaylistMedia

START_S = 10.0
OPTIONS = (
    "--idle=yes", "--force-window=yes", "--fullscreen=yes", "--no-osc", "--no-osd-bar", "--osd-level=0",
    "--no-input-default-bindings", "--cursor-autohide=always", "--no-terminal", "--no-config", "--ao=null",
    "--keep-open=yes", "--keep-open-pause=no", "--image-display-duration=inf", "--hwdec=auto-safe",
    "--hr-seek=yes", "--stop-screensaver=yes",
)  # fmt: skip


class Window(Quiet):
    """mpv. *extra* are further options of it, for a machine's own needs."""

    name = "window"
    pixels = False
    frame_ms = 1000.0 / 60

    def __init__(self, extra: str, folder: Path, program: Sequence[str] = ("mpv",)) -> None:
        if shutil.which(program[0]) is None:
            raise Trouble("driver-missing", program[0])
        self._command = [*program, *OPTIONS, *extra.split()]
        self._path = folder.resolve() / "mpv.socket"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None
        self._answers = b""
        self._asked = 0
        self._lock = threading.Lock()

    def can_play(self, media: PlaylistMedia) -> bool:
        return media.type in PLAYABLE and media.motion is UNSET

    def open(self, size: Size) -> None:
        if self._process is None or self._process.poll() is not None:
            self._start()

    def begin(self, turn: Turn) -> None:
        film = turn.media.type.startswith("video/")  # it ends with its turn; an animated picture goes round
        start = f"{turn.elapsed_ms / 1000:.3f}" if film else "none"
        self._tell("set_property", "start", start)  # not as an option of loadfile: its place differs among versions
        self._tell("set_property", "loop-file", "no" if film else "inf")
        self._tell("loadfile", str(turn.path.resolve()), "replace")

    def picture(self, image: Image.Image, at: datetime) -> None:
        return

    def dark(self, at: datetime) -> None:
        self._tell("stop")

    def brightness(self, percent: int) -> None:
        self._tell("set_property", "brightness", percent - 100 if percent < 100 else 0)

    def snapshot(self) -> Image.Image | None:
        path = self._path.with_name("screenshot.jpg")
        try:
            self.ask("screenshot-to-file", str(path), "window")
            with Image.open(path, formats=("JPEG",)) as image:
                return image.convert("RGB")
        except (Trouble, OSError):
            return None
        finally:
            path.unlink(missing_ok=True)

    def close(self, at: datetime) -> None:
        if self._channel is not None:
            self._channel.close()
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._path.unlink(missing_ok=True)

    def ask(self, *command: object) -> Any:
        """Send *command* and wait for what mpv answers. Raises Trouble."""
        with self._lock:
            return self._ask(*command)

    def _ask(self, *command: object) -> Any:
        self._asked += 1
        line = json.dumps({"command": list(command), "request_id": self._asked}).encode() + b"\n"
        if self._channel is None:
            raise Trouble("driver-failed", self.name)
        try:
            self._channel.sendall(line)
            return self._answer(self._asked)
        except OSError as error:
            raise Trouble("driver-failed", self.name) from error

    def _tell(self, *command: object) -> None:
        if self._process is not None and self._process.poll() is not None:
            self._start()  # the window was closed, or mpv fell over
        self.ask(*command)

    def _answer(self, number: int) -> Any:
        assert self._channel is not None
        while True:
            line, newline, rest = self._answers.partition(b"\n")
            if not newline:
                more = self._channel.recv(1 << 16)
                if not more:
                    raise Trouble("driver-failed", self.name)
                self._answers += more
                continue
            self._answers = rest
            answer = json.loads(line)
            if answer.get("request_id") == number and "error" in answer:
                if answer["error"] != "success":
                    raise Trouble("driver-failed", f"{self.name} {answer['error']}")
                return answer.get("data")

    def _start(self) -> None:
        self._path.unlink(missing_ok=True)
        path = str(self._path)
        if len(os.fsencode(path)) > 100:  # a socket's path is bounded at 108 bytes
            raise Trouble("driver-failed", "window: path too long")
        self._process = subprocess.Popen([*self._command, f"--input-ipc-server={path}"], stdin=subprocess.DEVNULL)
        self._channel = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._channel.settimeout(5)
        self._answers = b""
        until = time.monotonic() + START_S
        while True:
            try:
                self._channel.connect(path)
            except OSError:
                if time.monotonic() > until or self._process.poll() is not None:
                    raise Trouble("driver-failed", self.name) from None
                time.sleep(0.05)
            else:
                return
