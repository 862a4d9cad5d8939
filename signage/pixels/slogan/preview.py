"""Previews of a slogan: the panel's true pixels, or its LEDs, at the true speed.

1. Frames are at ``n / fps`` of the panel. In a GIF, whose clock ticks in 10 ms, delays are rounded so that no frame is
   off by more than a tick and the total is exact; a rate over 50 is halved (players ignore shorter delays).
2. A GIF has one pass or one round and repeats; a video lasts as long as the item.
"""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import groupby

from PIL import Image

from signage.pixels.image import led_preview, png
from signage.pixels.image.palette import MAX_PALETTE_COLORS, apply_palette, list_colors
from signage.pixels.slogan import animation
from signage.pixels.slogan.slogan_layout import SloganLayout
from signage.pixels.text import raster

_MAX_GIF_FPS = 50
_TICK_MS = 10
_SAMPLE_PX = 4096


@dataclass(frozen=True, slots=True)
class FrameRun:
    """*frame_count* equal frames of the panel, from *first_frame* on."""

    first_frame: int
    frame_count: int
    image: Image.Image


def get_representative_ms(layout: SloganLayout) -> int:
    """Return a time at which the panel shows the subject of the slogan: a strip after its run-in."""
    if layout.kind == "scroll-left" and layout.pass_ms and layout.px_per_s:
        return min(layout.pass_ms // 2, layout.panel_width * 1000 // layout.px_per_s)
    return 0


def iter_frame_runs(layout: SloganLayout, fps: int, length_ms: int) -> Iterator[FrameRun]:
    """Yield the frames of *length_ms* at *fps* frames a second, with equal neighbours as one run."""
    count = max(1, round(length_ms * fps / 1000))
    numbers = groupby(range(count), key=lambda n: animation.get_frame_offset(layout, Fraction(n * 1000, fps)))
    page = raster.render_layout(layout)
    width, height = layout.panel_width, layout.panel_height
    for (x, y), run in numbers:
        first, *rest = run
        yield FrameRun(first, 1 + len(rest), page.crop((x, y, x + width, y + height)))


def make_led_renderer(layout: SloganLayout) -> Callable[[Image.Image], Image.Image]:
    """Return a function that renders a frame of this panel as LEDs."""
    scale = led_preview.get_led_scale(layout.panel_width)
    return lambda image: led_preview.render_leds(image, scale)


def render_png(layout: SloganLayout, leds: bool = False) -> bytes:
    """Render the panel as PNG, at a representative time if it moves."""
    shown = animation.get_frame(layout, raster.render_layout(layout), get_representative_ms(layout))
    return png.encode_png(make_led_renderer(layout)(shown) if leds else shown)


def render_gif(layout: SloganLayout, fps: int, leds: bool = False) -> bytes:
    """Render one pass or one round as an endless GIF."""
    while fps > _MAX_GIF_FPS:
        fps //= 2
    length_ms = layout.pass_ms or (layout.page_ms or 0) * layout.pages or layout.duration_ms
    show = make_led_renderer(layout) if leds else (lambda image: image)
    encode = _make_palette_converter(show(raster.render_layout(layout)))
    delays: list[int] = []
    pictures: list[Image.Image] = []
    for shot in iter_frame_runs(layout, fps, length_ms):
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
    """Return a function that gives frames of *image* a palette: its exact colours if no more than 256."""
    colors = list_colors(image)
    if colors is not None:
        return partial(apply_palette, colors=colors)
    small = image.crop((0, 0, min(image.width, _SAMPLE_PX), min(image.height, _SAMPLE_PX)))
    palette = small.quantize(MAX_PALETTE_COLORS, Image.Quantize.MEDIANCUT)
    return lambda shown: shown.quantize(palette=palette, dither=Image.Dither.NONE)
