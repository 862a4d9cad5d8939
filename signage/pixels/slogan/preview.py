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
from signage.pixels.image.palette import MOST, colors_of, indexed
from signage.pixels.slogan import animation as frames
from signage.pixels.slogan.slogan_layout import Setting
from signage.pixels.text import raster as painting

_FASTEST_GIF = 50
_TICK_MS = 10
_SAMPLE_PX = 4096


@dataclass(frozen=True, slots=True)
class Shot:
    """The panel from frame *at* on, for *frames* frames."""

    at: int
    frames: int
    image: Image.Image


def telling_ms(setting: Setting) -> int:
    """A time of the item at which the panel shows what it is about: a strip when its beginning has come in."""
    if setting.kind == "scroll-left" and setting.pass_ms and setting.px_per_s:
        return min(setting.pass_ms // 2, setting.panel_width * 1000 // setting.px_per_s)
    return 0


def shots(setting: Setting, fps: int, length_ms: int) -> Iterator[Shot]:
    """What the panel shows in *length_ms* at *fps* frames a second; a frame like the one before is the same shot."""
    count = max(1, round(length_ms * fps / 1000))
    numbers = groupby(range(count), key=lambda n: frames.offset(setting, Fraction(n * 1000, fps)))
    page = painting.paint(setting)
    width, height = setting.panel_width, setting.panel_height
    for (x, y), run in numbers:
        first, *rest = run
        yield Shot(first, 1 + len(rest), page.crop((x, y, x + width, y + height)))


def enlarger(setting: Setting) -> Callable[[Image.Image], Image.Image]:
    """What makes LEDs of a frame of this panel."""
    scale = led.scale_for(setting.panel_width)
    return lambda image: led.enlarge(image, scale)


def as_png(setting: Setting, leds: bool = False) -> bytes:
    """The panel as PNG, at a telling moment where it moves."""
    shown = frames.at(setting, painting.paint(setting), telling_ms(setting))
    return png.encode(enlarger(setting)(shown) if leds else shown)


def as_gif(setting: Setting, fps: int, leds: bool = False) -> bytes:
    """One pass or one round as an endless GIF."""
    while fps > _FASTEST_GIF:
        fps //= 2
    length_ms = setting.pass_ms or (setting.page_ms or 0) * setting.pages or setting.duration_ms
    show = enlarger(setting) if leds else (lambda image: image)
    encode = _encoder(show(painting.paint(setting)))
    delays: list[int] = []
    pictures: list[Image.Image] = []
    for shot in shots(setting, fps, length_ms):
        begin, end = (round(n * 1000 / fps / _TICK_MS) * _TICK_MS for n in (shot.at, shot.at + shot.frames))
        delays.append(end - begin)
        pictures.append(encode(show(shot.image)))
    out = io.BytesIO()
    first, *rest = pictures
    if rest:
        first.save(out, "GIF", save_all=True, append_images=rest, duration=delays, loop=0, disposal=1, optimize=False)
    else:
        first.save(out, "GIF")
    return out.getvalue()


def _encoder(image: Image.Image) -> Callable[[Image.Image], Image.Image]:
    """What gives frames of *image* a palette: exactly its colours where they are no more than 256."""
    colors = colors_of(image)
    if colors is not None:
        return partial(indexed, colors=colors)
    small = image.crop((0, 0, min(image.width, _SAMPLE_PX), min(image.height, _SAMPLE_PX)))
    palette = small.quantize(MOST, Image.Quantize.MEDIANCUT)
    return lambda shown: shown.quantize(palette=palette, dither=Image.Dither.NONE)
