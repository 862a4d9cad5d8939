"""A player's machine that tests hold in their hands: its clocks, its disk, its panel."""

import errno
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PIL import Image

from signage.player.clock import ClockReading
from signage.player.drivers import BaseDriver
from signage.player.player import Player
from signage.player.settings import PlayerConfig
from signage.player.storage.disk import Disk
from tests.support.screen_server import TOKEN

NOON = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)


class FakeTimeSource:
    """Both clocks of a machine, moved by hand."""

    def __init__(self, wall: datetime = NOON) -> None:
        self._wall, self._steady = wall.timestamp(), 1000.0

    def wall(self) -> float:
        return self._wall

    def steady(self) -> float:
        return self._steady

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._wall, UTC)

    def advance(self, seconds: float) -> None:
        self._wall += seconds
        self._steady += seconds

    def set_wall(self, wall: datetime) -> None:
        self._wall = wall.timestamp()


class LimitedDisk(Disk):
    """A disk with a bound. *room* is what may still be written; writes beyond it fail half way, as disks do."""

    def __init__(self, room: int = 1 << 30) -> None:
        self.free = room
        self.reports_free_space = True
        """Whether ``free_bytes`` tells the truth (a quota does not show there)."""

    def get_free_bytes(self, folder: Path) -> int:
        return self.free if self.reports_free_space else 1 << 30

    def write(self, descriptor: int, data: bytes) -> None:
        if len(data) > self.free:
            os.write(descriptor, data[: max(0, self.free)])
            raise OSError(errno.ENOSPC, "No space left on device")
        self.free -= len(data)
        super().write(descriptor, data)

    def sync(self, descriptor: int) -> None:
        return


class RecordingDriver(BaseDriver):
    """A panel that remembers what it showed."""

    name = "frames"
    wants_images = True
    frame_ms = 50.0

    def __init__(self) -> None:
        self.shown: list[tuple[datetime, Image.Image]] = []
        self.brightness_levels: list[int] = []

    def show_image(self, image: Image.Image, at: datetime) -> None:
        self.shown.append((at, image.copy()))

    def show_black(self, at: datetime) -> None:
        self.shown.append((at, Image.new("RGB", (32, 16))))

    def set_brightness(self, percent: int) -> None:
        self.brightness_levels.append(percent)

    def get_color(self) -> tuple[int, int, int]:
        """What the panel shows now, by its first pixel."""
        return self.shown[-1][1].getpixel((0, 0))  # type: ignore[return-value]


class PlayerHarness:
    """A whole player whose threads are moved by hand."""

    def __init__(
        self,
        folder: Path,
        url: str,
        *,
        time_source: FakeTimeSource | None = None,
        disk: Disk | None = None,
        key: str = "",
        token: str = TOKEN,
        driver: RecordingDriver | None = None,
        cache_bytes: int = 1 << 30,
        plays_bytes: int = 1 << 20,
        log: Callable[[str], None] = lambda text: None,
    ) -> None:
        self.time_source, self.driver = time_source or FakeTimeSource(), driver or RecordingDriver()
        config = PlayerConfig(
            url,
            folder,
            token,
            key,
            cache_bytes=cache_bytes,
            plays_bytes=plays_bytes,
            connect_timeout_s=2,
            read_timeout_s=2,
        )
        self.player = Player(config, self.driver, time_source=self.time_source, disk=disk, log=log)
        self.player.open()
        self.fault_board = self.player.fault_board

    @property
    def serial(self) -> int | None:
        current = self.player.cache.current
        return current.playlist.serial if current else None

    def list_faults(self) -> list[str]:
        return sorted(self.fault_board.get_active().values())

    def poll(self) -> float:
        """One poll; the seconds to the next."""
        return self.player.poller.poll_once().next_poll_s

    def download_all(self, tries: int = 20) -> None:
        """Bring media until there is nothing to do at this instant."""
        for _ in range(tries):
            if self.player.download_queue.run_once() > 0:
                return

    def poll_and_download(self) -> None:
        self.poll()
        self.download_all()

    def play(self, seconds: float, step_s: float | None = None) -> None:
        """Let time pass and the show go on, waking when it asks to be."""
        until = self.time_source.steady() + seconds
        while True:
            wait = self.player.playback.run_once(self.driver.frame_ms)
            left = until - self.time_source.steady()
            if left <= 0:
                return
            self.time_source.advance(min(left, max(step_s or wait, 0.0005)))

    def close(self) -> None:
        self.player.playback.stop()
        self.player.play_log.close()
        self.player.lock.release()


def create_reading(at: datetime, steady: float | None = None, *, heard: bool = True) -> ClockReading:
    """A look at a clock whose counter goes with its time."""
    return ClockReading(at, steady if steady is not None else at.timestamp(), heard)


def create_duration(n: float) -> timedelta:
    return timedelta(seconds=n)
