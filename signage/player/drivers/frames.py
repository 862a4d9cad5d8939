"""Driver that writes the panel's images to files: one PNG per image in a folder, or all of them as one GIF.

A file name is the instant at which its image appeared, in the screen's time zone, to the millisecond:
``2021-03-15T08-00-00.040.png``. The image is valid until the next one. Brightness is not applied to the pixels.
"""

from datetime import datetime
from itertools import pairwise
from pathlib import Path

from PIL import Image

from signage.player.drivers import BaseDriver
from signage.player.health import PlayerError
from signage.player.media.images import Size

MIN_GIF_DELAY_MS = 20


class FramesDriver(BaseDriver):
    """Writes frames to *out*: a folder, or a file whose name ends in ``.gif``."""

    name = "frames"
    wants_images = True

    def __init__(self, out: Path, fps: float = 20.0) -> None:
        self._out = out
        self.frame_ms = 1000.0 / fps
        self._size: Size = (1, 1)
        self._gif_frames: list[tuple[Image.Image, datetime]] = []
        self._is_gif = out.suffix.lower() == ".gif"
        folder = out.parent if self._is_gif else out
        folder.mkdir(parents=True, exist_ok=True)

    def open(self, size: Size) -> None:
        self._size = size

    def show_image(self, image: Image.Image, at: datetime) -> None:
        if self._is_gif:
            self._gif_frames.append((image.copy(), at))
            return
        file_name = at.isoformat(timespec="milliseconds")[:23].replace(":", "-")
        temporary_path = self._out / f".{file_name}.part"
        try:
            image.save(temporary_path, "PNG", compress_level=1)
            temporary_path.replace(self._out / f"{file_name}.png")
        except OSError as error:
            temporary_path.unlink(missing_ok=True)
            raise PlayerError("driver-failed", self.name) from error

    def show_black(self, at: datetime) -> None:
        self.show_image(Image.new("RGB", self._size), at)

    def close(self, at: datetime) -> None:
        """Write the GIF; each image gets the duration for which it was shown."""
        if not self._gif_frames:
            return
        images = [image for image, _ in self._gif_frames]
        times = [at for _, at in self._gif_frames] + [at]
        pairs = pairwise(times)
        delays = [max(MIN_GIF_DELAY_MS, round((b - a).total_seconds() * 1000)) for a, b in pairs]
        images[0].save(self._out, "GIF", save_all=True, append_images=images[1:], duration=delays, loop=0, disposal=1)
        self._gif_frames = []
