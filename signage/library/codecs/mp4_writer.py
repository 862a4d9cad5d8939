"""MP4 as every player takes it: H.264, 8 bit 4:2:0, index first; the same frames give the same bytes.

One thread, no B-frames, nothing in the file that names the day or the machine.
"""

import io
import os
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from types import TracebackType
from typing import Any, BinaryIO

import av
from PIL import Image

SAMPLE_RATE = 48_000
CHANNEL_LAYOUT = "stereo"
_LARGE_PIXELS = 500_000
Packet = Any


@dataclass(frozen=True, slots=True)
class VideoParameters:
    """What a film is to be. *base*: the unit of time stamps in seconds; *rate*: frames a second, at most;
    *text*: drawn letters, whose edges must stay.
    """

    width: int
    height: int
    rate: Fraction
    time_base: Fraction
    max_kbps: int
    has_sound: bool = False
    has_text: bool = False


def round_up_to_even(pixels: int) -> int:
    """4:2:0 has no odd sides: the next even one."""
    return pixels + pixels % 2


class Mp4Writer:
    """Writes one MP4 into *target*; use as a context manager. Time stamps begin at 0."""

    def __init__(self, target: BinaryIO, shape: VideoParameters) -> None:
        self.parameters = shape
        self._file = target
        self._container = av.open(
            target,
            "w",
            format="mp4",
            container_options={"movflags": "+faststart", "fflags": "+bitexact"},
            io_open=self._reopen,
        )
        self._video_stream = self._container.add_stream(
            "libx264", rate=shape.rate, options=_build_encoder_options(shape)
        )
        context: Any = self._video_stream.codec_context
        self._video_stream.width, self._video_stream.height = (
            round_up_to_even(shape.width),
            round_up_to_even(shape.height),
        )
        self._video_stream.pix_fmt = "yuv420p"
        context.time_base = shape.time_base
        context.thread_count = 1
        context.colorspace, context.color_range = 1, 1
        context.color_primaries, context.color_trc = 1, 1
        self._flushed = False
        self._audio_stream = (
            self._container.add_stream("aac", rate=SAMPLE_RATE, layout=CHANNEL_LAYOUT, bit_rate=128_000)
            if shape.has_sound
            else None
        )

    def __enter__(self) -> "Mp4Writer":
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        if kind is None:
            if not self._flushed:
                self._container.mux(self._video_stream.encode(None))
            if self._audio_stream is not None:
                self._container.mux(self._audio_stream.encode(None))
        self._container.close()

    def add_frame(self, frame: av.VideoFrame, at: int, duration: int) -> None:
        """Add a frame of the film's size at the time stamp *at*, both in units of the base."""
        frame.pts, frame.time_base, frame.duration = at, self.parameters.time_base, duration
        frame.pict_type = 0
        self._container.mux(self._video_stream.encode(frame))

    def add_rounds(self, frames: Iterable[tuple[av.VideoFrame, int, int]], round_: int, rounds: int) -> None:
        """Encode *frames* (frame, at, duration: one round, *round_* long) once and write them *rounds* times.

        Ends the picture track.
        """
        times: list[tuple[int, int]] = []
        packets: list[Packet] = []
        for frame, at, duration in frames:
            frame.pts, frame.time_base, frame.duration = at, self.parameters.time_base, duration
            times.append((at, duration))
            packets += self._video_stream.encode(frame)
        packets += self._video_stream.encode(None)
        self._flushed = True
        plain = [(bytes(p), p.is_keyframe, *time) for p, time in zip(packets, times, strict=True)]
        for number in range(rounds):
            for data, key, at, duration in plain:
                packet = av.Packet(data)
                packet.stream, packet.time_base = self._video_stream, self.parameters.time_base
                packet.pts = packet.dts = at + number * round_
                packet.duration, packet.is_keyframe = duration, key
                self._container.mux(packet)

    def add_sound(self, frame: av.AudioFrame) -> None:
        """Add sound (RATE, LAYOUT, fltp)."""
        assert self._audio_stream is not None
        self._container.mux(self._audio_stream.encode(frame))

    def _reopen(self, url: str, flags: int, options: dict[str, str]) -> "SharedFileReader | io.BytesIO":
        if isinstance(self._file, io.BytesIO):
            return io.BytesIO(self._file.getvalue())
        return SharedFileReader(self._file.fileno())


class SharedFileReader:
    """The file once more, with its own place in it: the muxer reads what it wrote to move the index to the front."""

    def __init__(self, file: int) -> None:
        self._file, self._at = file, 0

    def read(self, size: int) -> bytes:
        data = os.pread(self._file, size, self._at)
        self._at += len(data)
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        start = (0, self._at, os.fstat(self._file).st_size)[whence]
        self._at = start + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def close(self) -> None:
        """Nothing: the file belongs to the writer."""


def _build_encoder_options(shape: VideoParameters) -> dict[str, str]:
    large = shape.width * shape.height > _LARGE_PIXELS
    crf = "14" if shape.has_text else "21" if large else "18"
    return {
        "preset": "veryfast" if large or shape.has_text else "medium",
        "profile": "high",
        "crf": crf,
        "maxrate": f"{shape.max_kbps}k",
        "bufsize": f"{shape.max_kbps * 2}k",
        "bf": "0",
        "g": str(max(1, round(shape.rate * 2))),
        "threads": "1",
        "flags": "+bitexact",
    }


def convert_to_frame(picture: Image.Image) -> av.VideoFrame:
    """A picture (RGB) as a frame with even sides, in BT.709."""
    width, height = round_up_to_even(picture.width), round_up_to_even(picture.height)
    if (width, height) != picture.size:
        larger = Image.new("RGB", (width, height))
        larger.paste(picture)
        picture = larger
    frame: Any = av.VideoFrame.from_image(picture.convert("RGB"))  # type: ignore[no-untyped-call]
    fitted: av.VideoFrame = frame.reformat(format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG")
    return fitted
