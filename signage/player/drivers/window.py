"""Driver for a full-screen window: runs mpv and controls it over its JSON socket.

mpv shows images and films alike and keeps the last image until the next one is loaded, so there is no black between.
It needs renditions that move by themselves (strips as MP4 or GIF): it cannot scroll the image of a strip.
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

from signage.player.drivers import PLAYABLE_TYPES, BaseDriver, ItemStart
from signage.player.health import PlayerError
from signage.player.media.images import Size
from signage.protocol.playlist import PlaylistMedia

START_TIMEOUT_S = 10.0
MPV_OPTIONS = (
    "--idle=yes", "--force-window=yes", "--fullscreen=yes", "--no-osc", "--no-osd-bar", "--osd-level=0",
    "--no-input-default-bindings", "--cursor-autohide=always", "--no-terminal", "--no-config", "--ao=null",
    "--keep-open=yes", "--keep-open-pause=no", "--image-display-duration=inf", "--hwdec=auto-safe",
    "--hr-seek=yes", "--stop-screensaver=yes",
)  # fmt: skip


class WindowDriver(BaseDriver):
    """Driver of mpv. *extra* are additional command-line options for mpv."""

    name = "window"
    wants_images = False
    frame_ms = 1000.0 / 60

    def __init__(self, extra: str, folder: Path, program: Sequence[str] = ("mpv",)) -> None:
        if shutil.which(program[0]) is None:
            raise PlayerError("driver-missing", program[0])
        self._command = [*program, *MPV_OPTIONS, *extra.split()]
        self._socket_path = folder.resolve() / "mpv.socket"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._receive_buffer = b""
        self._request_id = 0
        self._lock = threading.Lock()

    def can_play(self, media: PlaylistMedia) -> bool:
        return media.type in PLAYABLE_TYPES and media.motion is UNSET

    def open(self, size: Size) -> None:
        if self._process is None or self._process.poll() is not None:
            self._start_mpv()

    def start_item(self, item_start: ItemStart) -> None:
        film = item_start.media.type.startswith("video/")  # a film ends with its slot; an animated image repeats
        start_position = f"{item_start.elapsed_ms / 1000:.3f}" if film else "none"
        self._send_restarting(
            "set_property", "start", start_position
        )  # not as an option of loadfile: its position differs between versions
        self._send_restarting("set_property", "loop-file", "no" if film else "inf")
        self._send_restarting("loadfile", str(item_start.path.resolve()), "replace")

    def show_image(self, image: Image.Image, at: datetime) -> None:
        return

    def show_black(self, at: datetime) -> None:
        self._send_restarting("stop")

    def set_brightness(self, percent: int) -> None:
        self._send_restarting("set_property", "brightness", percent - 100 if percent < 100 else 0)

    def take_snapshot(self) -> Image.Image | None:
        path = self._socket_path.with_name("screenshot.jpg")
        try:
            self.send_command("screenshot-to-file", str(path), "window")
            with Image.open(path, formats=("JPEG",)) as image:
                return image.convert("RGB")
        except (PlayerError, OSError):
            return None
        finally:
            path.unlink(missing_ok=True)

    def close(self, at: datetime) -> None:
        if self._socket is not None:
            self._socket.close()
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._socket_path.unlink(missing_ok=True)

    def send_command(self, *command: object) -> Any:
        """Send *command* and return mpv's answer. Raises PlayerError."""
        with self._lock:
            return self._send_locked(*command)

    def _send_locked(self, *command: object) -> Any:
        self._request_id += 1
        line = json.dumps({"command": list(command), "request_id": self._request_id}).encode() + b"\n"
        if self._socket is None:
            raise PlayerError("driver-failed", self.name)
        try:
            self._socket.sendall(line)
            return self._read_answer(self._request_id)
        except OSError as error:
            raise PlayerError("driver-failed", self.name) from error

    def _send_restarting(self, *command: object) -> None:
        if self._process is not None and self._process.poll() is not None:
            self._start_mpv()  # the window was closed, or mpv crashed
        self.send_command(*command)

    def _read_answer(self, number: int) -> Any:
        assert self._socket is not None
        while True:
            line, newline, rest = self._receive_buffer.partition(b"\n")
            if not newline:
                received = self._socket.recv(1 << 16)
                if not received:
                    raise PlayerError("driver-failed", self.name)
                self._receive_buffer += received
                continue
            self._receive_buffer = rest
            answer = json.loads(line)
            if answer.get("request_id") == number and "error" in answer:
                if answer["error"] != "success":
                    raise PlayerError("driver-failed", f"{self.name} {answer['error']}")
                return answer.get("data")

    def _start_mpv(self) -> None:
        self._socket_path.unlink(missing_ok=True)
        path = str(self._socket_path)
        if len(os.fsencode(path)) > 100:  # a socket's path is limited to 108 bytes
            raise PlayerError("driver-failed", "window: path too long")
        self._process = subprocess.Popen([*self._command, f"--input-ipc-server={path}"], stdin=subprocess.DEVNULL)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(5)
        self._receive_buffer = b""
        until = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                self._socket.connect(path)
            except OSError:
                if time.monotonic() > until or self._process.poll() is not None:
                    raise PlayerError("driver-failed", self.name) from None
                time.sleep(0.05)
            else:
                return
