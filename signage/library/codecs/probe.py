"""Probes a clip by decoding it: kind, size after rotation, length. Sandboxed."""

from fractions import Fraction
from typing import BinaryIO

from signage.library.codecs import demux, images
from signage.library.codecs.clip_jobs import ProbeJob
from signage.library.codecs.file_type import LEADING_BYTES, FileFormat, detect_format
from signage.library.codecs.film_frames import check_decodable, has_alpha, iter_frames
from signage.library.sandbox.confinement import SandboxLimits
from signage.library.sandbox.job_messages import JobFunction, ProgressCallback
from signage.library.sandbox.media_error import MediaError
from signage.model.clip_facts import ClipFacts


def probe_clip(file: BinaryIO, max_megapixels: int, max_film_s: int) -> ClipFacts:
    """Decode *file* and return its facts. Raises MediaError when screens cannot play it."""
    file_format = detect_format(file.read(LEADING_BYTES))
    file.seek(0)
    if file_format.demuxer is None:
        return _probe_picture(file, file_format, max_megapixels)
    return _probe_film(file, file_format, max_megapixels, max_film_s)


def _probe_picture(file: BinaryIO, file_format: FileFormat, max_megapixels: int) -> ClipFacts:
    image = images.open_picture(file, file_format, max_megapixels)
    orientation = image.getexif().get(0x0112, 1) if file_format.name in ("JPEG", "PNG", "WEBP") else 1
    size = image.size if orientation not in (5, 6, 7, 8) else image.size[::-1]
    if images.is_animated(image):
        delays = [delay for _, delay in images.read_frames(image)]
        kind, length, count = "animation", sum(delays), len(delays)
    else:
        with images.convert_decoder_errors():
            image.load()
        kind, length, count = "picture", None, 1
    return ClipFacts(
        kind=kind,  # type: ignore[arg-type]
        format=file_format.name,
        type=file_format.type,
        ending=file_format.ending,
        width=size[0],
        height=size[1],
        duration_ms=length,
        frames=count,
        transparent=image.has_transparency_data,
    )


def _probe_film(file: BinaryIO, file_format: FileFormat, max_megapixels: int, max_film_s: int) -> ClipFacts:
    with demux.open_film(file, file_format) as container:
        track = demux.find_picture_track(container, file_format)
        if track.width * track.height > max_megapixels * 1_000_000:
            raise MediaError("clip-too-many-pixels", width=track.width, height=track.height, most=max_megapixels)
        timeline = demux.read_timeline(file, container, track, file_format)
        if timeline.length > max_film_s:
            raise MediaError("clip-too-long", seconds=round(timeline.length), most=max_film_s)
        # Read here: a track must not be used after its container is closed.
        aspect, codec = track.sample_aspect_ratio, track.codec_context.codec.canonical_name
        is_transparent = has_alpha(track)
        audio = next((s.codec_context.name for s in container.streams.audio if s.codec_context), None)
    if timeline.has_damage or timeline.offsets:
        with demux.convert_decoder_errors():
            check_decodable(file, file_format)
    pix_fmt, orientation, size = _read_first_frame(file, file_format, aspect)
    width, height = orientation.rotate_size(*size)
    return ClipFacts(
        kind="film",
        format=file_format.name,
        type=file_format.type,
        ending=file_format.ending,
        width=width,
        height=height,
        duration_ms=max(1, round(timeline.length * 1000)),
        frames=timeline.frames,
        rate=(timeline.rate.numerator, timeline.rate.denominator) if timeline.rate else None,
        codec=codec,
        pix_fmt=pix_fmt,
        quarters=orientation.quarters,
        mirrored=orientation.mirrored,
        audio=audio,
        transparent=is_transparent,
    )


def _read_first_frame(
    file: BinaryIO, file_format: FileFormat, aspect: Fraction | None
) -> tuple[str, demux.Orientation, tuple[int, int]]:
    """Return what only a decoded frame shows: pixel format, orientation, size with square pixels."""
    with demux.convert_decoder_errors():
        for frame in iter_frames(file, file_format):
            return frame.format.name, demux.read_orientation(frame), demux.compute_square_size(frame, aspect)
    raise MediaError("clip-no-frames")


def run_probe(files: list[BinaryIO], job: ProbeJob, limits: SandboxLimits, report: ProgressCallback) -> ClipFacts:
    """Run a ProbeJob."""
    return probe_clip(files[0], limits.max_megapixels, job.max_film_s)


JOBS: dict[type, JobFunction] = {ProbeJob: run_probe}
