"""The window as a person would see it: mpv on a display of its own, photographed by a program that is neither's."""

import io
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from tests.support.installation import wait_until

MISSING = [name for name in ("Xvfb", "mpv", "ffmpeg") if shutil.which(name) is None]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
]
SIZE = (576, 192)
MPV = "--vo=x11 --geometry=576x192+0+0"
CAMPAIGN = """
format = "signage.campaign/1"
id = "window"
title = "window"
timezone = "Asia/Shanghai"
from = 2021-03-01T00:00:00
until = 2051-04-01T00:00:00
[[item]]
id = "one"
text = "守护安全 畅通消费"
duration_s = 2
[[item]]
id = "two"
text = "诚信经营"
duration_s = 2
[[placement]]
screens = ["screen:case-roof"]
items = ["one", "two"]
order = "listed"
"""


@pytest.fixture
def display() -> Iterator[str]:
    """A screen of the panel's shape, three times as large, on which nothing else shows."""
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{SIZE[0]}x{SIZE[1]}x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as number:
        name = f":{number.readline().strip()}"
    yield name
    server.terminate()
    server.wait(10)


def photograph(display: str) -> Image.Image:
    """The whole display, as its own server has it."""
    command = ["ffmpeg", "-v", "error", "-f", "x11grab", "-draw_mouse", "0", "-video_size", f"{SIZE[0]}x{SIZE[1]}"]
    command += ["-i", display, "-frames:v", "1", "-f", "image2pipe", "-c:v", "png", "-"]
    done = subprocess.run(command, capture_output=True, check=True, timeout=20)
    return Image.open(io.BytesIO(done.stdout)).convert("RGB")


def film(display: str, seconds: float, path: Path) -> list[Image.Image]:
    """The display at 25 pictures a second."""
    command = ["ffmpeg", "-v", "error", "-f", "x11grab", "-draw_mouse", "0", "-framerate", "25"]
    command += ["-video_size", f"{SIZE[0]}x{SIZE[1]}", "-i", display, "-t", str(seconds), str(path / "%04d.png")]
    path.mkdir()
    subprocess.run(command, check=True, timeout=60)
    return [Image.open(one).convert("RGB") for one in sorted(path.glob("*.png"))]


def far(image: Image.Image, other: Image.Image) -> float:
    small = (192, 64)
    one, two = (i.resize(small, Image.Resampling.BOX) for i in (image, other))
    return float(max(ImageStat.Stat(ImageChops.difference(one, two)).mean))


def test_the_slogans_stand_in_the_window_and_nothing_black_comes_between(install, display, tmp_path):
    office = install(campaigns=False)
    (office.folder / "playlists" / "window.toml").write_text(CAMPAIGN, "utf-8")
    office.start()
    facts = ("--kind", "taxi-roof", "--panel", "taxi-192x64")
    token = office.run_json("screens", "add", "case-roof", *facts)["token"]
    wait_until(lambda: "诚信" in office.get_playlist(token).text, "the campaign is on its screen", office.read_log)
    due = []
    for item in ("one", "two"):
        path = tmp_path / f"{item}.png"
        office.run("preview", f"window/{item}", "--panel", "taxi-192x64", "-o", str(path))
        due.append(Image.open(path).convert("RGB").resize(SIZE, Image.Resampling.NEAREST))
    command = [sys.executable, "-m", "signage", "player", "--server", office.url, "--token", token]
    command += ["--cache", str(tmp_path / "c"), "--driver", "window", "--out", MPV]
    process = subprocess.Popen(command, cwd=office.folder, env={**os.environ, "DISPLAY": display})
    try:
        wait_until(lambda: min(far(photograph(display), one) for one in due) < 12, "a slogan stands in the window")
        time.sleep(0.5)
        seen = film(display, 6.5, tmp_path / "film")
    finally:
        process.terminate()
        assert process.wait(20) == 0
    nearest = [min(range(2), key=lambda n, image=image: far(image, due[n])) for image in seen]
    assert all(far(image, due[n]) < 12 for image, n in zip(seen, nearest, strict=True)), "no black, no half picture"
    switches = [n for n in range(1, len(nearest)) if nearest[n] != nearest[n - 1]]
    assert len(switches) >= 2 and set(nearest) == {0, 1}
    assert all(40 <= b - a <= 60 for a, b in pairwise(switches)), "each stands two seconds"
