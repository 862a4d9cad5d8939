"""Writes MP4 that every player accepts: H.264, 8 bit 4:2:0, index first. The same frames give the same bytes.

One thread, no B-frames, no date and no machine name in the file.
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
    """Parameters of a film. *rate*: highest frame rate; *time_base*: unit of time stamps in seconds; *has_text*: the
    frames are drawn text, whose edges must stay sharp.
    """

    width: int
    height: int
    rate: Fraction
    time_base: Fraction
    max_kbps: int
    has_sound: bool = False
    has_text: bool = False


def round_up_to_even(pixels: int) -> int:
    """Return the next even number: 4:2:0 has no odd sides."""
    return pixels + pixels % 2


class Mp4Writer:
    """Writes one MP4 into *target*; use as a context manager. Time stamps begin at 0."""

    def __init__(self, target: BinaryIO, parameters: VideoParameters) -> None:
        self.parameters = parameters
        self._file = target
        self._container = av.open(
            target,
            "w",
            format="mp4",
            container_options={"movflags": "+faststart", "fflags": "+bitexact"},
            io_open=self._reopen,
        )
        self._video_stream = self._container.add_stream(
            "libx264", rate=parameters.rate, options=_build_encoder_options(parameters)
        )
        context: Any = self._video_stream.codec_context
        self._video_stream.width, self._video_stream.height = (
            round_up_to_even(parameters.width),
            round_up_to_even(parameters.height),
        )
        self._video_stream.pix_fmt = "yuv420p"
        context.time_base = parameters.time_base
        context.thread_count = 1
        context.colorspace, context.color_range = 1, 1
        context.color_primaries, context.color_trc = 1, 1
        self._flushed = False
        self._audio_stream = (
            self._container.add_stream("aac", rate=SAMPLE_RATE, layout=CHANNEL_LAYOUT, bit_rate=128_000)
            if parameters.has_sound
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
        """Add a frame of the film's size at the time stamp *at*, for *duration*, both in units of the time base."""
        frame.pts, frame.time_base, frame.duration = at, self.parameters.time_base, duration
        frame.pict_type = 0
        self._container.mux(self._video_stream.encode(frame))

    def add_rounds(self, frames: Iterable[tuple[av.VideoFrame, int, int]], round_length: int, rounds: int) -> None:
        """Encode *frames* (frame, time stamp, duration; one round) once and write them *rounds* times.

        *round_length*: time stamp at which the next round begins. Ends the picture track.
        """
        times: list[tuple[int, int]] = []
        packets: list[Packet] = []
        for frame, at, duration in frames:
            frame.pts, frame.time_base, frame.duration = at, self.parameters.time_base, duration
            times.append((at, duration))
            packets += self._video_stream.encode(frame)
        packets += self._video_stream.encode(None)
        self._flushed = True
        encoded = [(bytes(packet), packet.is_keyframe, *time) for packet, time in zip(packets, times, strict=True)]
        for number in range(rounds):
            for data, is_keyframe, at, duration in encoded:
                packet = av.Packet(data)
                packet.stream, packet.time_base = self._video_stream, self.parameters.time_base
                packet.pts = packet.dts = at + number * round_length
                packet.duration, packet.is_keyframe = duration, is_keyframe
                self._container.mux(packet)

    def add_sound(self, frame: av.AudioFrame) -> None:
        """Add sound (SAMPLE_RATE, CHANNEL_LAYOUT, fltp)."""
        assert self._audio_stream is not None
        self._container.mux(self._audio_stream.encode(frame))

    def _reopen(self, url: str, flags: int, options: dict[str, str]) -> "SharedFileReader | io.BytesIO":
        if isinstance(self._file, io.BytesIO):
            return io.BytesIO(self._file.getvalue())
        return SharedFileReader(self._file.fileno())


class SharedFileReader:
    """A second reader of an open file with its own position: the muxer reads what it wrote to move the index."""

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
        """Do nothing: the file belongs to the writer."""


def _build_encoder_options(parameters: VideoParameters) -> dict[str, str]:
    is_large = parameters.width * parameters.height > _LARGE_PIXELS
    crf = "14" if parameters.has_text else "21" if is_large else "18"
    return {
        "preset": "veryfast" if is_large or parameters.has_text else "medium",
        "profile": "high",
        "crf": crf,
        "maxrate": f"{parameters.max_kbps}k",
        "bufsize": f"{parameters.max_kbps * 2}k",
        "bf": "0",
        "g": str(max(1, round(parameters.rate * 2))),
        "threads": "1",
        "flags": "+bitexact",
    }


def convert_to_frame(picture: Image.Image) -> av.VideoFrame:
    """Convert a picture (RGB) to a frame with even sides, in BT.709."""
    width, height = round_up_to_even(picture.width), round_up_to_even(picture.height)
    if (width, height) != picture.size:
        larger = Image.new("RGB", (width, height))
        larger.paste(picture)
        picture = larger
    frame: Any = av.VideoFrame.from_image(picture.convert("RGB"))  # type: ignore[no-untyped-call]
    fitted: av.VideoFrame = frame.reformat(format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG")
    return fitted
