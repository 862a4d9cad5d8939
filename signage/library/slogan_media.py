"""Encodes moving slogans as MP4 or GIF, in whole pixels per frame.

The input is drawn by this program alone, so it needs no sandbox.
"""

import io
from collections.abc import Iterator
from fractions import Fraction

from PIL import Image

from signage.library.rendition_specs import MAX_GIF_FPS
from signage.model.panel import Panel
from signage.pixels.slogan.slogan_layout import SloganLayout
from signage.protocol.playlist import Motion

_MAX_FPS = 30
_PAGES_FPS = 10


def get_motion(layout: SloganLayout) -> Motion | None:
    """Return the motion of the picture; None for a still one."""
    if layout.kind == "scroll-left" and layout.px_per_s is not None:
        return Motion("scroll-left", px_per_s=layout.px_per_s)
    if layout.kind == "pages" and layout.page_ms is not None:
        return Motion("pages", page_ms=layout.page_ms)
    return None


def render_mp4(layout: SloganLayout, picture: Image.Image, panel: Panel) -> bytes:
    """Encode a moving slogan as MP4, for its whole duration."""
    from signage.library.codecs import mp4_writer  # loads FFmpeg: only in processes that encode

    rate = choose_frame_rate(layout, panel)
    count = max(1, round(Fraction(layout.duration_ms, 1000) * rate))
    parameters = mp4_writer.VideoParameters(
        panel.width, panel.height, Fraction(rate), Fraction(1, rate), panel.max_kbps, has_text=True
    )
    target = io.BytesIO()
    with mp4_writer.Mp4Writer(target, parameters) as writer:
        last_corner: tuple[int, int] | None = None
        for number, corner in enumerate(_list_viewport_corners(layout, rate, count)):
            if corner != last_corner:
                x, y = corner
                frame = mp4_writer.convert_to_frame(picture.crop((x, y, x + panel.width, y + panel.height)))
                last_corner = corner
            writer.add_frame(frame, number, 1)
    return target.getvalue()


def render_gif(layout: SloganLayout, picture: Image.Image, panel: Panel) -> bytes:
    """Encode a moving slogan as an endless GIF, for its whole duration."""
    from signage.library.codecs import gif_writer

    rate = min(choose_frame_rate(layout, panel), MAX_GIF_FPS)
    count = max(1, round(Fraction(layout.duration_ms, 1000) * rate))
    target = io.BytesIO()
    with gif_writer.GifWriter(target, panel.width, panel.height) as writer:
        for number, (x, y) in enumerate(_list_viewport_corners(layout, rate, count)):
            begin, end = (round(Fraction(n * 1000, rate)) for n in (number, number + 1))
            writer.add_frame(picture.crop((x, y, x + panel.width, y + panel.height)), begin, end)
    return target.getvalue()


def choose_frame_rate(layout: SloganLayout, panel: Panel) -> int:
    """Return the frame rate: a strip moves by whole pixels from frame to frame, where the panel's rate permits."""
    if layout.kind == "pages":
        return min(_PAGES_FPS, panel.fps)
    rate = min(_MAX_FPS, panel.fps)
    speed = layout.px_per_s or rate
    return next((r for r in range(rate, rate // 2, -1) if speed % r == 0), rate)


def _list_viewport_corners(layout: SloganLayout, rate: int, count: int) -> Iterator[tuple[int, int]]:
    """Yield, frame by frame, the position in the picture of the panel's top left corner (contract, ``motion``)."""
    for number in range(count):
        at = Fraction(number * 1000, rate)
        if layout.kind == "scroll-left" and layout.pass_ms and layout.px_per_s:
            yield int(at % layout.pass_ms * layout.px_per_s / 1000), 0
        elif layout.kind == "pages" and layout.page_ms:
            yield 0, int(at // layout.page_ms) % layout.pages * layout.panel_height
        else:
            yield 0, 0
