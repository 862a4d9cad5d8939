"""Watches a kiosk page from outside: what its window shows, by sampled screenshots, and when each item came up."""

import io
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import av
import numpy
from numpy.typing import NDArray
from PIL import Image

from signage.protocol import playlist as wire
from signage.protocol.playback import PlaylistTimeline

Thumbnail = NDArray[numpy.int16]
THUMBNAIL_SIZE = (96, 32)
BLACK_LEVEL = 24
MAX_DIFFERENCE = 14.0
LATE_MS = 250
STARTING_MS = 5_000
FRAME_MS = 1000 / 60
RECORD_SCRIPT = """
(() => {
  const beats = [];
  const beat = (at) => {
    beats.push(at);
    if (beats.length > 61) beats.shift();
    requestAnimationFrame(beat);
  };
  requestAnimationFrame(beat);
  const longest = (late) => {
    const now = performance.now();
    const times = [...beats, now];
    return Math.max(0, ...times.slice(1).map((at, i) => (at > now - late ? at - times[i] : 0)));
  };
  const timer = setInterval(() => {
    const s = globalThis.signage;
    if (!s || globalThis.presented) return;
    clearInterval(timer);
    globalThis.presented = [];
    const present = s.stage.present.bind(s.stage);
    s.stage.present = () => {
      present();
      const { slot } = s.stage.front;
      const now = s.clock.now();
      globalThis.presented.push([slot.item, slot.began, now, longest(now - slot.began)]);
    };
  }, 20);
})();
"""
READ_SCRIPT = """() => {
  const s = globalThis.signage;
  const presented = globalThis.presented ?? [];
  globalThis.presented = globalThis.presented && [];
  return { now: s.clock.now(), item: s.player.current?.item ?? null, ends: s.player.current?.ends ?? 0,
    presented, serial: s.documents.shows?.playlist.serial ?? 0, faults: s.faults.list() };
}"""


def create_thumbnail(image: Image.Image) -> Thumbnail:
    return numpy.asarray(image.convert("RGB").resize(THUMBNAIL_SIZE, Image.Resampling.BOX), dtype=numpy.int16)


class ExpectedPictures:
    """What a document's items look like, small."""

    def __init__(self, document: wire.Playlist, fetch: Callable[[str], bytes]) -> None:
        self.timeline = PlaylistTimeline(document)
        self.document = document
        self._stills: dict[str, Thumbnail] = {}
        self._films: dict[str, list[tuple[float, Thumbnail]]] = {}
        for name, item in document.items.items():
            media = item.media[0]
            data = fetch(media.href)
            if media.type.startswith("video/"):
                self._films[name] = _decode_frames(data)
            else:
                self._stills[name] = create_thumbnail(Image.open(io.BytesIO(data)))

    def list_pictures(self, begin_ms: float, end_ms: float) -> list[Thumbnail]:
        """All that may be seen between two instants (epoch ms)."""
        found = []
        for at_ms in {begin_ms, (begin_ms + end_ms) / 2, end_ms}:
            shown = self.timeline.get_now_showing(datetime.fromtimestamp(at_ms / 1000, UTC))
            if shown.item in self._stills:
                found.append(self._stills[shown.item])
            elif shown.item is not None:
                slack = (end_ms - begin_ms) / 1000 + 0.5
                due = shown.elapsed_ms / 1000
                found += [picture for t, picture in self._films[shown.item] if abs(t - due) <= slack]
        return found


def _decode_frames(data: bytes) -> list[tuple[float, Thumbnail]]:
    width, height = THUMBNAIL_SIZE[0] * 2, THUMBNAIL_SIZE[1] * 2
    with av.open(io.BytesIO(data), "r") as container:
        return [
            (
                float(frame.time or 0),
                create_thumbnail(Image.fromarray(frame.reformat(width, height, "rgb24").to_ndarray())),
            )
            for frame in container.decode(video=0)
        ]


@dataclass(frozen=True)
class ItemAppearance:
    """An item that came up so late; *frame_ms*: the longest frame that the browser gave the page from then to there."""

    late_ms: int
    frame_ms: float
    starting: bool

    @property
    def is_on_time(self) -> bool:
        """Within two frames of its due instant, or one after the long frame in which the instant lay."""
        return self.late_ms <= FRAME_MS + max(FRAME_MS, self.frame_ms)


@dataclass
class KioskMonitor:
    """One page under watch. *black*, *wrong*: samples that should not be; *came_up*: each item that did."""

    page: Any
    expected: ExpectedPictures
    samples: int = 0
    black: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    appearances: list[ItemAppearance] = field(default_factory=list)
    started_ms: float = 0.0
    faults: set[str] = field(default_factory=set)

    def collect_appearances(self) -> dict[str, Any]:
        """Take over what came up since the last look."""
        told: dict[str, Any] = self.page.evaluate(READ_SCRIPT)
        for item, began, at, frame_ms in told["presented"]:
            self.appearances.append(ItemAppearance(at - began, frame_ms, at < self.started_ms + STARTING_MS))
            shown = self.expected.timeline.get_now_showing(datetime.fromtimestamp(at / 1000, UTC))
            if shown.item != item:
                self.wrong.append(f"{at}: {item} came up in place of {shown.item}")
        self.faults |= set(told["faults"])
        return told

    def sample(self) -> None:
        """Compare the window with what the document says for this moment."""
        begin = time.time() * 1000
        image = Image.open(io.BytesIO(self.page.screenshot(type="jpeg", quality=90)))
        end = time.time() * 1000
        seen = create_thumbnail(image.crop(_find_panel_box(image.size, self.expected.document.panel)))
        self.samples += 1
        pictures = self.expected.list_pictures(begin - 100, end + 50)
        least = min(float(abs(seen - picture).mean()) for picture in pictures)
        if seen.max() < BLACK_LEVEL <= min(int(picture.max()) for picture in pictures):
            self.black.append(f"{begin:.0f}")
        elif least > MAX_DIFFERENCE:
            shown = self.expected.timeline.get_now_showing(datetime.fromtimestamp(begin / 1000, UTC))
            self.wrong.append(f"{begin:.0f}: differs from {shown.item} at {shown.elapsed_ms} ms by {least:.1f}")

    def sample_at_switch(self) -> None:
        """Wait for the next switch if it is near, and sample around it."""
        told = self.collect_appearances()
        left_s = (told["ends"] - told["now"]) / 1000
        if 0 < left_s < 3:
            time.sleep(max(0.0, left_s - 0.06))
            for _ in range(3):
                self.sample()

    def mark_started(self) -> None:
        """The page has just been loaded: what comes up now may come in the middle of its turn."""
        self.started_ms = time.time() * 1000

    def list_running_appearances(self) -> list[ItemAppearance]:
        """What came up while the page ran: not in the first seconds after it was loaded."""
        return [one for one in self.appearances if not one.starting]

    def format_figures(self) -> str:
        late = sorted(one.late_ms for one in self.list_running_appearances())
        at = [late[min(len(late) - 1, len(late) * p // 100)] for p in (50, 95, 99)] if late else [0, 0, 0]
        return (
            f"{self.expected.document.screen}: {self.samples} samples, "
            f"{len(self.black)} black, {len(self.wrong)} wrong; "
            f"{len(self.appearances) - len(late)} items came up at a start, "
            f"{len(late)} later, late by {at[0]} / {at[1]} / "
            f"{at[2]} / {late[-1] if late else 0} ms (median, 95 %, 99 %, most), "
            f"{sum(one.late_ms <= 2 * FRAME_MS for one in self.list_running_appearances())} within two frames, "
            f"{sum(one.is_on_time for one in self.list_running_appearances())} within two of the page's own"
        )


def _find_panel_box(window: tuple[int, int], panel: wire.PlaylistPanel) -> tuple[int, int, int, int]:
    """Where the panel stands in the window: whole pixels enlarged, in the middle (renderer.js)."""
    room = min(window[0] / panel.width, window[1] / panel.height)
    scale = int(room) if room >= 1 else room
    width, height = panel.width * scale, panel.height * scale
    left, top = round((window[0] - width) / 2), round((window[1] - height) / 2)
    return left, top, round(left + width), round(top + height)
