"""The player as a process: killed at any instant, without the server's libraries, with its command line."""

import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from signage.player.playback.state_machine import ON_TIME_TOLERANCE_MS
from signage.player.storage.play_log import PlayLog
from signage.protocol.playback import PlaylistTimeline
from tests.player.media.sample_media import create_film
from tests.support.player_harness import LimitedDisk
from tests.support.screen_server import TOKEN, ScreenServer, create_png

RED, GREEN = create_png((255, 0, 0)), create_png((0, 255, 0))
COLORS = {(255, 0, 0): "c/red", (0, 255, 0): "c/green"}
ZONE = ZoneInfo("Asia/Shanghai")
LIFE_S = (0.05, 2.4)  # from before the program is loaded
KILLS = int(os.environ.get("SIGNAGE_KILLS", "12"))
BLOCKED = (
    "flask", "werkzeug", "sqlalchemy", "alembic", "apscheduler", "granian", "numpy", "pydantic", "tomlkit", "holidays",
    "astral", "icalendar", "dateutil", "uniseg", "duckdb", "argon2", "structlog", "signage.model", "signage.store",
    "signage.schedule", "signage.pixels", "signage.library", "signage.publish", "signage.evidence", "signage.services",
    "signage.web", "signage.config", "signage.server", "signage.jobs",
)  # fmt: skip
WITHOUT = f"""
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if any(name == b or name.startswith(b + ".") for b in {BLOCKED!r}):
            raise ImportError("blocked: " + name)
sys.meta_path.insert(0, Blocked())
from signage.cli import main
main()
"""


def command(server: ScreenServer, folder: Path, *more: str, code: str | None = None) -> list[str]:
    start = ["-c", code] if code else ["-m", "signage"]
    return [sys.executable, *start, "player", "--server", server.url, "--cache", str(folder), *more]


@pytest.fixture
def server():
    with ScreenServer() as running:
        begin = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
        running.serve_playlist({"c/red": (RED, 300), "c/green": (GREEN, 200)}, begin=begin, days=2)
        yield running


def test_the_player_runs_without_the_servers_libraries(tmp_path, server):
    more = ("--token", TOKEN, "--seconds", "3", "--driver", "frames", "--out", str(tmp_path / "frames"))
    done = subprocess.run(
        command(server, tmp_path / "cache", *more, code=WITHOUT), capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    results = {p["result"] for p in server.plays.values()}
    assert "completed" in results
    assert len(list((tmp_path / "frames").glob("*.png"))) >= 4


def test_films_and_load_tests_need_none_of_them_either(tmp_path):
    create_film(tmp_path / "film.mp4", [(250, 0, 0)])
    code = WITHOUT.replace(
        "from signage.cli import main\nmain()",
        f"""
import signage.bench.load_test.runner, signage.bench.load_test.chart
from pathlib import Path
from signage.player.media.video_decoder import VideoDecoder
from signage.protocol.playlist import PlaylistMedia
media = PlaylistMedia("/m", "video/mp4", "a" * 64, 1, 32, 16)
showing = VideoDecoder(Path({str(tmp_path / "film.mp4")!r}), media, (32, 16), 0)
assert showing.get_frame(500).image.getpixel((8, 8))[0] > 200
""",
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_sigterm_stops_the_player_and_the_last_play_is_reported(tmp_path, server):
    process = subprocess.Popen(command(server, tmp_path / "c", "--token", TOKEN), stderr=subprocess.PIPE, text=True)
    server.wait_for(lambda: len(server.plays) >= 2, 30)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 0 and "Traceback" not in said
    assert server.plays[max(server.plays)]["result"] == "cut"


def test_two_players_cannot_share_a_cache(tmp_path, server):
    first = subprocess.Popen(command(server, tmp_path / "c", "--token", TOKEN), stderr=subprocess.DEVNULL)
    try:
        server.wait_for(lambda: bool(server.requests), 30)
        second = subprocess.run(
            command(server, tmp_path / "c", "--token", TOKEN), capture_output=True, text=True, timeout=30
        )
        assert second.returncode == 1 and "Another player" in second.stderr
    finally:
        first.terminate()
        first.wait(20)


def test_misuse_is_reported(tmp_path, server):
    done = subprocess.run(
        [sys.executable, "-m", "signage", "player", "--server", "ftp://x"], capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 2 and "http://" in done.stderr


def lived(start: list[str], frames: Path, seconds: float) -> tuple[float, float]:
    """Run a player, kill it after *seconds*, write images to *frames*; return the instants of start and kill."""
    process = subprocess.Popen([*start, "--driver", "frames", "--out", str(frames)], stderr=subprocess.PIPE, text=True)
    time.sleep(seconds)
    before = time.time()
    process.kill()
    _, said = process.communicate(timeout=10)
    assert "Traceback" not in said
    return before, time.time()


@pytest.mark.slow
@pytest.mark.timeout(120 + 4 * KILLS)
def test_kills_at_random_instants_lose_and_duplicate_no_completed_play(tmp_path, server):
    chance = random.Random(20210315)
    start = command(server, tmp_path / "c", "--token", TOKEN)
    frames = [tmp_path / f"frames-{n}" for n in range(KILLS)]
    kills = [lived(start, each, chance.uniform(*LIFE_S)) for each in frames]
    done = subprocess.run([*start, "--seconds", "3"], timeout=60)
    assert done.returncode == 0
    assert not server.conflicts and not server.lost
    sequence = sorted(seq for _, seq in server.plays)
    assert sequence == list(range(1, len(sequence) + 1))
    assert len({run for run, _ in server.plays}) == 1
    no_gap_within_lives(server, kills)
    shows = PlaylistTimeline(server.playlist)
    told = [turn_of(shows, play) for play in server.plays.values()]
    assert len(set(told)) == len(told), "a turn was told twice"
    over = set().union(*(turns_over(shows, each) for each in frames))
    assert over and over <= set(told), "a turn that was over before the kill was not told"


def turn(shows: PlaylistTimeline, at: datetime) -> tuple[str | None, int, int]:
    """Return the item due at *at*, the start of its slot (ms of the program) and its remaining time."""
    shown = shows.get_now_showing(at)
    assert shown.kind == "program"
    return shown.item, shown.began_ms, shown.remaining_ms


def turn_of(shows: PlaylistTimeline, play: dict[str, Any]) -> int:
    """Return the slot of *play*, which must be the playlist's slot at that time."""
    item, began_ms, _ = turn(shows, datetime.fromisoformat(play["started_at"]))
    assert item == play["item"]
    known = shows.playlist.items[item]
    assert play["sha256"] == known.media[0].sha256 and play["serial"] == shows.playlist.serial
    if play["result"] == "completed":
        assert play["duration_ms"] >= known.duration_ms - ON_TIME_TOLERANCE_MS, play  # longer on a slow machine
    return began_ms


def turns_over(shows: PlaylistTimeline, frames: Path) -> set[int]:
    """Return the slots that started and ended within a process: another image followed them."""
    pictures = sorted(frames.glob("*.png")) if frames.is_dir() else []
    found = set()
    for path in pictures:
        at = datetime.strptime(path.stem, "%Y-%m-%dT%H-%M-%S.%f").replace(tzinfo=ZONE)
        seen = COLORS.get(Image.open(path).convert("RGB").getpixel((0, 0)))
        if seen is None:
            continue  # the placeholder before the first playlist
        item, began_ms, remaining_ms = turn(shows, at)
        assert seen == item, path
        # an image is named by its frame: one that appeared in a slot's last moment may have been shown for no time
        if path != pictures[-1] and remaining_ms > 60:
            found.add(began_ms)
    return found


def no_gap_within_lives(server: ScreenServer, kills: list[tuple[float, float]]) -> None:
    """Assert that plays follow one another without a gap, except where a kill lies in the gap."""
    ordered = [server.plays[key] for key in sorted(server.plays)]
    items = server.playlist.items
    for a, b in pairwise(ordered):
        lasted = items[a["item"]].duration_ms if a["result"] == "skipped" else a["duration_ms"]
        end = datetime.fromisoformat(a["started_at"]).timestamp() + lasted / 1000
        begin = datetime.fromisoformat(b["started_at"]).timestamp()
        if begin - end > 0.06:
            assert any(before <= begin and end <= after for before, after in kills), (a, b)


def test_plays_are_complete_lines_whenever_the_player_is_killed(tmp_path, server):
    process = subprocess.Popen(command(server, tmp_path / "c", "--token", TOKEN), stderr=subprocess.DEVNULL)
    server.wait_for(lambda: bool(server.plays), 30)
    process.kill()
    process.wait(10)
    store = PlayLog(tmp_path / "c" / "plays", LimitedDisk(), 1 << 20)
    assert store.count_unacknowledged() >= 0
    batch = store.get_next_batch()
    assert batch is None or batch.plays <= 1000
