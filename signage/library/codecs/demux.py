"""Opens an untrusted film and reads the length and the orientation of its picture track. Sandboxed.

1. The length of a film is that of its picture track: from the begin of its first frame to the end of its last frame
   (its time stamp plus its own duration), after edit lists, without jumps (``packets``). Longer sound does not count.
2. The orientation is the display matrix of ISO/IEC 14496-12 (quarter turns and mirroring). Pixels that are not square
   are made square by scaling the width.
3. FFmpeg opens nothing but the file that it received: one demuxer, no protocol.
4. A film is cut off where bytes are missing: a box, a segment or a frame that its index lists ends beyond the file.
"""

import contextlib
import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any, BinaryIO

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from signage.library.codecs.file_type import MPEG_ES, FileFormat
from signage.library.codecs.packets import PicturePackets, is_joinable
from signage.library.codecs.truncation import is_truncated
from signage.library.sandbox.media_error import MediaError

ALLOWED_CODECS = {
    "mov": ("h264", "hevc"),
    "matroska": ("vp8", "vp9", "av1"),
    "mpeg": ("mpeg1video", "mpeg2video", "h264"),
    "mpegts": ("mpeg1video", "mpeg2video", "h264", "hevc"),
    "mpegvideo": ("mpeg1video", "mpeg2video"),
}
_DECODER_ERRORS = (av.FFmpegError, OSError, ValueError, OverflowError, ZeroDivisionError, EOFError, StopIteration)
_TOLERANCE_S = Fraction(1, 400)
_MAX_PACKETS = 2_000_000
av.logging.set_level(None)


@dataclass(frozen=True, slots=True)
class TrackTimeline:
    """Begin and length (s), frame count and rate of a picture track. *rate*: frames per second, None where uneven.

    *offsets*: the corrections of the jumps of a joined stream; *has_damage*: whether packets are missing (``packets``).
    """

    begin: Fraction
    length: Fraction
    frames: int
    rate: Fraction | None
    offsets: tuple[Fraction, ...] = ()
    has_damage: bool = False


@contextlib.contextmanager
def convert_decoder_errors() -> Iterator[None]:
    """Turn exceptions of FFmpeg into MediaError: the clip is damaged."""
    try:
        yield
    except MemoryError:
        raise
    except av.error.MemoryError:
        raise MemoryError from None
    except PermissionError:  # raised by the sandbox, not by the clip
        raise
    except _DECODER_ERRORS as error:
        raise MediaError("clip-damaged", why=_describe_error(error)) from error


def _describe_error(error: BaseException) -> str:
    return str(getattr(error, "strerror", None) or error or type(error).__name__)


def open_film(file: BinaryIO, file_format: FileFormat) -> InputContainer:
    """Open *file* as the container format detected from its leading bytes, and as no other (3)."""
    assert file_format.demuxer is not None
    if is_truncated(file, file_format):
        raise MediaError("clip-cut-off")
    options = {
        "protocol_whitelist": "none",
        "format_whitelist": "mov,matroska,webm,mpeg,mpegts,mpegvideo",
        "enable_drefs": "0",
        "use_absolute_path": "0",
    }
    options = options if file_format.demuxer == "mov" else dict(list(options.items())[:2])
    try:
        return av.open(
            file, "r", format=file_format.demuxer, options=options, metadata_errors="replace", buffer_size=1 << 18
        )
    except (MemoryError, PermissionError):
        raise
    except _DECODER_ERRORS as error:
        raise MediaError("clip-damaged", why=_describe_error(error)) from error


def find_picture_track(container: InputContainer, file_format: FileFormat) -> VideoStream:
    """Return the picture track: not a cover picture, and of an allowed codec.

    Raises MediaError where there is none.
    """
    tracks = [track for track in container.streams.video if "attached_pic" not in str(track.disposition)]
    if not tracks:
        raise MediaError("clip-no-picture")
    track = tracks[0]
    with convert_decoder_errors():
        codec = track.codec_context.name if track.codec_context else ""
        codec = track.codec_context.codec.canonical_name if track.codec_context else codec
    if codec not in ALLOWED_CODECS[file_format.demuxer or ""]:
        raise MediaError("clip-codec", codec=codec or "unknown", format=file_format.name)
    return track


def read_timeline(
    source: BinaryIO, container: InputContainer, track: VideoStream, file_format: FileFormat
) -> TrackTimeline:
    """Read when the frames of *track* show (1), from all packets, without decoding.

    Raises MediaError when there is no frame, or when the file is truncated.
    """
    base = track.time_base or Fraction(1, 1000)
    stamps: list[tuple[int, int]] = []
    packet_count = hidden_count = 0
    packets = PicturePackets(source, container, track, file_format)
    with convert_decoder_errors():
        for packet in packets:
            if packet.size == 0 or packets.is_hidden(packet):
                hidden_count += packet.size > 0
                continue
            if packet.is_corrupt and not is_joinable(file_format):
                raise MediaError("clip-cut-off")
            packet_count += 1
            if packet_count > _MAX_PACKETS:
                raise MediaError("clip-over-limits", limit=f"{_MAX_PACKETS} frames")
            if packet.pts is not None and file_format is not MPEG_ES:  # it has no time stamps of its own
                stamps.append((packet.pts, packet.duration or 0))
    if file_format.demuxer == "mov" and _lacks_bytes(container):
        raise MediaError("clip-cut-off")
    if not packet_count:
        raise MediaError("clip-edit-list" if hidden_count or track.frames else "clip-no-frames")
    if not stamps:
        rate = track.average_rate or track.base_rate or Fraction(25)
        return TrackTimeline(Fraction(0), packet_count / rate, packet_count, rate)
    timeline = _build_timeline(stamps, base, track)
    return replace(timeline, offsets=packets.offsets, has_damage=packets.has_damage)


def _lacks_bytes(container: InputContainer) -> bool:
    """Whether a frame or a sample of sound that the index lists ends beyond the file (4)."""
    size = container.size
    return any(
        entry.pos + entry.size > size
        for track in (*container.streams.video, *container.streams.audio)
        for entry in track.index_entries
    )


def _build_timeline(stamps: list[tuple[int, int]], base: Fraction, track: VideoStream) -> TrackTimeline:
    stamps.sort()
    begins = [pts for pts, _ in stamps]
    gaps = [b - a for a, b in pairwise(begins) if b > a]
    last = stamps[-1][1] or (min(gaps) if gaps else 0)
    if not last:
        last = round(1 / ((track.average_rate or Fraction(25)) * base))
    length = (begins[-1] + last - begins[0]) * base
    even = not gaps or max(abs(g * base - (length / len(stamps))) for g in gaps) <= _TOLERANCE_S
    rate = _round_rate(Fraction(len(stamps)) / length) if even and length > 0 else None
    return TrackTimeline(begins[0] * base, length, len(stamps), rate)


def _round_rate(rate: Fraction) -> Fraction:
    """Return the nominal rate: 25 for 24.998, 30000/1001 for 29.97."""
    whole = round(rate)
    for nominal in (Fraction(whole), Fraction(whole * 1000, 1001)):
        if nominal > 0 and abs(rate - nominal) / nominal < Fraction(1, 4000):
            return nominal
    return rate.limit_denominator(1001)


@dataclass(frozen=True, slots=True)
class Orientation:
    """How a frame is rotated for display: first mirrored left to right, then by quarter turns clockwise."""

    mirrored: bool = False
    quarters: int = 0

    def rotate_size(self, width: int, height: int) -> tuple[int, int]:
        return (height, width) if self.quarters % 2 else (width, height)


def read_orientation(frame: Any) -> Orientation:
    """Return the orientation of a decoded frame's display matrix (2); other angles are rounded to a quarter turn."""
    data = frame.side_data.get("DISPLAYMATRIX")
    if data is None:
        return Orientation()
    a, b, _, c, d = struct.unpack("<5i", bytes(data)[:20])
    mirrored = a * d - b * c < 0
    if mirrored:
        a, b = -a, -b
    quarters = round(math.degrees(math.atan2(b, a)) / 90) % 4 if (a or b) else 0
    return Orientation(mirrored, quarters)


def compute_square_size(frame: Any, aspect: Fraction | None) -> tuple[int, int]:
    """Return the size of a frame after its pixels are made square, by scaling the width."""
    if aspect and aspect > 0 and Fraction(1, 8) < aspect < 8:
        return max(1, round(frame.width * aspect)), frame.height
    return frame.width, frame.height
