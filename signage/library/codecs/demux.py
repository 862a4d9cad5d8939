"""A film's picture track as it really is: opened without trust, its true length, its turn. Runs in the jail.

1. The length of a film is that of its picture track: from its first frame's beginning to its last frame's end
   (the last one's time stamp and its own duration), after edit lists; sound that is longer does not count.
2. The turn is the display matrix of ISO/IEC 14496-12 (quarter turns and mirrorings); pixels that are not square are
   made square by width.
3. FFmpeg opens nothing beside the file that it was handed: one demuxer, no protocol.
"""

import contextlib
import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any, BinaryIO

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from signage.library.codecs.file_type import MPEG_ES, FileFormat
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
    """When the frames of a picture track begin, in seconds. *rate*: frames a second where they are even, else None."""

    begin: Fraction
    length: Fraction
    frames: int
    rate: Fraction | None


@contextlib.contextmanager
def convert_decoder_errors() -> Iterator[None]:
    """Whatever FFmpeg raises is the clip's own fault."""
    try:
        yield
    except MemoryError:
        raise
    except av.error.MemoryError:
        raise MemoryError from None
    except PermissionError:  # the walls', not the clip's
        raise
    except _DECODER_ERRORS as error:
        raise MediaError("clip-damaged", why=_describe_error(error)) from error


def _describe_error(error: BaseException) -> str:
    return str(getattr(error, "strerror", None) or error or type(error).__name__)


def open_film(file: BinaryIO, known: FileFormat) -> InputContainer:
    """Open *file* as the container that its leading bytes promise, and as nothing else (3)."""
    assert known.demuxer is not None
    if is_truncated(file, known):
        raise MediaError("clip-cut-off")
    options = {
        "protocol_whitelist": "none",
        "format_whitelist": "mov,matroska,webm,mpeg,mpegts,mpegvideo",
        "enable_drefs": "0",
        "use_absolute_path": "0",
    }
    options = options if known.demuxer == "mov" else dict(list(options.items())[:2])
    try:
        return av.open(file, "r", format=known.demuxer, options=options, metadata_errors="replace", buffer_size=1 << 18)
    except (MemoryError, PermissionError):
        raise
    except _DECODER_ERRORS as error:
        raise MediaError("clip-damaged", why=_describe_error(error)) from error


def find_picture_track(container: InputContainer, known: FileFormat) -> VideoStream:
    """The film's picture track: not a cover picture, and of a codec that is taken.

    Raises Unfit where there is none.
    """
    tracks = [s for s in container.streams.video if "attached_pic" not in str(s.disposition)]
    if not tracks:
        raise MediaError("clip-no-picture")
    track = tracks[0]
    with convert_decoder_errors():
        codec = track.codec_context.name if track.codec_context else ""
        codec = track.codec_context.codec.canonical_name if track.codec_context else codec
    if codec not in ALLOWED_CODECS[known.demuxer or ""]:
        raise MediaError("clip-codec", codec=codec or "unknown", format=known.name)
    return track


def read_timeline(container: InputContainer, track: VideoStream, known: FileFormat) -> TrackTimeline:
    """When the frames of *track* show (1): all packets are read, none is decoded.

    Raises Unfit when there is no frame, or the file ends before its frames do.
    """
    base = track.time_base or Fraction(1, 1000)
    stamps: list[tuple[int, int]] = []
    whole = 0
    with convert_decoder_errors():
        for packet in container.demux(track):
            if packet.size == 0 or packet.is_discard:
                continue
            if packet.is_corrupt:
                raise MediaError("clip-cut-off")
            whole += 1
            if whole > _MAX_PACKETS:
                raise MediaError("clip-over-limits", limit=f"{_MAX_PACKETS} frames")
            if packet.pts is not None and known is not MPEG_ES:  # it has no time stamps of its own
                stamps.append((packet.pts, packet.duration or 0))
    if known.demuxer == "mov" and whole < (track.frames or 0) and not _has_edit_list(container, track):
        raise MediaError("clip-cut-off")
    if not whole:
        raise MediaError("clip-no-frames")
    if not stamps:
        rate = track.average_rate or track.base_rate or Fraction(25)
        return TrackTimeline(Fraction(0), whole / rate, whole, rate)
    return _build_timeline(stamps, base, track)


def _has_edit_list(container: InputContainer, track: VideoStream) -> bool:
    """Whether an edit list leaves frames out, so that fewer than the track holds are right."""
    full = sum(1 for _ in track.index_entries) if track.frames else 0
    return full != track.frames


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
    """The rate that is meant: 25 for 24.998, 30000/1001 for 29.97."""
    whole = round(rate)
    for meant in (Fraction(whole), Fraction(whole * 1000, 1001)):
        if meant > 0 and abs(rate - meant) / meant < Fraction(1, 4000):
            return meant
    return rate.limit_denominator(1001)


@dataclass(frozen=True, slots=True)
class Orientation:
    """How a frame is to be turned: first mirrored left to right, then by quarter turns clockwise."""

    mirrored: bool = False
    quarters: int = 0

    def rotate_size(self, width: int, height: int) -> tuple[int, int]:
        return (height, width) if self.quarters % 2 else (width, height)


def read_orientation(frame: Any) -> Orientation:
    """The turn that a decoded frame's display matrix asks for (2); a slanted one counts as the nearest quarter."""
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
    """The frame's size when its pixels are made square, by its width."""
    if aspect and aspect > 0 and Fraction(1, 8) < aspect < 8:
        return max(1, round(frame.width * aspect)), frame.height
    return frame.width, frame.height
