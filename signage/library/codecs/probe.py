"""What a clip is, found by decoding it: kind, upright size, length. Runs in the jail."""

from fractions import Fraction
from typing import Any, BinaryIO

import msgspec

from signage.library.codecs import demux as tracks
from signage.library.codecs import images as pictures
from signage.library.codecs.clip_facts import Facts
from signage.library.codecs.file_type import LEADING_BYTES, Format, sniff
from signage.library.sandbox.media_error import Unfit
from signage.library.sandbox.messages import Tell, Work


def probe(file: BinaryIO, max_megapixels: int, max_film_s: int) -> Facts:
    """Read and decode *file*.

    Raises Unfit with the cause when it is no clip that screens can play.
    """
    known = sniff(file.read(LEADING_BYTES))
    file.seek(0)
    if known.demuxer is None:
        return _picture(file, known, max_megapixels)
    return _film(file, known, max_megapixels, max_film_s)


def _picture(file: BinaryIO, known: Format, max_megapixels: int) -> Facts:
    image = pictures.open_picture(file, known, max_megapixels)
    orientation = image.getexif().get(0x0112, 1) if known.name in ("JPEG", "PNG", "WEBP") else 1
    size = image.size if orientation not in (5, 6, 7, 8) else image.size[::-1]
    clear = image.has_transparency_data
    if pictures.is_animated(image):
        delays = [delay for _, delay in pictures.frames(image)]
        kind, length, count = "animation", sum(delays), len(delays)
    else:
        with pictures.decoding():
            image.load()
        kind, length, count = "picture", None, 1
    return Facts(
        kind=kind,  # type: ignore[arg-type]
        format=known.name,
        type=known.type,
        ending=known.ending,
        width=size[0],
        height=size[1],
        duration_ms=length,
        frames=count,
        transparent=clear,
    )


def _film(file: BinaryIO, known: Format, max_megapixels: int, max_film_s: int) -> Facts:
    with tracks.open_film(file, known) as container:
        track = tracks.picture_track(container, known)
        if track.width * track.height > max_megapixels * 1_000_000:
            raise Unfit("clip-too-many-pixels", width=track.width, height=track.height, most=max_megapixels)
        line = tracks.timeline(container, track, known)
        if line.length > max_film_s:
            raise Unfit("clip-too-long", seconds=round(line.length), most=max_film_s)
        # Read here: a track is not to be touched once its container is closed.
        aspect, codec = track.sample_aspect_ratio, track.codec_context.codec.canonical_name
        audio = next((s.codec_context.name for s in container.streams.audio if s.codec_context), None)
    file.seek(0)
    pix_fmt, turn, size = _first_frame(file, known, aspect)
    width, height = turn.size(*size)
    return Facts(
        kind="film",
        format=known.name,
        type=known.type,
        ending=known.ending,
        width=width,
        height=height,
        duration_ms=max(1, round(line.length * 1000)),
        frames=line.frames,
        rate=(line.rate.numerator, line.rate.denominator) if line.rate else None,
        codec=codec,
        pix_fmt=pix_fmt,
        quarters=turn.quarters,
        mirrored=turn.mirrored,
        audio=audio,
    )


def _first_frame(file: BinaryIO, known: Format, aspect: Fraction | None) -> tuple[str, tracks.Turn, tuple[int, int]]:
    """What only a decoded frame tells: its pixels' format, its turn, its size with square pixels."""
    with tracks.open_film(file, known) as container, tracks.decoding():
        track = tracks.picture_track(container, known)
        track.codec_context.thread_count = 1
        for frame in container.decode(track):
            return frame.format.name, tracks.turn_of(frame), tracks.square(frame, aspect)
    raise Unfit("clip-no-frames")


def _work(files: list[BinaryIO], facts: dict[str, Any], tell: Tell) -> dict[str, Any]:
    found = probe(files[0], facts["max_megapixels"], facts["max_film_s"])
    return msgspec.to_builtins(found)  # type: ignore[no-any-return]


WORKS: dict[str, Work] = {"probe": _work}
