"""A player's machine that tests hold in their hands: its clocks, its disk, its panel."""

import errno
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PIL import Image

from signage.player.clock import Reading
from signage.player.drivers import Quiet
from signage.player.player import Player
from signage.player.settings import PlayerConfig
from signage.player.storage.disk import Disk
from tests.support.screen_server import TOKEN

NOON = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)


class FakeTicks:
    """Both clocks of a machine, moved by hand."""

    def __init__(self, wall: datetime = NOON) -> None:
        self._wall, self._steady = wall.timestamp(), 1000.0

    def wall(self) -> float:
        return self._wall

    def steady(self) -> float:
        return self._steady

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._wall, UTC)

    def pass_(self, seconds: float) -> None:
        self._wall += seconds
        self._steady += seconds

    def set_wall(self, wall: datetime) -> None:
        self._wall = wall.timestamp()


class SmallDisk(Disk):
    """A disk with a bound. *room* is what may still be written; writes beyond it fail half way, as disks do."""

    def __init__(self, room: int = 1 << 30) -> None:
        self.room = room
        self.honest = True
        """Whether ``free_bytes`` tells the truth (a quota does not show there)."""

    def free_bytes(self, folder: Path) -> int:
        return self.room if self.honest else 1 << 30

    def write(self, descriptor: int, data: bytes) -> None:
        if len(data) > self.room:
            os.write(descriptor, data[: max(0, self.room)])
            raise OSError(errno.ENOSPC, "No space left on device")
        self.room -= len(data)
        super().write(descriptor, data)

    def sync(self, descriptor: int) -> None:
        return


class Panel(Quiet):
    """A panel that remembers what it showed."""

    name = "frames"
    pixels = True
    frame_ms = 50.0

    def __init__(self) -> None:
        self.shown: list[tuple[datetime, Image.Image]] = []
        self.levels: list[int] = []

    def picture(self, image: Image.Image, at: datetime) -> None:
        self.shown.append((at, image.copy()))

    def dark(self, at: datetime) -> None:
        self.shown.append((at, Image.new("RGB", (32, 16))))

    def brightness(self, percent: int) -> None:
        self.levels.append(percent)

    def color(self) -> tuple[int, int, int]:
        """What the panel shows now, by its first pixel."""
        return self.shown[-1][1].getpixel((0, 0))  # type: ignore[return-value]


class Bench:
    """A whole player whose threads are moved by hand."""

    def __init__(
        self, folder: Path, url: str, *, ticks: FakeTicks | None = None, disk: Disk | None = None, key: str = "",
        token: str = TOKEN, panel: Panel | None = None, cache_bytes: int = 1 << 30, plays_bytes: int = 1 << 20,
        say: Callable[[str], None] = lambda text: None,
    ) -> None:  # fmt: skip
        self.ticks, self.panel = ticks or FakeTicks(), panel or Panel()
        config = PlayerConfig(
            url, folder, token, key, cache_bytes=cache_bytes, plays_bytes=plays_bytes, connect_timeout_s=2,
            read_timeout_s=2,
        )  # fmt: skip
        self.player = Player(config, self.panel, ticks=self.ticks, disk=disk, say=say)
        self.player.open()
        self.board = self.player.board

    @property
    def serial(self) -> int | None:
        current = self.player.cache.current
        return current.playlist.serial if current else None

    def faults(self) -> list[str]:
        return sorted(self.board.standing().values())

    def poll(self) -> float:
        """One poll; the seconds to the next."""
        return self.player.poll.once().next_s

    def gather(self, tries: int = 20) -> None:
        """Bring media until there is nothing to do at this instant."""
        for _ in range(tries):
            if self.player.gather.once() > 0:
                return

    def fetch(self) -> None:
        self.poll()
        self.gather()

    def play(self, seconds: float, step_s: float | None = None) -> None:
        """Let time pass and the show go on, waking when it asks to be."""
        until = self.ticks.steady() + seconds
        while True:
            wait = self.player.show.round(self.panel.frame_ms)
            left = until - self.ticks.steady()
            if left <= 0:
                return
            self.ticks.pass_(min(left, max(step_s or wait, 0.0005)))

    def close(self) -> None:
        self.player.show.stop()
        self.player.plays.close()
        self.player.lock.release()


def reading(at: datetime, steady: float | None = None, *, heard: bool = True) -> Reading:
    """A look at a clock whose counter goes with its time."""
    return Reading(at, steady if steady is not None else at.timestamp(), heard)


def seconds(n: float) -> timedelta:
    return timedelta(seconds=n)
