"""Decodes the pictures of a film as they are to be shown. Sandboxed.

1. Transparent pixels of VP8 and VP9 (their alpha plane lies beside each frame) show the background. A decoder that
   ignores the plane would show the colour that was hidden. Edit lists hide frames and leave intervals blank.
2. A damaged frame of an MPEG stream (the end of a recording) is left out: the picture before it stays.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import BinaryIO

import av
from av.container import InputContainer
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream
from PIL import Image

from signage.library.codecs import demux
from signage.library.codecs.file_type import MPEG_ES, FileFormat
from signage.library.codecs.packets import PicturePackets, is_joinable
from signage.library.sandbox.media_error import MediaError

_BT709, _UNSPECIFIED, _HD_HEIGHT = 1, 2, 720
_ALPHA_DECODERS = {"vp8": "libvpx", "vp9": "libvpx-vp9"}


def has_alpha(track: VideoStream) -> bool:
    """Whether the track has an alpha plane (WebM: ``AlphaMode``)."""
    codec = track.codec_context.codec.canonical_name if track.codec_context else ""
    return track.metadata.get("alpha_mode") == "1" and codec in _ALPHA_DECODERS


def iter_frames(source: BinaryIO, file_format: FileFormat, rate: Fraction | None = None) -> Iterator[av.VideoFrame]:
    """Yield the frames of the picture track of *source* from its beginning.

    *rate*: of an elementary stream, which has no time stamps. Raises MediaError, or an exception of FFmpeg.
    """
    source.seek(0)
    with demux.open_film(source, file_format) as container:
        track = demux.find_picture_track(container, file_format)
        for number, frame in enumerate(decode_frames(source, container, track, file_format)):
            if file_format is MPEG_ES and rate:
                frame.pts, frame.time_base = number, 1 / rate
            yield frame


def decode_frames(
    source: BinaryIO, container: InputContainer, track: VideoStream, file_format: FileFormat
) -> Iterator[av.VideoFrame]:
    """Yield the frames of *track* from the position of *container* on."""
    decoder = _create_decoder(track)
    may_skip = is_joinable(file_format)
    packets = PicturePackets(source, container, track, file_format)
    for packet in packets:
        try:
            frames = decoder.decode(packet if packet.size else None)
        except av.InvalidDataError:
            if not may_skip:
                raise
            continue
        yield from (frame for frame in frames if not ((may_skip and frame.is_corrupt) or packets.is_blank(frame)))


def _create_decoder(track: VideoStream) -> VideoCodecContext:
    if not has_alpha(track):
        track.codec_context.thread_count = 1
        return track.codec_context
    decoder = VideoCodecContext.create(_ALPHA_DECODERS[track.codec_context.codec.canonical_name], "r")
    assert isinstance(decoder, VideoCodecContext)
    decoder.thread_count = 1
    return decoder


def check_decodable(source: BinaryIO, file_format: FileFormat) -> None:
    """Decode an MPEG stream that is joined or lacks packets, and refuse it where a picture is damaged.

    Raises MediaError: ``clip-packets-lost`` or ``clip-parts-differ``, with the time of the first damaged picture.
    """
    source.seek(0)
    with demux.open_film(source, file_format) as container:
        track = demux.find_picture_track(container, file_format)
        track.codec_context.thread_count = 1
        track.codec_context.options = {"err_detect": "explode"}
        packets = PicturePackets(source, container, track, file_format)
        begin: Fraction | None = None
        at = Fraction(0)
        for packet in packets:
            if packet.pts is not None and packet.time_base:
                at = packet.pts * packet.time_base
                begin = at if begin is None else begin
            try:
                is_damaged = any(frame.is_corrupt for frame in packet.decode())
            except av.InvalidDataError:
                is_damaged = True
            if is_damaged or packets.has_loss:
                code = "clip-packets-lost" if packets.has_damage else "clip-parts-differ"
                raise MediaError(code, seconds=round(float(at - (begin or 0)), 1))


def flatten_frames(frames: Iterator[av.VideoFrame], background: str) -> Iterator[av.VideoFrame]:
    """Replace the transparency of *frames* by *background* (``#rrggbb``); others pass as they are (1)."""
    for frame in frames:
        if not any(component.is_alpha for component in frame.format.components):
            yield frame
            continue
        matrix = "ITU709" if _is_bt709(frame) else "ITU601"
        picture = Image.fromarray(frame.reformat(format="rgba", src_colorspace=matrix).to_ndarray(), "RGBA")
        canvas = Image.new("RGBA", picture.size, background)
        flat = _create_frame(Image.alpha_composite(canvas, picture).convert("RGB"))
        flat.pts, flat.time_base = frame.pts, frame.time_base
        yield flat


def _create_frame(picture: Image.Image) -> av.VideoFrame:
    frame: av.VideoFrame = av.VideoFrame.from_image(picture)  # type: ignore[no-untyped-call]
    return frame


def _is_bt709(frame: av.VideoFrame) -> bool:
    return int(frame.colorspace) == _BT709 or (int(frame.colorspace) == _UNSPECIFIED and frame.height >= _HD_HEIGHT)
