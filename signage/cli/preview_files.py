"""Write frames as GIF or MP4, plain or as LEDs."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from signage.faults import refuse

if TYPE_CHECKING:
    from signage.model.panel import Panel

MAX_MEGAPIXELS = 4000
"""Limit of the pixels of all frames together, in millions: a minute of a street screen."""
_LED_KBPS = 20_000
_TICK_MS = 10
TimedFrames = Iterable[tuple[Image.Image, int]]
"""Frames with their durations in ms."""


def check_size(panel: "Panel", leds: bool, frames: float) -> None:
    """Refuse previews that would fill the disk or take hours."""
    megapixels = panel.width * panel.height * _get_scale(panel, leds) ** 2 * frames / 1e6
    if megapixels > MAX_MEGAPIXELS:
        raise refuse("preview-too-large", "-o", megapixels=round(megapixels), most=MAX_MEGAPIXELS)


def _get_scale(panel: "Panel", leds: bool) -> int:
    from signage.pixels.image.led_preview import get_led_scale

    return get_led_scale(panel.width) if leds else 1


def _scale_frames(shots: TimedFrames, panel: "Panel", leds: bool) -> Iterator[tuple[Image.Image, int]]:
    from signage.pixels.image.led_preview import render_leds

    scale = _get_scale(panel, leds)
    for image, ms in shots:
        yield (render_leds(image, scale) if leds else image), ms


def write_mp4(shots: TimedFrames, panel: "Panel", output: Path, leds: bool) -> None:
    """Write *shots* in real time, at least one frame per second (frame by frame for the last shot)."""
    from signage.library.codecs.mp4_writer import Mp4Writer, VideoParameters, convert_to_frame

    scale = _get_scale(panel, leds)
    kbps = _LED_KBPS if leds else panel.max_kbps
    shape = VideoParameters(
        panel.width * scale, panel.height * scale, Fraction(panel.fps), Fraction(1, 1000), kbps, has_text=True
    )
    at = 0
    with output.open("w+b") as target, Mp4Writer(target, shape) as writer:
        for image, ms, is_last in _mark_last(_scale_frames(shots, panel, leds)):
            frame = convert_to_frame(image)
            step = max(1, 1000 // panel.fps) if is_last else 1000
            for begin in range(0, ms, step):
                part = min(step, ms - begin)
                writer.add_frame(frame, at, part)
                at += part


def _mark_last(shots: TimedFrames) -> Iterator[tuple[Image.Image, int, bool]]:
    """Yield *shots* with a flag for the last one."""
    before: tuple[Image.Image, int] | None = None
    for shot in shots:
        if before is not None:
            yield *before, False
        before = shot
    if before is not None:
        yield *before, True


def write_gif(shots: TimedFrames, panel: "Panel", output: Path, leds: bool) -> None:
    """Write *shots* as a looping GIF; its time unit is 10 ms, and no frame is off by more than one unit."""
    pictures, delays, at = [], [], 0
    for image, ms in _scale_frames(shots, panel, leds):
        pictures.append(image.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.FLOYDSTEINBERG))
        delays.append(round((at + ms) / _TICK_MS) * _TICK_MS - round(at / _TICK_MS) * _TICK_MS)
        at += ms
    first, *rest = pictures
    if rest:
        first.save(output, "GIF", save_all=True, append_images=rest, duration=delays, loop=0)
    else:
        first.save(output, "GIF")


def decode_frames(film: Path, fps: int) -> Iterator[tuple[Image.Image, int]]:
    """Decode the frames of *film*, a rendition, at most *fps* per second."""
    import av

    least = Fraction(1, fps) * Fraction(9, 10)
    with av.open(str(film), options={"protocol_whitelist": "file", "format_whitelist": "mov"}) as container:
        track = container.streams.video[0]
        base = track.time_base or Fraction(1, 1000)
        end = (track.duration or 0) * base
        last: tuple[Image.Image, Fraction] | None = None
        for frame in container.decode(track):
            at = (frame.pts or 0) * base
            if last is None or at - last[1] >= least:
                if last is not None:
                    yield last[0], _compute_duration_ms(last[1], at)
                last = frame.to_image(), at  # type: ignore[no-untyped-call]
        if last is not None:
            yield last[0], max(_TICK_MS, _compute_duration_ms(last[1], end))


def _compute_duration_ms(begin: Fraction, end: Fraction) -> int:
    return round(end * 1000) - round(begin * 1000)
