"""What a clip is, found by decoding it: kind, upright size, length. Runs in the jail."""

from fractions import Fraction
from typing import BinaryIO

from signage.library.codecs import demux as tracks
from signage.library.codecs import images as pictures
from signage.library.codecs.clip_jobs import ProbeJob
from signage.library.codecs.file_type import LEADING_BYTES, FileFormat, detect_format
from signage.library.sandbox.confinement import SandboxLimits
from signage.library.sandbox.job_messages import JobFunction, ProgressCallback
from signage.library.sandbox.media_error import MediaError
from signage.model.clip_facts import ClipFacts


def probe_clip(file: BinaryIO, max_megapixels: int, max_film_s: int) -> ClipFacts:
    """Read and decode *file*.

    Raises Unfit with the cause when it is no clip that screens can play.
    """
    known = detect_format(file.read(LEADING_BYTES))
    file.seek(0)
    if known.demuxer is None:
        return _probe_picture(file, known, max_megapixels)
    return _probe_film(file, known, max_megapixels, max_film_s)


def _probe_picture(file: BinaryIO, known: FileFormat, max_megapixels: int) -> ClipFacts:
    image = pictures.open_picture(file, known, max_megapixels)
    orientation = image.getexif().get(0x0112, 1) if known.name in ("JPEG", "PNG", "WEBP") else 1
    size = image.size if orientation not in (5, 6, 7, 8) else image.size[::-1]
    clear = image.has_transparency_data
    if pictures.is_animated(image):
        delays = [delay for _, delay in pictures.read_frames(image)]
        kind, length, count = "animation", sum(delays), len(delays)
    else:
        with pictures.convert_decoder_errors():
            image.load()
        kind, length, count = "picture", None, 1
    return ClipFacts(
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


def _probe_film(file: BinaryIO, known: FileFormat, max_megapixels: int, max_film_s: int) -> ClipFacts:
    with tracks.open_film(file, known) as container:
        track = tracks.find_picture_track(container, known)
        if track.width * track.height > max_megapixels * 1_000_000:
            raise MediaError("clip-too-many-pixels", width=track.width, height=track.height, most=max_megapixels)
        line = tracks.read_timeline(container, track, known)
        if line.length > max_film_s:
            raise MediaError("clip-too-long", seconds=round(line.length), most=max_film_s)
        # Read here: a track is not to be touched once its container is closed.
        aspect, codec = track.sample_aspect_ratio, track.codec_context.codec.canonical_name
        audio = next((s.codec_context.name for s in container.streams.audio if s.codec_context), None)
    file.seek(0)
    pix_fmt, turn, size = _read_first_frame(file, known, aspect)
    width, height = turn.rotate_size(*size)
    return ClipFacts(
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


def _read_first_frame(
    file: BinaryIO, known: FileFormat, aspect: Fraction | None
) -> tuple[str, tracks.Orientation, tuple[int, int]]:
    """What only a decoded frame tells: its pixels' format, its turn, its size with square pixels."""
    with tracks.open_film(file, known) as container, tracks.convert_decoder_errors():
        track = tracks.find_picture_track(container, known)
        track.codec_context.thread_count = 1
        for frame in container.decode(track):
            return frame.format.name, tracks.read_orientation(frame), tracks.compute_square_size(frame, aspect)
    raise MediaError("clip-no-frames")


def run_probe(files: list[BinaryIO], job: ProbeJob, limits: SandboxLimits, report: ProgressCallback) -> ClipFacts:
    """Run a ProbeJob."""
    return probe_clip(files[0], limits.max_megapixels, job.max_film_s)


JOBS: dict[type, JobFunction] = {ProbeJob: run_probe}
