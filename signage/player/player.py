"""One player, put together: what shows in the calling thread, the network in others, the disk between them."""

import random
import threading
import time
from collections.abc import Callable
from pathlib import Path

from signage.player.clock import MachineTicks, PlayerClock, Ticks
from signage.player.drivers import Driver
from signage.player.health import Board, Trouble
from signage.player.network.download_queue import Gather
from signage.player.network.enrol import Enrolment, hardware_id, stopper
from signage.player.network.http_client import Connection
from signage.player.network.poll import Poll
from signage.player.network.reporting import Report
from signage.player.playback.playback_thread import Show, run_show
from signage.player.playback.renderer import Stage
from signage.player.settings import PlayerConfig
from signage.player.storage.cache import Cache, Envelope
from signage.player.storage.disk import Disk
from signage.player.storage.document_trust import Trust
from signage.player.storage.folder_lock import FolderLock
from signage.player.storage.identity import Identity, stored_token
from signage.player.storage.play_log import PlayStore
from signage.player.watchdog import Watchdog, end_at_once, notify
from signage.protocol.playlist import Playlist

Say = Callable[[str], None]
LAST_WORDS_S = 5.0


class Player:
    """A player's parts, each made once. ``run`` plays; tests drive the parts by themselves."""

    def __init__(
        self, config: PlayerConfig, driver: Driver, *, ticks: Ticks | None = None, disk: Disk | None = None,
        say: Say = lambda text: None,
    ) -> None:  # fmt: skip
        self.config, self.driver, self.say = config, driver, say
        self.disk = disk or Disk()
        self.clock = PlayerClock(ticks or MachineTicks())
        self.stop, self.wake = threading.Event(), threading.Event()
        config.cache.mkdir(parents=True, exist_ok=True)
        self.lock = FolderLock(config.cache / "lock")
        self.board = Board(say)
        self.token = config.token or stored_token(config.cache / "token")
        self.key = config.key
        self.cache = Cache(config.cache, self.disk, driver.can_play, config.cache_bytes)
        self.cache.switched = self._switched
        self.plays = PlayStore(config.cache / "plays", self.disk, config.plays_bytes)
        self.stage = Stage(self.cache, driver, self.board, config.picture_bytes)
        self.show = Show(self.cache, self.clock, self.stage, self.plays, self.board, config.panel)

    def connection(self, token: str | None = None, *, quick: bool = False) -> Connection:
        """A connection of its own for one thread; a *quick* one gives up before the watchdog does."""
        return Connection(
            self.config.server, self.token if token is None else token,
            connect_s=min(5.0, self.config.connect_timeout_s) if quick else self.config.connect_timeout_s,
            read_s=min(5.0, self.config.read_timeout_s) if quick else self.config.read_timeout_s,
            steady=self.clock.steady,
        )  # fmt: skip

    def open(self) -> None:
        """Believe again what the cache holds; needs the token and key to be settled."""
        self.trust = Trust(self.config.cache / "keys.json", self.disk, self.key)
        self.identity = Identity(self.config.cache / "identity.json", self.disk, self.token)
        self.cache.open(self._judge)
        link = self.connection()
        self.poll = Poll(
            link, self.cache, self.trust, self.identity, self.clock, self.plays, self.board,
            self.config.document_bytes, random.Random(),  # noqa: S311 - it spreads polls, it hides nothing
        )  # fmt: skip
        self.report = Report(
            link, self.cache, self.plays, self.clock, self.board, self.driver.name, self.config.heartbeat_s,
            self.config.screenshot_s,
        )  # fmt: skip
        self.report.item = lambda: self.show.item
        self.report.picture = lambda: self.stage.picture() if self.cache.current else None
        self.gather = Gather(self.cache, self.connection(""), self.clock, self.board)

    def run(self, seconds: float | None = None) -> None:
        """Play until told to stop, or for *seconds*."""
        until = None if seconds is None else time.monotonic() + seconds
        over = lambda: self.stop.is_set() or (until is not None and time.monotonic() >= until)  # noqa: E731
        notify("READY=1")
        dog = Watchdog(lambda: self.show.beat, self.clock.steady, self.config.watchdog_s, end_at_once)
        self.show.beat = self.clock.steady()
        threading.Thread(target=dog.run, args=(self.stop,), name="watchdog", daemon=True).start()
        if not self.token and not self._enrol(over):
            self.stop.set()
            self.driver.close(self.clock.reading().at)
            self.lock.release()
            return
        self.open()
        threads = [
            threading.Thread(target=self._guarded, args=(work, name), name=name, daemon=True)
            for name, work in (("link", self._link), ("gather", self._gather), ("sync", self._sync))
        ]
        self.show.beat = self.clock.steady()
        for thread in threads:
            thread.start()
        run_show(self.show, self.driver.frame_ms, self.wake, over)
        self._last_words(threads)

    # -- threads -----------------------------------------------------------------------------------------------

    def _link(self) -> None:
        """Poll; while the line is open, say what is to be said."""
        wait = self.poll.first_s(time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else 1e9)
        due = self.clock.steady() + wait
        self.stop.wait(wait)  # a street that comes back says nothing either before its turn
        while not self.stop.is_set():
            if self.clock.steady() >= due:
                polled = self.poll.once()
                if polled.new:
                    self.gather.wake.set()
                if polled.reached:
                    self.report.send_plays()
                due = self.clock.steady() + polled.next_s
            self.report.send_status()
            self.report.send_screenshot()
            self.stop.wait(max(0.01, min(1.0, due - self.clock.steady())))

    def _gather(self) -> None:
        while not self.stop.is_set():
            wait = self.gather.once()
            if wait and self.gather.wake.wait(wait):
                self.gather.wake.clear()

    def _sync(self) -> None:
        while not self.stop.wait(self.config.fsync_s):
            try:
                self.plays.sync()
            except OSError:
                self.board.put("plays-disk", Trouble("no-room", "plays"))

    def _guarded(self, work: Callable[[], None], name: str) -> None:
        """A fault nobody thought of ends no thread for good: it is told, and the work begins again."""
        while not self.stop.is_set():
            try:
                work()
            except Exception as error:
                self.board.put(f"thread {name}", Trouble("player-fault", f"{name}: {type(error).__name__}"))
                self.say(f"{name}: {error!r}")
                self.stop.wait(5.0)

    # -- inside ------------------------------------------------------------------------------------------------

    def _judge(self, document: bytes, envelope: Envelope) -> Playlist:
        return self.trust.judge_again(document, envelope.signature, envelope.key, self.identity.screen)

    def _switched(self) -> None:
        current = self.cache.current
        if current is not None:
            self.say(f"showing playlist {current.playlist.serial} of {current.playlist.screen}")
        self.wake.set()

    def _enrol(self, over: Callable[[], bool]) -> bool:
        """Get a token by a code; False where the player is to stop."""

        def show(text: str) -> None:
            self.say(f"code: {text}")
            self.show.notice(text)

        wait = stopper(self.stop)

        def go_on(seconds: float) -> bool:
            until = time.monotonic() + seconds
            while time.monotonic() < until and not over():
                self.show.beat = self.clock.steady()
                wait(min(0.5, max(0.01, until - time.monotonic())))
            return not over()

        asking = Enrolment(
            self.connection("", quick=True), self.config.panel, hardware_id(self.config.cache), show, go_on
        )
        answer = asking.run()
        if answer is None:
            return False
        self.token, self.key = answer.token, self.key or answer.key
        self.disk.replace(self.config.cache / "token", answer.token.encode("ascii"), 0o600)
        self.say(f"enrolled as {answer.screen}")
        return True

    def _last_words(self, threads: list[threading.Thread]) -> None:
        """What was shown to the end is told, if the server listens within a few seconds."""
        self.stop.set()
        self.gather.wake.set()
        notify("STOPPING=1")
        for thread in threads:
            thread.join(LAST_WORDS_S)
        if not any(t.name == "link" and t.is_alive() for t in threads):
            last = threading.Thread(target=self._tell_last, daemon=True)
            last.start()
            last.join(LAST_WORDS_S)
        self.plays.close()
        self.lock.release()

    def _tell_last(self) -> None:
        if self.cache.newest is not None and self.report.send_plays():
            self.report.send_status(now=True)


def default_cache(token: str) -> Path:
    """A folder of its own for each token, under ``var/player``."""
    import hashlib

    name = hashlib.sha256(token.encode()).hexdigest()[:12] if token else "enrolling"
    return Path("var") / "player" / name
