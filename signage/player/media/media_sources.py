"""A medium as pictures in time: what its panel shows when it has run for so many ms.

A source says a *mark* with each picture; while the mark stays, so does the picture, and nothing need be sent.
"""

import io
import zlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from msgspec import UNSET
from PIL import Image, ImageSequence

from signage.player.health import Trouble
from signage.player.media.images import Picture, Size, fitted
from signage.protocol.playlist import PlaylistMedia

LEAST_DELAY_MS = 20
TOO_SHORT_IS_MS = 100
STILLS = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
MOST_PIXELS = 64_000_000


class Source(Protocol):
    """A medium made ready. *moves*: the picture changes while the item runs."""

    moves: bool
    bytes: int

    def at(self, elapsed_ms: int) -> Picture: ...
    def close(self) -> None: ...


class Still:
    """One picture."""

    moves = False

    def __init__(self, image: Image.Image) -> None:
        self._picture = Picture(0, image)
        self.bytes = _bytes(image)

    def at(self, elapsed_ms: int) -> Picture:
        return self._picture

    def close(self) -> None:
        return


class Strip:
    """A strip that scrolls to the left: at time t of a pass columns x…x+width-1, x = floor(t · px_per_s)."""

    moves = True

    def __init__(self, image: Image.Image, panel: Size, px_per_s: int) -> None:
        self._image, self._panel, self._px_per_s = image, panel, px_per_s
        self.bytes = _bytes(image)
        way = image.width - panel[0]
        self.pass_ms = max(1, -(-way * 1000 // px_per_s))

    def at(self, elapsed_ms: int) -> Picture:
        x = elapsed_ms % self.pass_ms * self._px_per_s // 1000
        width, height = self._panel
        return Picture(x, self._image.crop((x, 0, x + width, height)))

    def close(self) -> None:
        return


class Pages:
    """Pages of the panel's height, one under the other, each shown for the same time."""

    moves = True

    def __init__(self, image: Image.Image, panel: Size, page_ms: int) -> None:
        width, height = panel
        count = max(1, image.height // height)
        self._pages = [image.crop((0, n * height, width, (n + 1) * height)) for n in range(count)]
        self._page_ms = page_ms
        self.bytes = _bytes(image)

    def at(self, elapsed_ms: int) -> Picture:
        page = elapsed_ms // self._page_ms % len(self._pages)
        return Picture(page, self._pages[page])

    def close(self) -> None:
        return


class Animated:
    """An animated picture, round after round. Its frames are kept packed: a minute of them would fill a machine."""

    moves = True

    def __init__(self, frames: Iterable[Image.Image], delays_ms: Sequence[int], panel: Size) -> None:
        self._panel = panel
        self._frames = [zlib.compress(frame.tobytes(), 1) for frame in frames]
        self._ends: list[int] = []
        end = 0
        for delay in delays_ms:
            end += delay if delay >= LEAST_DELAY_MS else TOO_SHORT_IS_MS
            self._ends.append(end)
        self.bytes = sum(len(packed) for packed in self._frames)

    def at(self, elapsed_ms: int) -> Picture:
        place = elapsed_ms % self._ends[-1]
        index = bisect_right(self._ends, place)
        return Picture(index, Image.frombytes("RGB", self._panel, zlib.decompress(self._frames[index])))

    def close(self) -> None:
        return


def open_picture(data: bytes, media: PlaylistMedia, panel: Size) -> Source:
    """The picture in *data* as *media* describes it. Raises Trouble where it cannot be shown."""
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise Trouble("media-broken", media.sha256[:12])
            if getattr(image, "n_frames", 1) > 1:
                return _animated(image, panel)
            whole = image.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Trouble("media-broken", media.sha256[:12]) from error
    motion = media.motion
    if motion is not UNSET and motion.effect == "scroll-left" and motion.px_per_s:
        if whole.width > panel[0] and motion.px_per_s > 0:
            return Strip(_tall(whole, panel), panel, motion.px_per_s)
    elif motion is not UNSET and motion.effect == "pages" and motion.page_ms and motion.page_ms > 0:
        return Pages(whole, panel, motion.page_ms)
    return Still(fitted(whole, panel))


def _animated(image: Image.Image, panel: Size) -> Source:
    delays: list[int] = []

    def frames() -> Iterator[Image.Image]:
        for frame in ImageSequence.Iterator(image):
            delays.append(int(frame.info.get("duration", 0)))
            yield fitted(frame.convert("RGB"), panel)

    return Animated(frames(), delays, panel)


def _tall(image: Image.Image, panel: Size) -> Image.Image:
    if image.height == panel[1]:
        return image
    return image.resize((image.width, panel[1]))


def _bytes(image: Image.Image) -> int:
    return image.width * image.height * 3


def open_source(path: Path, media: PlaylistMedia, panel: Size, elapsed_ms: int) -> Source:
    """*media* from its file, made ready to show from *elapsed_ms* on. Raises Trouble."""
    if media.type in STILLS:
        try:
            return open_picture(path.read_bytes(), media, panel)
        except OSError as error:
            raise Trouble("media-missing", media.sha256[:12]) from error
    from signage.player.media.video_decoder import Film  # PyAV is loaded only where films are shown

    return Film(path, media, panel, elapsed_ms)
