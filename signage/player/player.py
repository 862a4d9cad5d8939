"""One player: playback in the calling thread, network in other threads, the cache folder between them."""

import random
import threading
import time
from collections.abc import Callable
from pathlib import Path

from signage.player.clock import PlayerClock, SystemTimeSource, TimeSource
from signage.player.drivers import Driver
from signage.player.health import FaultBoard, PlayerError
from signage.player.network.download_queue import DownloadQueue
from signage.player.network.enrolment_client import EnrolmentClient, create_stop_wait, get_hardware_id
from signage.player.network.http_client import ServerConnection
from signage.player.network.poll import PlaylistPoller
from signage.player.network.reporter import ServerReporter
from signage.player.playback.playback_loop import PlaybackLoop, run_playback
from signage.player.playback.renderer import Renderer
from signage.player.settings import PlayerConfig
from signage.player.storage.cache import Envelope, PlayerCache
from signage.player.storage.disk import Disk
from signage.player.storage.document_trust import DocumentTrust
from signage.player.storage.folder_lock import FolderLock
from signage.player.storage.identity import ScreenIdentity, read_stored_token
from signage.player.storage.play_log import PlayLog
from signage.player.watchdog import Watchdog, exit_immediately, notify_service_manager
from signage.protocol.playlist import Playlist

LogFunction = Callable[[str], None]
FINAL_REPORT_TIMEOUT_S = 5.0


class Player:
    """The parts of a player. ``run`` plays; tests drive the parts one by one."""

    def __init__(
        self, config: PlayerConfig, driver: Driver, *, time_source: TimeSource | None = None, disk: Disk | None = None,
        log: LogFunction = lambda text: None,
    ) -> None:  # fmt: skip
        self.config, self.driver, self.log = config, driver, log
        self.disk = disk or Disk()
        self.clock = PlayerClock(time_source or SystemTimeSource())
        self.stop_event, self.wake_event = threading.Event(), threading.Event()
        config.cache.mkdir(parents=True, exist_ok=True)
        self.lock = FolderLock(config.cache / "lock")
        self.fault_board = FaultBoard(log)
        self.token = config.token or read_stored_token(config.cache / "token")
        self.key = config.key
        self.cache = PlayerCache(config.cache, self.disk, driver.can_play, config.cache_bytes)
        self.cache.on_switched = self._on_playlist_switched
        self.play_log = PlayLog(config.cache / "plays", self.disk, config.plays_bytes)
        self.renderer = Renderer(self.cache, driver, self.fault_board, config.picture_bytes)
        self.playback = PlaybackLoop(
            self.cache, self.clock, self.renderer, self.play_log, self.fault_board, config.panel
        )

    def create_connection(self, token: str | None = None, *, quick: bool = False) -> ServerConnection:
        """Create a connection for one thread; a *quick* one times out before the watchdog does."""
        return ServerConnection(
            self.config.server, self.token if token is None else token,
            connect_s=min(5.0, self.config.connect_timeout_s) if quick else self.config.connect_timeout_s,
            read_s=min(5.0, self.config.read_timeout_s) if quick else self.config.read_timeout_s,
            steady=self.clock.steady,
        )  # fmt: skip

    def open(self) -> None:
        """Load and verify the cache; token and key must be known."""
        self.trust = DocumentTrust(self.config.cache / "keys.json", self.disk, self.key)
        self.identity = ScreenIdentity(self.config.cache / "identity.json", self.disk, self.token)
        self.cache.load(self._verify_document)
        connection = self.create_connection()
        self.poller = PlaylistPoller(
            connection, self.cache, self.trust, self.identity, self.clock, self.play_log, self.fault_board,
            self.config.document_bytes, random.Random(),  # noqa: S311 - it spreads polls, it hides nothing
        )  # fmt: skip
        self.reporter = ServerReporter(
            connection, self.cache, self.play_log, self.clock, self.fault_board, self.driver.name,
            self.config.heartbeat_s, self.config.screenshot_s,
        )  # fmt: skip
        self.reporter.get_current_item = lambda: self.playback.current_item
        self.reporter.get_screenshot = lambda: self.renderer.get_screenshot() if self.cache.current else None
        self.download_queue = DownloadQueue(self.cache, self.create_connection(""), self.clock, self.fault_board)

    def run(self, seconds: float | None = None) -> None:
        """Play until stopped, or for *seconds*."""
        until = None if seconds is None else time.monotonic() + seconds
        is_over = lambda: self.stop_event.is_set() or (until is not None and time.monotonic() >= until)  # noqa: E731
        notify_service_manager("READY=1")
        watchdog = Watchdog(
            lambda: self.playback.last_round_s, self.clock.steady, self.config.watchdog_s, exit_immediately
        )
        self.playback.last_round_s = self.clock.steady()
        threading.Thread(target=watchdog.run, args=(self.stop_event,), name="watchdog", daemon=True).start()
        if not self.token and not self._enrol(is_over):
            self.stop_event.set()
            self.driver.close(self.clock.read().at)
            self.lock.release()
            return
        self.open()
        threads = [
            threading.Thread(target=self._run_guarded, args=(target, name), name=name, daemon=True)
            for name, target in (("link", self._run_polling), ("gather", self._run_downloads), ("sync", self._run_sync))
        ]
        self.playback.last_round_s = self.clock.steady()
        for thread in threads:
            thread.start()
        run_playback(self.playback, self.driver.frame_ms, self.wake_event, is_over)
        self._send_final_report(threads)

    # -- threads -----------------------------------------------------------------------------------------------

    def _run_polling(self) -> None:
        """Poll for playlists; after a successful poll, send reports."""
        wait = self.poller.get_first_delay_s(
            time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else 1e9
        )
        due = self.clock.steady() + wait
        self.stop_event.wait(wait)  # after a power cut, no player of the street reports before its first poll
        while not self.stop_event.is_set():
            if self.clock.steady() >= due:
                polled = self.poller.poll_once()
                if polled.has_new_playlist:
                    self.download_queue.wake_event.set()
                if polled.server_reached:
                    self.reporter.send_plays()
                due = self.clock.steady() + polled.next_poll_s
            self.reporter.send_status()
            self.reporter.send_screenshot()
            self.stop_event.wait(max(0.01, min(1.0, due - self.clock.steady())))

    def _run_downloads(self) -> None:
        while not self.stop_event.is_set():
            wait = self.download_queue.run_once()
            if wait and self.download_queue.wake_event.wait(wait):
                self.download_queue.wake_event.clear()

    def _run_sync(self) -> None:
        while not self.stop_event.wait(self.config.fsync_s):
            try:
                self.play_log.sync()
            except OSError:
                self.fault_board.set_fault("plays-disk", PlayerError("no-room", "plays"))

    def _run_guarded(self, target: Callable[[], None], name: str) -> None:
        """Run *target*; after an unexpected exception set a fault and start it again."""
        while not self.stop_event.is_set():
            try:
                target()
            except Exception as error:
                self.fault_board.set_fault(
                    f"thread {name}", PlayerError("player-fault", f"{name}: {type(error).__name__}")
                )
                self.log(f"{name}: {error!r}")
                self.stop_event.wait(5.0)

    # -- internals ---------------------------------------------------------------------------------------------

    def _verify_document(self, document: bytes, envelope: Envelope) -> Playlist:
        return self.trust.verify_cached_playlist(document, envelope.signature, envelope.key, self.identity.screen)

    def _on_playlist_switched(self) -> None:
        current = self.cache.current
        if current is not None:
            self.log(f"showing playlist {current.playlist.serial} of {current.playlist.screen}")
        self.wake_event.set()

    def _enrol(self, is_over: Callable[[], bool]) -> bool:
        """Enrol and store the token; return False if the player was stopped."""

        def show(text: str) -> None:
            self.log(f"code: {text}")
            self.playback.show_text(text)

        wait = create_stop_wait(self.stop_event)

        def go_on(seconds: float) -> bool:
            until = time.monotonic() + seconds
            while time.monotonic() < until and not is_over():
                self.playback.last_round_s = self.clock.steady()
                wait(min(0.5, max(0.01, until - time.monotonic())))
            return not is_over()

        client = EnrolmentClient(
            self.create_connection("", quick=True), self.config.panel, get_hardware_id(self.config.cache), show, go_on
        )
        answer = client.run()
        if answer is None:
            return False
        self.token, self.key = answer.token, self.key or answer.key
        self.disk.replace(self.config.cache / "token", answer.token.encode("ascii"), 0o600)
        self.log(f"enrolled as {answer.screen}")
        return True

    def _send_final_report(self, threads: list[threading.Thread]) -> None:
        """Stop the threads and send the remaining plays, if the server answers within a few seconds."""
        self.stop_event.set()
        self.download_queue.wake_event.set()
        notify_service_manager("STOPPING=1")
        for thread in threads:
            thread.join(FINAL_REPORT_TIMEOUT_S)
        if not any(t.name == "link" and t.is_alive() for t in threads):
            last = threading.Thread(target=self._send_last_plays, daemon=True)
            last.start()
            last.join(FINAL_REPORT_TIMEOUT_S)
        self.play_log.close()
        self.lock.release()

    def _send_last_plays(self) -> None:
        if self.cache.newest is not None and self.reporter.send_plays():
            self.reporter.send_status(now=True)


def get_default_cache_folder(token: str) -> Path:
    """Return a folder per token below ``var/player``."""
    import hashlib

    name = hashlib.sha256(token.encode()).hexdigest()[:12] if token else "enrolling"
    return Path("var") / "player" / name
