"""Small films for tests, made with PyAV as the tests need them."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image, ImageDraw

MS = Fraction(1, 1000)


def draw_test_card(width: int, height: int, number: int = 0) -> Image.Image:
    """Red top left, green top right, blue bottom left, white bottom right; a bar that moves with *number*."""
    image = Image.new("RGB", (width, height))
    draw = ImageDraw.Draw(image)
    for n, color in enumerate(("red", "lime", "blue", "white")):
        x, y = n % 2 * width // 2, n // 2 * height // 2
        draw.rectangle((x, y, x + width // 2, y + height // 2), fill=color)
    draw.rectangle((number * 3 % width, height // 2 - 2, number * 3 % width + 4, height // 2 + 2), fill="black")
    return image


def write_film(
    path: Path,
    stamps_ms: Sequence[float] | None = None,
    *,
    size: tuple[int, int] = (160, 120),
    rate: Fraction | int = 25,
    frames: int = 25,
    codec: str = "libx264",
    pixels: str = "yuv420p",
    sound_s: float = 0,
    sound_codec: str = "aac",
    turn: int = 0,
    options: dict[str, str] | None = None,
    container: str | None = None,
    last_ms: int | None = None,
    fragments: bool = False,
) -> Path:
    """A film of *frames* at *rate*, or with frames at *stamps_ms* (the last one *last_ms* long)."""
    flags = {"movflags": "frag_keyframe+empty_moov"} if fragments else {}
    with av.open(str(path), "w", format=container, container_options=flags) as out:
        stream = out.add_stream(codec, rate=Fraction(rate), options={"bf": "0", **(options or {})})
        stream.width, stream.height, stream.pix_fmt = *size, pixels
        base = MS if stamps_ms is not None else 1 / Fraction(rate)
        stream.codec_context.time_base = base
        if turn:
            stream.set_display_rotation(turn)
        voice = out.add_stream(sound_codec, rate=48000, layout="mono") if sound_s else None
        if voice is not None:
            out.mux(_encode_sound(voice, sound_s))
        marks = [round(s) for s in stamps_ms] if stamps_ms is not None else range(frames)
        for n, mark in enumerate(marks):
            frame = av.VideoFrame.from_image(draw_test_card(*size, n))
            frame.pts, frame.time_base = mark, base
            if last_ms is not None:
                frame.duration = last_ms if n == len(marks) - 1 else marks[n + 1] - mark
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def cut_film(source: Path, target: Path, seconds: float = 1) -> Path:
    """Write the first *seconds* of a film to *target*, with its encoded frames as they are."""
    with av.open(str(source)) as film, av.open(str(target), "w") as out:
        streams = {stream.index: out.add_stream_from_template(stream) for stream in film.streams}
        for packet in film.demux():
            if packet.dts is not None and packet.pts * packet.time_base < seconds:
                packet.stream = streams[packet.stream_index]
                out.mux(packet)
    return target


def _encode_sound(voice: av.AudioStream, seconds: float) -> list[av.Packet]:
    wave = (np.sin(np.arange(round(seconds * 48000)) / 20) * 0.3).astype(np.float32)[None]
    frame = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = 48000, 0, Fraction(1, 48000)
    return [*voice.encode(frame), *voice.encode(None)]
