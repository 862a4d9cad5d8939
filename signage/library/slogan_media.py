"""Slogans that move: how, and as a film or a GIF, in whole pixels a frame.

Made of the program's own drawing alone, so at once and outside the jail.
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


def get_motion(setting: SloganLayout) -> Motion | None:
    """How the picture moves; None where it stands still."""
    if setting.kind == "scroll-left" and setting.px_per_s is not None:
        return Motion("scroll-left", px_per_s=setting.px_per_s)
    if setting.kind == "pages" and setting.page_ms is not None:
        return Motion("pages", page_ms=setting.page_ms)
    return None


def render_mp4(setting: SloganLayout, picture: Image.Image, panel: Panel) -> bytes:
    """The whole item as MP4: what moves, for its whole duration."""
    from signage.library.codecs import mp4_writer as mp4  # FFmpeg is loaded where a film is made, not in every process

    rate = choose_frame_rate(setting, panel)
    count = max(1, round(Fraction(setting.duration_ms, 1000) * rate))
    shape = mp4.VideoParameters(
        panel.width, panel.height, Fraction(rate), Fraction(1, rate), panel.max_kbps, has_text=True
    )
    target = io.BytesIO()
    with mp4.Mp4Writer(target, shape) as writer:
        last: tuple[int, int] | None = None
        for number, corner in enumerate(_list_viewport_corners(setting, rate, count)):
            if corner != last:
                x, y = corner
                frame = mp4.convert_to_frame(picture.crop((x, y, x + panel.width, y + panel.height)))
                last = corner
            writer.add_frame(frame, number, 1)
    return target.getvalue()


def render_gif(setting: SloganLayout, picture: Image.Image, panel: Panel) -> bytes:
    """The whole item as an endless GIF: what moves, for its whole duration."""
    from signage.library.codecs import gif_writer as gif

    rate = min(choose_frame_rate(setting, panel), MAX_GIF_FPS)
    count = max(1, round(Fraction(setting.duration_ms, 1000) * rate))
    target = io.BytesIO()
    with gif.GifWriter(target, panel.width, panel.height) as writer:
        for number, (x, y) in enumerate(_list_viewport_corners(setting, rate, count)):
            begin, end = (round(Fraction(n * 1000, rate)) for n in (number, number + 1))
            writer.add_frame(picture.crop((x, y, x + panel.width, y + panel.height)), begin, end)
    return target.getvalue()


def choose_frame_rate(setting: SloganLayout, panel: Panel) -> int:
    """Frames a second: such that a strip moves by whole pixels from frame to frame, where the panel allows."""
    if setting.kind == "pages":
        return min(_PAGES_FPS, panel.fps)
    rate = min(_MAX_FPS, panel.fps)
    speed = setting.px_per_s or rate
    return next((r for r in range(rate, rate // 2, -1) if speed % r == 0), rate)


def _list_viewport_corners(setting: SloganLayout, rate: int, count: int) -> Iterator[tuple[int, int]]:
    """Which corner of the picture the panel's top left is at, frame by frame (contract, ``motion``)."""
    for number in range(count):
        at = Fraction(number * 1000, rate)
        if setting.kind == "scroll-left" and setting.pass_ms and setting.px_per_s:
            yield int(at % setting.pass_ms * setting.px_per_s / 1000), 0
        elif setting.kind == "pages" and setting.page_ms:
            yield 0, int(at // setting.page_ms) % setting.pages * setting.panel_height
        else:
            yield 0, 0
