"""Benchmark of the player: cost of frames, precision of switches, time to the first image after power-on.

The yardsticks are measured on the same machine in the same run: cropping and copying as many images of the panel's
size (frames), and starting Python with the same libraries (cold start).
"""

import socket
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PIL import Image

from signage.bench.support.result_rows import create_row, get_peak_memory_mb
from signage.bench.support.sample_playlist import create_media, create_playlist, create_png, fill_cache
from signage.player.drivers import BaseDriver
from signage.player.drivers.ddp import DdpDriver
from signage.player.playback.playback_loop import run_playback
from signage.player.player import Player
from signage.player.settings import PlayerConfig
from signage.protocol.playlist import Motion, Playlist, PlaylistItem, PlaylistMedia

PANEL = (384, 128)
FPS = 60.0
SECONDS = 5.0
UNREACHABLE_URL = "http://127.0.0.1:9"


class MeterDriver(BaseDriver):
    """Driver that reads every image's bytes and records the time."""

    name = "meter"
    wants_images = True
    frame_ms = 1000.0 / FPS

    def __init__(self) -> None:
        self.arrivals: list[tuple[datetime, datetime]] = []

    def show_image(self, image: Image.Image, at: datetime) -> None:
        image.tobytes()
        self.arrivals.append((at, datetime.now(UTC)))


def run() -> list[dict[str, Any]]:
    """Return the rows of ``signage bench player``."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        rows = [*_measure_frames(root), *_measure_switches(root), *_measure_cold_start(root)]
    rows.append(create_row("player", "memory of all of these", get_peak_memory_mb(), "MB", goal=300))
    return rows


def _build_strip() -> tuple[PlaylistMedia, bytes, Playlist]:
    size = (PANEL[0] * 4, PANEL[1])
    data = create_png(size, 7)
    strip = create_media(data, size, Motion("scroll-left", px_per_s=60))
    items = {"bench/strip": PlaylistItem(kind="slogan", text="bench", duration_ms=19_200, media=(strip,))}
    return strip, data, create_playlist(items, PANEL)


def _measure_frames(root: Path) -> list[dict[str, Any]]:
    strip, data, document = _build_strip()
    fill_cache(root / "frames", document, [(strip, data)])
    meter = MeterDriver()
    share = _measure_playback(root / "frames", meter, SECONDS)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sink:
        sink.bind(("127.0.0.1", 0))
        ddp = _measure_playback(root / "frames", DdpDriver(f"127.0.0.1:{sink.getsockname()[1]}", FPS, 1.0), SECONDS)
    bare_s, received = _measure_bare_copies(data), len(meter.arrivals)
    description = f"{PANEL[0]}×{PANEL[1]} at {FPS:.0f} frames/s"
    return [
        create_row("player", f"frame loop, {description}", share, "of a core", goal=0.25),
        create_row(
            "player", f"frame loop, times bare crop and copy, {description}", share, "of a core", yardstick=bare_s
        ),
        create_row(
            "player",
            f"frames of those due, {description}",
            received,
            "",
            yardstick=SECONDS * FPS,
            goal=0.97,
            at_most=False,
        ),
        create_row("player", f"frame loop with DDP, {description}", ddp, "of a core", goal=0.5),
    ]


def _measure_bare_copies(data: bytes) -> float:
    """Return the share of a core that only cropping and copying the same images takes."""
    import io

    image = Image.open(io.BytesIO(data)).convert("RGB")
    began = time.process_time()
    for x in range(int(FPS * SECONDS)):
        image.crop((x % 1000, 0, x % 1000 + PANEL[0], PANEL[1])).tobytes()
    return (time.process_time() - began) / SECONDS


def _measure_switches(root: Path) -> list[dict[str, Any]]:
    pictures = [create_png(PANEL, n) for n in (3, 5, 11)]
    media = [create_media(data, PANEL) for data in pictures]
    items = {f"bench/{n}": PlaylistItem(kind="picture", duration_ms=500, media=(m,)) for n, m in enumerate(media)}
    fill_cache(root / "switch", create_playlist(items, PANEL), list(zip(media, pictures, strict=True)))
    meter = MeterDriver()
    _measure_playback(root / "switch", meter, SECONDS)
    delays_ms = sorted((received - due).total_seconds() * 1000 for due, received in meter.arrivals[1:])
    frame_ms = 1000.0 / FPS
    return [
        create_row("player", "switch after its due instant, worst", delays_ms[-1], "ms", yardstick=frame_ms, goal=1.0),
        create_row(
            "player",
            "switch after its due instant, middle",
            delays_ms[len(delays_ms) // 2],
            "ms",
            yardstick=frame_ms,
            goal=1.0,
        ),
    ]


def _measure_playback(folder: Path, driver: BaseDriver, seconds: float) -> float:
    """Play for a while; return the share of a core that it took."""
    player = Player(PlayerConfig(UNREACHABLE_URL, folder, "bench"), driver)
    player.open()
    until = time.monotonic() + seconds
    began = time.process_time()
    run_playback(player.playback, driver.frame_ms, threading.Event(), lambda: time.monotonic() >= until)
    share = (time.process_time() - began) / seconds
    player.play_log.close()
    player.lock.release()
    return share


def _measure_cold_start(root: Path) -> list[dict[str, Any]]:
    strip, data, document = _build_strip()
    fill_cache(root / "cold", document, [(strip, data)])
    first_frame_s = [_measure_first_frame_s(root / "cold", root / f"out{n}") for n in range(3)]
    began = time.monotonic()
    code = "import requests, PIL.Image, cryptography.hazmat.primitives.asymmetric.ed25519, msgspec, click"
    subprocess.run([sys.executable, "-c", code], check=True)
    bare_s = time.monotonic() - began
    return [
        create_row("player", "cold start from cache to first picture", min(first_frame_s), "s", goal=2.0),
        create_row(
            "player", "cold start, times Python and its libraries alone", min(first_frame_s), "s", yardstick=bare_s
        ),
    ]


def _measure_first_frame_s(cache: Path, out: Path) -> float:
    began = time.monotonic()
    command = [
        sys.executable,
        "-m",
        "signage",
        "player",
        "--server",
        UNREACHABLE_URL,
        "--token",
        "bench",
        "--driver",
        "frames",
    ]
    process = subprocess.Popen(
        [*command, "--cache", str(cache), "--out", str(out)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while time.monotonic() - began < 20:
            if out.exists() and any(p.suffix == ".png" for p in out.iterdir()):
                return time.monotonic() - began
            time.sleep(0.01)
        return float("inf")
    finally:
        process.kill()
        process.wait()
