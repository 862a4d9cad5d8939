"""Writes a GIF frame by frame in constant memory, with exact colours where there are few.

1. GIF durations are in ticks of 10 ms: no frame is off by more than half a tick, and the total is not too short.
2. A frame equal to the one before extends it; of other frames only the changed part is written.
"""

from types import TracebackType
from typing import BinaryIO

from PIL import GifImagePlugin, Image, ImageChops

from signage.pixels.image.colors import BLACK, Rgb
from signage.pixels.image.palette import MAX_PALETTE_COLORS, apply_palette, list_colors

TICK_MS = 10
_MAX_TICKS = 60_000
_LOOP_EXTENSION = b"!\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00"
_DISPOSAL_KEEP = 1


class GifWriter:
    """Writes an endless GIF of *width* × *height* into *target*; use as a context manager.

    *colors*: all colours of the frames besides black; without it, each frame gets a palette of its own.
    """

    def __init__(self, target: BinaryIO, width: int, height: int, colors: tuple[Rgb, ...] | None = None) -> None:
        self._file = target
        self._colors = sorted({BLACK, *colors}) if colors else None
        self._screen: Image.Image | None = None
        self._pending: Image.Image | None = None
        self._begin = self._end = 0
        table = _encode_color_table(self._colors) if self._colors else b""
        flags = 0x80 | (len(table) // 3).bit_length() - 2 if table else 0
        head = b"GIF89a" + width.to_bytes(2, "little") + height.to_bytes(2, "little") + bytes((flags, 0, 0))
        target.write(head + table + _LOOP_EXTENSION)

    def __enter__(self) -> "GifWriter":
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        if kind is None:
            self._end = -(-self._end // TICK_MS) * TICK_MS
            self._flush()
            self._file.write(b";")

    def add_frame(self, image: Image.Image, begin_ms: int, end_ms: int) -> None:
        """Add *image* (RGB), shown from *begin_ms* to *end_ms*, where the next frame begins."""
        if self._pending is not None and ImageChops.difference(self._pending, image).getbbox() is None:
            self._end = end_ms
            return
        self._flush()
        self._pending, self._begin, self._end = image, begin_ms, end_ms

    def _flush(self) -> None:
        if self._pending is None:
            return
        remaining_ticks = max(1, _to_ticks(self._end) - _to_ticks(self._begin))
        box = self._find_changed_box(self._pending)
        while remaining_ticks > 0:
            ticks = min(remaining_ticks, _MAX_TICKS)
            self._write_part(self._pending.crop(box), box[:2], ticks)
            remaining_ticks -= ticks
            box = (0, 0, 1, 1)
        self._screen = self._pending

    def _find_changed_box(self, image: Image.Image) -> tuple[int, int, int, int]:
        if self._screen is None:
            return (0, 0, *image.size)
        return ImageChops.difference(self._screen, image).getbbox() or (0, 0, 1, 1)

    def _write_part(self, part: Image.Image, corner: tuple[int, int], ticks: int) -> None:
        indexed, has_own_palette = self._convert_to_indexed(part), self._colors is None
        blocks = GifImagePlugin.getdata(
            indexed, corner, duration=ticks * TICK_MS, disposal=_DISPOSAL_KEEP, include_color_table=has_own_palette
        )
        self._file.write(b"".join(blocks))

    def _convert_to_indexed(self, part: Image.Image) -> Image.Image:
        colors = self._colors or list_colors(part)
        if colors is not None:
            return apply_palette(part, colors)
        palette = part.quantize(MAX_PALETTE_COLORS, Image.Quantize.MEDIANCUT)
        return part.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)


def _to_ticks(ms: int) -> int:
    return (ms + TICK_MS // 2) // TICK_MS


def _encode_color_table(colors: list[Rgb]) -> bytes:
    """Encode the colours as a table of 2, 4, 8, … entries."""
    size = 2
    while size < len(colors):
        size *= 2
    return bytes(part for color in colors for part in color).ljust(3 * size, b"\0")
