"""A medium as frames over time: the image to show after so many milliseconds.

Each frame has an id; while the id stays the same the image does too, and nothing needs to be sent.
"""

import io
import zlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from msgspec import UNSET
from PIL import Image, ImageSequence

from signage.player.health import PlayerError
from signage.player.media.images import MediaFrame, Size, fit_to_panel
from signage.protocol.playlist import PlaylistMedia

MIN_FRAME_DELAY_MS = 20
DEFAULT_FRAME_DELAY_MS = 100
IMAGE_TYPES = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
MAX_IMAGE_PIXELS = 64_000_000


class MediaSource(Protocol):
    """An opened medium. *is_animated*: its frames differ over time."""

    is_animated: bool
    size_bytes: int

    def get_frame(self, elapsed_ms: int) -> MediaFrame: ...
    def close(self) -> None: ...


class StillImage:
    """A single image."""

    is_animated = False

    def __init__(self, image: Image.Image) -> None:
        self._frame = MediaFrame(0, image)
        self.size_bytes = _count_bytes(image)

    def get_frame(self, elapsed_ms: int) -> MediaFrame:
        return self._frame

    def close(self) -> None:
        return


class ScrollingStrip:
    """A strip that scrolls left: at time t of a pass it shows columns x…x+width-1, x = floor(t · px_per_s)."""

    is_animated = True

    def __init__(self, image: Image.Image, panel: Size, px_per_s: int) -> None:
        self._image, self._panel, self._px_per_s = image, panel, px_per_s
        self.size_bytes = _count_bytes(image)
        pass_px = image.width - panel[0]
        self.pass_ms = max(1, -(-pass_px * 1000 // px_per_s))

    def get_frame(self, elapsed_ms: int) -> MediaFrame:
        x = elapsed_ms % self.pass_ms * self._px_per_s // 1000
        width, height = self._panel
        return MediaFrame(x, self._image.crop((x, 0, x + width, height)))

    def close(self) -> None:
        return


class PagedImage:
    """Pages of the panel's height in one tall image, each shown for the same time."""

    is_animated = True

    def __init__(self, image: Image.Image, panel: Size, page_ms: int) -> None:
        width, height = panel
        count = max(1, image.height // height)
        self._pages = [image.crop((0, n * height, width, (n + 1) * height)) for n in range(count)]
        self._page_ms = page_ms
        self.size_bytes = _count_bytes(image)

    def get_frame(self, elapsed_ms: int) -> MediaFrame:
        page = elapsed_ms // self._page_ms % len(self._pages)
        return MediaFrame(page, self._pages[page])

    def close(self) -> None:
        return


class AnimatedImage:
    """An animated image, repeated. Frames are stored compressed: a minute of raw frames would exhaust the memory."""

    is_animated = True

    def __init__(self, frames: Iterable[Image.Image], delays_ms: Sequence[int], panel: Size) -> None:
        self._panel = panel
        self._packed_frames = [zlib.compress(frame.tobytes(), 1) for frame in frames]
        self._frame_ends_ms: list[int] = []
        end = 0
        for delay in delays_ms:
            end += delay if delay >= MIN_FRAME_DELAY_MS else DEFAULT_FRAME_DELAY_MS
            self._frame_ends_ms.append(end)
        self.size_bytes = sum(len(compressed) for compressed in self._packed_frames)

    def get_frame(self, elapsed_ms: int) -> MediaFrame:
        position_ms = elapsed_ms % self._frame_ends_ms[-1]
        index = bisect_right(self._frame_ends_ms, position_ms)
        return MediaFrame(index, Image.frombytes("RGB", self._panel, zlib.decompress(self._packed_frames[index])))

    def close(self) -> None:
        return


def open_image(data: bytes, media: PlaylistMedia, panel: Size) -> MediaSource:
    """Open the image *data* that *media* describes. Raises PlayerError if it cannot be shown."""
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            if image.width * image.height > MAX_IMAGE_PIXELS:
                raise PlayerError("media-broken", media.sha256[:12])
            if getattr(image, "n_frames", 1) > 1:
                return _create_animated(image, panel)
            decoded = image.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise PlayerError("media-broken", media.sha256[:12]) from error
    motion = media.motion
    if motion is not UNSET and motion.effect == "scroll-left" and motion.px_per_s:
        if decoded.width > panel[0] and motion.px_per_s > 0:
            return ScrollingStrip(_scale_to_height(decoded, panel), panel, motion.px_per_s)
    elif motion is not UNSET and motion.effect == "pages" and motion.page_ms and motion.page_ms > 0:
        return PagedImage(decoded, panel, motion.page_ms)
    return StillImage(fit_to_panel(decoded, panel))


def _create_animated(image: Image.Image, panel: Size) -> MediaSource:
    delays: list[int] = []

    def frames() -> Iterator[Image.Image]:
        for frame in ImageSequence.Iterator(image):
            delays.append(int(frame.info.get("duration", 0)))
            yield fit_to_panel(frame.convert("RGB"), panel)

    return AnimatedImage(frames(), delays, panel)


def _scale_to_height(image: Image.Image, panel: Size) -> Image.Image:
    if image.height == panel[1]:
        return image
    return image.resize((image.width, panel[1]))


def _count_bytes(image: Image.Image) -> int:
    return image.width * image.height * 3


def open_media(path: Path, media: PlaylistMedia, panel: Size, elapsed_ms: int) -> MediaSource:
    """Open the file of *media* at *elapsed_ms*. Raises PlayerError."""
    if media.type in IMAGE_TYPES:
        try:
            return open_image(path.read_bytes(), media, panel)
        except OSError as error:
            raise PlayerError("media-missing", media.sha256[:12]) from error
    from signage.player.media.video_decoder import VideoDecoder  # import PyAV only where films are shown

    return VideoDecoder(path, media, panel, elapsed_ms)
