"""Small films for tests, made with PyAV as the tests need them."""

import struct
from collections.abc import Iterator, Sequence
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


NORMAL_SPEED = 0x10000


def set_edit_list(path: Path, edits: Sequence[tuple[int, float, int]], track: int = 0) -> Path:
    """Replace the edit list of a track of an MP4 whose index is at its end.

    *edits*: duration (ms), begin in the track (s; -1: empty), speed (16.16).
    """
    data = path.read_bytes()
    boxes = {kind: (at, size) for at, size, kind in _iter_boxes(data, 0, len(data))}
    begin, size = boxes[b"moov"]
    assert begin > boxes[b"mdat"][0]
    content, number = b"", 0
    for at, length, kind in _iter_boxes(data, begin + 8, begin + size):
        box = data[at : at + length]
        if kind == b"trak":
            box = _replace_edits(box, edits) if number == track else box
            number += 1
        content += box
    path.write_bytes(data[:begin] + _make_box(b"moov", content) + data[begin + size :])
    return path


def _replace_edits(trak: bytes, edits: Sequence[tuple[int, float, int]]) -> bytes:
    content = b""
    for at, length, kind in _iter_boxes(trak, 8, len(trak)):
        box = trak[at : at + length]
        if kind == b"mdia":
            scale_at = box.index(b"mdhd") + 16  # version 0
            scale = int.from_bytes(box[scale_at : scale_at + 4], "big")
            entries = b"".join(
                struct.pack(">IiI", ms, -1 if begin < 0 else round(begin * scale), speed) for ms, begin, speed in edits
            )
            content += _make_box(b"edts", _make_box(b"elst", struct.pack(">II", 0, len(edits)) + entries))
        content += box if kind != b"edts" else b""
    return _make_box(b"trak", content)


def _iter_boxes(data: bytes, at: int, end: int) -> Iterator[tuple[int, int, bytes]]:
    while at + 8 <= end:
        size = int.from_bytes(data[at : at + 4], "big")
        yield at, size, data[at + 4 : at + 8]
        at += size


def _make_box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", len(content) + 8, kind) + content


def split_transport_stream(path: Path) -> list[bytes]:
    """Return the packets of a transport stream."""
    data = path.read_bytes()
    return [data[at : at + 188] for at in range(0, len(data), 188)]


def list_picture_packets(packets: list[bytes]) -> list[int]:
    """Return the indices of the packets of the picture track (PID 256)."""
    return [n for n, packet in enumerate(packets) if int.from_bytes(packet[1:3], "big") & 0x1FFF == 256]


def write_transparent_film(path: Path, codec: str) -> Path:
    """A WebM film whose left half is transparent and hides red; its right half is opaque blue."""
    with av.open(str(path), "w", format="webm") as out:
        stream = out.add_stream(codec, rate=25, options={"auto-alt-ref": "0"})
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuva420p"
        picture = Image.new("RGBA", (160, 120), (0, 0, 255, 255))
        picture.paste((255, 0, 0, 0), (0, 0, 80, 120))
        for number in range(25):
            frame = av.VideoFrame.from_ndarray(np.asarray(picture), format="rgba").reformat(format="yuva420p")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path
