"""Report to the server: plays, status and screenshots."""

import io
import random
import shutil
from collections.abc import Callable
from datetime import timezone

import msgspec
from PIL import Image

from signage import __version__
from signage.player.clock import PlayerClock
from signage.player.health import FaultBoard, PlayerError
from signage.player.network.http_client import ServerConnection
from signage.player.storage.cache import PlayerCache
from signage.player.storage.play_log import PlayLog
from signage.protocol.plays import MAX_BATCH_PLAYS, PlayAcknowledgement
from signage.protocol.status import StatusMessage

MIN_BATCH = 1
FIRST_SCREENSHOT_RANGE_S = (10.0, 70.0)
MAX_BACKOFF_S = 300.0
MAX_FAULTS = 20
MAX_PNG_PIXELS = 200_000


class ServerReporter:
    """Sends reports over one connection. Raises nothing: failures become active faults and are retried."""

    def __init__(
        self,
        connection: ServerConnection,
        cache: PlayerCache,
        plays: PlayLog,
        clock: PlayerClock,
        board: FaultBoard,
        driver: str,
        heartbeat_s: float,
        screenshot_s: float,
    ) -> None:
        self._connection, self._cache, self._plays, self._clock = connection, cache, plays, clock
        self._board, self._driver = board, driver
        self._heartbeat_s, self._screenshot_s = heartbeat_s, screenshot_s
        self._max_plays = MAX_BATCH_PLAYS
        self._last_reported: tuple[int, int | None] | None = None
        self._status_due = clock.steady()
        self._screenshot_due = clock.steady() + min(screenshot_s, random.uniform(*FIRST_SCREENSHOT_RANGE_S))  # noqa: S311
        self._screenshot_wanted, self._failures, self._not_before = False, 0, clock.steady()
        self.get_current_item: Callable[[], str | None] = lambda: None
        self.get_screenshot: Callable[[], Image.Image | None] = lambda: None

    def send_plays(self) -> bool:
        """Send all pending plays in batches; return True if none is left."""
        try:
            while (batch := self._plays.get_next_batch(self._max_plays)) is not None:
                answer = self._connection.post("/screen/v1/plays", batch.body, compress=len(batch.body) > 600)
                if answer.status == 413 and self._max_plays > MIN_BATCH:
                    self._max_plays = max(MIN_BATCH, self._max_plays // 2)
                    continue
                if answer.status != 200:
                    raise PlayerError("plays-not-taken", str(answer.status))
                if not self._plays.acknowledge(_parse_acknowledged(answer.body)):
                    raise PlayerError("plays-not-taken", "nothing was acknowledged")
            self._max_plays = MAX_BATCH_PLAYS
        except PlayerError as trouble:
            self._board.set_fault("plays", trouble)
            return False
        except OSError:
            self._board.set_fault("plays", PlayerError("no-room", "plays"))
            return False
        self._board.clear("plays")
        return True

    def send_status(self, *, now: bool = False) -> bool:
        """Send the status if it is due or a fault changed; return True if it was sent."""
        report_state = (self._board.version, self._get_serial())
        steady = self._clock.steady()
        if not now and (
            steady < self._not_before or (report_state == self._last_reported and steady < self._status_due)
        ):
            return False
        try:
            answer = self._connection.post("/screen/v1/status", msgspec.json.encode(self.build_status()))
            if answer.status >= 300:
                raise PlayerError("server-error", str(answer.status))
        except PlayerError:
            self._failures += 1
            self._not_before = steady + min(MAX_BACKOFF_S, 5.0 * 2 ** min(self._failures, 8))
            return False
        self._failures, self._last_reported, self._status_due = 0, report_state, steady + self._heartbeat_s
        self._screenshot_wanted |= answer.headers.get("signage-wants", "") == "screenshot"
        return True

    def build_status(self) -> StatusMessage:
        """Build the status message."""
        serial = self._get_serial()
        reading = self._clock.read()
        return StatusMessage(
            player=f"signage {self._driver}",
            version=__version__,
            serial=serial if serial is not None else msgspec.UNSET,
            item=self.get_current_item(),
            clock=reading.at.astimezone(timezone.utc).isoformat(timespec="milliseconds"),  # noqa: UP017
            free_bytes=shutil.disk_usage(self._cache.folder).free,
            temperature_c=read_temperature_c(),
            faults=tuple(dict.fromkeys(self._board.get_active().values()))[:MAX_FAULTS],
        )

    def send_screenshot(self) -> bool:
        """Send a screenshot if one is due or was requested; return True if it was sent."""
        if not self._screenshot_wanted and self._clock.steady() < self._screenshot_due:
            return False
        image = self.get_screenshot()
        if image is None:
            return False
        self._screenshot_due = self._clock.steady() + self._screenshot_s
        self._screenshot_wanted = False
        body, content_type = encode_screenshot(image)
        try:
            return self._connection.put("/screen/v1/screenshot", body, content_type).status < 300
        except PlayerError:
            return False

    def _get_serial(self) -> int | None:
        return self._cache.current.playlist.serial if self._cache.current else None


def encode_screenshot(image: Image.Image) -> tuple[bytes, str]:
    """Encode the image: PNG for a small panel, JPEG for a large one. Returns bytes and type."""
    out = io.BytesIO()
    if image.width * image.height <= MAX_PNG_PIXELS:
        image.save(out, "PNG", optimize=True)
        return out.getvalue(), "image/png"
    image.convert("RGB").save(out, "JPEG", quality=75)
    return out.getvalue(), "image/jpeg"


def read_temperature_c() -> float | msgspec.UnsetType:
    """Return the processor's temperature, if the machine reports it."""
    try:
        with open("/sys/class/thermal/thermal_zone0/temp", encoding="ascii") as file:  # noqa: PTH123
            return int(file.read()) / 1000
    except (OSError, ValueError):
        return msgspec.UNSET


def _parse_acknowledged(body: bytes) -> PlayAcknowledgement:
    try:
        return msgspec.json.decode(body, type=PlayAcknowledgement)
    except ValueError:
        raise PlayerError("plays-not-taken", "unreadable answer") from None
