"""A slogan as people look at it before it is shown: a panel's true pixels, or its LEDs, at its true speed.

1. A frame is at ``n / fps`` of the panel. In a GIF, whose clock ticks in 10 ms, delays are rounded so that none is off
   by more than a tick and the whole is right; a rate over 50 is halved until it is not (players ignore shorter delays).
2. A GIF holds one pass or one round and repeats; a film lasts as long as the item.
"""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import groupby

from PIL import Image

from signage.pixels.image import led_preview as led
from signage.pixels.image import png
from signage.pixels.image.palette import MAX_PALETTE_COLORS, apply_palette, list_colors
from signage.pixels.slogan import animation as frames
from signage.pixels.slogan.slogan_layout import SloganLayout
from signage.pixels.text import raster as painting

_MAX_GIF_FPS = 50
_TICK_MS = 10
_SAMPLE_PX = 4096


@dataclass(frozen=True, slots=True)
class FrameRun:
    """The panel from frame *at* on, for *frames* frames."""

    first_frame: int
    frame_count: int
    image: Image.Image


def get_representative_ms(setting: SloganLayout) -> int:
    """A time of the item at which the panel shows what it is about: a strip when its beginning has come in."""
    if setting.kind == "scroll-left" and setting.pass_ms and setting.px_per_s:
        return min(setting.pass_ms // 2, setting.panel_width * 1000 // setting.px_per_s)
    return 0


def iter_frame_runs(setting: SloganLayout, fps: int, length_ms: int) -> Iterator[FrameRun]:
    """What the panel shows in *length_ms* at *fps* frames a second; a frame like the one before is the same shot."""
    count = max(1, round(length_ms * fps / 1000))
    numbers = groupby(range(count), key=lambda n: frames.get_frame_offset(setting, Fraction(n * 1000, fps)))
    page = painting.render_layout(setting)
    width, height = setting.panel_width, setting.panel_height
    for (x, y), run in numbers:
        first, *rest = run
        yield FrameRun(first, 1 + len(rest), page.crop((x, y, x + width, y + height)))


def make_led_renderer(setting: SloganLayout) -> Callable[[Image.Image], Image.Image]:
    """What makes LEDs of a frame of this panel."""
    scale = led.get_led_scale(setting.panel_width)
    return lambda image: led.render_leds(image, scale)


def render_png(setting: SloganLayout, leds: bool = False) -> bytes:
    """The panel as PNG, at a telling moment where it moves."""
    shown = frames.get_frame(setting, painting.render_layout(setting), get_representative_ms(setting))
    return png.encode_png(make_led_renderer(setting)(shown) if leds else shown)


def render_gif(setting: SloganLayout, fps: int, leds: bool = False) -> bytes:
    """One pass or one round as an endless GIF."""
    while fps > _MAX_GIF_FPS:
        fps //= 2
    length_ms = setting.pass_ms or (setting.page_ms or 0) * setting.pages or setting.duration_ms
    show = make_led_renderer(setting) if leds else (lambda image: image)
    encode = _make_palette_converter(show(painting.render_layout(setting)))
    delays: list[int] = []
    pictures: list[Image.Image] = []
    for shot in iter_frame_runs(setting, fps, length_ms):
        begin, end = (
            round(n * 1000 / fps / _TICK_MS) * _TICK_MS for n in (shot.first_frame, shot.first_frame + shot.frame_count)
        )
        delays.append(end - begin)
        pictures.append(encode(show(shot.image)))
    out = io.BytesIO()
    first, *rest = pictures
    if rest:
        first.save(out, "GIF", save_all=True, append_images=rest, duration=delays, loop=0, disposal=1, optimize=False)
    else:
        first.save(out, "GIF")
    return out.getvalue()


def _make_palette_converter(image: Image.Image) -> Callable[[Image.Image], Image.Image]:
    """What gives frames of *image* a palette: exactly its colours where they are no more than 256."""
    colors = list_colors(image)
    if colors is not None:
        return partial(apply_palette, colors=colors)
    small = image.crop((0, 0, min(image.width, _SAMPLE_PX), min(image.height, _SAMPLE_PX)))
    palette = small.quantize(MAX_PALETTE_COLORS, Image.Quantize.MEDIANCUT)
    return lambda shown: shown.quantize(palette=palette, dither=Image.Dither.NONE)
