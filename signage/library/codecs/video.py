"""Converts films and animations for a panel: its size and frame rate, upright, sound at one loudness. Sandboxed.

1. The frame rate is that of the film where the panel can show it, else its largest integer fraction that the panel can
   show; a film of uneven rate gets the panel's. The length is that of the picture track, to the nearest frame, and at
   least ``MIN_FILM_MS``: the last picture of a shorter film stays.
2. A frame that cannot be decoded rejects the whole film: screens show no damaged pictures.
"""

import contextlib
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, BinaryIO

import av
from msgspec import UNSET
from PIL import Image

from signage.library.codecs import audio, demux, mp4_writer
from signage.library.codecs.animated_output import AnimatedOutput, describe_output
from signage.library.codecs.clip_jobs import (
    MIN_FILM_MS,
    AnimationFacts,
    AnimationJob,
    EncodedFile,
    FilmFacts,
    FilmJob,
    PosterFacts,
    PosterJob,
)
from signage.library.codecs.demux import Orientation
from signage.library.codecs.file_type import LEADING_BYTES, FileFormat, detect_format
from signage.library.codecs.film_frames import decode_frames, flatten_frames, iter_frames
from signage.library.codecs.images import fit_to_panel, flatten, open_picture, read_frames, save_picture
from signage.library.codecs.video_frames import FrameFitter, resample_frames
from signage.library.sandbox.confinement import SandboxLimits
from signage.library.sandbox.job_messages import JobFunction, ProgressCallback
from signage.library.sandbox.media_error import MediaError

_MS = Fraction(1, 1000)
_POSTER_POSITION = Fraction(1, 3)
_MAX_ROUND_PIXELS = 4_000_000_000


def choose_panel_rate(rate: Fraction | None, fps: int) -> Fraction:
    """Return the frame rate of a film of *rate* (None: uneven) on a panel of *fps* (1)."""
    if rate is None:
        return Fraction(fps)
    return rate / -(-rate // fps) if rate > fps else rate


def make_film(
    files: list[BinaryIO], job: FilmJob, limits: SandboxLimits, report: ProgressCallback
) -> list[EncodedFile]:
    """Run a FilmJob."""
    source, *targets = files
    facts = job.facts
    file_format = _detect_source_format(source)
    with demux.open_film(source, file_format) as container:
        track = demux.find_picture_track(container, file_format)
        timeline = demux.read_timeline(source, container, track, file_format)
        aspect = track.sample_aspect_ratio
    rate = choose_panel_rate(timeline.rate, facts.fps)
    length = max(timeline.length, MIN_FILM_MS * _MS)
    count = max(1, round(length * rate))
    sound_frames = _open_sound(source, file_format, timeline, length, facts)
    is_dithered = facts.colors is not UNSET
    parameters = mp4_writer.VideoParameters(
        facts.width, facts.height, rate, 1 / rate, facts.max_kbps, sound_frames is not None, is_dithered
    )
    orientation = Orientation(facts.mirrored, facts.quarters)
    fit = "contain" if facts.fit is UNSET else facts.fit
    fitter = FrameFitter(parameters.width, parameters.height, fit, facts.background, orientation, aspect)
    frame_count = 0
    with AnimatedOutput(targets, facts, parameters) as output, demux.convert_decoder_errors():
        for frame, number in resample_frames(
            fitter(flatten_frames(iter_frames(source, file_format, timeline.rate), facts.background)),
            timeline.begin,
            rate,
            count,
        ):
            output.write_frame(frame, number, rate)
            frame_count = number + 1
            if sound_frames is not None and output.mp4_writer is not None:
                _write_sound(output.mp4_writer, sound_frames, Fraction(frame_count) / rate)
            if number % 25 == 0:
                report(number / count)
    if not frame_count:
        raise MediaError("clip-no-frames")
    return describe_output(facts, parameters)


def _detect_source_format(source: BinaryIO) -> FileFormat:
    source.seek(0)
    file_format = detect_format(source.read(LEADING_BYTES))
    source.seek(0)
    return file_format


def _open_sound(
    source: BinaryIO, file_format: FileFormat, timeline: demux.TrackTimeline, length: Fraction, facts: FilmFacts
) -> Iterator[av.AudioFrame] | None:
    if facts.loudness_lufs is None:
        return None
    end_s = timeline.begin + timeline.length
    measured_lufs = audio.measure_loudness(source, file_format, end_s, timeline.offsets)
    if measured_lufs is None:
        return None
    # A position of its own: sound and pictures are read alternately.
    reader: Any = mp4_writer.SharedFileReader(source.fileno())
    return audio.normalize_loudness(
        reader, file_format, timeline.begin, length, measured_lufs, facts.loudness_lufs, timeline.offsets
    )


def _write_sound(writer: mp4_writer.Mp4Writer, sound_frames: Iterator[av.AudioFrame], until: Fraction) -> None:
    """Write sound up to *until*, so that both tracks advance together."""
    for frame in sound_frames:
        writer.add_sound(frame)
        if frame.pts is not None and Fraction(frame.pts) * (frame.time_base or _MS) >= until:
            return


def make_animation(
    files: list[BinaryIO], job: AnimationJob, limits: SandboxLimits, report: ProgressCallback
) -> list[EncodedFile]:
    """Run an AnimationJob."""
    source, *targets = files
    facts = job.facts
    image = open_picture(source, _detect_source_format(source), limits.max_megapixels)
    is_dithered = facts.colors is not UNSET
    parameters = mp4_writer.VideoParameters(
        facts.width, facts.height, Fraction(facts.fps), _MS, facts.max_kbps, has_text=is_dithered
    )
    frames = list(_list_timed_frames(image, facts))
    with AnimatedOutput(targets, facts, parameters) as output:
        report(0.5)
        output.write_rounds(frames, facts.rounds)
    return describe_output(facts, parameters)


def _list_timed_frames(image: Image.Image, facts: AnimationFacts) -> Iterator[tuple[Image.Image, int, int]]:
    """Yield the fitted frames of one round with begin and duration in ms, without those too short for the panel."""
    min_duration_ms = 1000 // facts.fps
    at, pending = 0, None
    pixels = 0
    for frame, delay in read_frames(image):
        if pending is None or at - pending[1] >= min_duration_ms:
            if pending is not None:
                yield pending[0], pending[1], at - pending[1]
            pixels += facts.width * facts.height
            if pixels > _MAX_ROUND_PIXELS:
                raise MediaError("clip-over-limits", limit="frames")
            pending = (fit_to_panel(flatten(frame, facts.background), facts), at)
        at += delay
    if pending is None:
        raise MediaError("clip-no-frames")
    yield pending[0], pending[1], at - pending[1]


def make_poster(
    files: list[BinaryIO], job: PosterJob, limits: SandboxLimits, report: ProgressCallback
) -> list[EncodedFile]:
    """Run a PosterJob."""
    source, target = files
    return [save_picture(_decode_poster(source, job.facts), target, job.facts, lossy=job.facts.lossy)]


def _decode_poster(source: BinaryIO, facts: PosterFacts) -> Image.Image:
    """Return the frame at a third of the film; the first one of a film in which no position can be sought."""
    file_format = _detect_source_format(source)
    frame: av.VideoFrame | None = None
    with contextlib.suppress(MediaError):
        frame = _seek_frame(source, file_format, Fraction(facts.duration_ms or 0) * _MS * _POSTER_POSITION)
    with demux.convert_decoder_errors():
        frame = frame or next(iter_frames(source, file_format), None)
    if frame is None:
        raise MediaError("clip-no-frames")
    source.seek(0)
    with demux.open_film(source, file_format) as container:
        aspect = demux.find_picture_track(container, file_format).sample_aspect_ratio
    orientation = demux.read_orientation(frame)
    size = orientation.rotate_size(*demux.compute_square_size(frame, aspect))
    fitter = FrameFitter(*size, "contain", facts.background, orientation, aspect)
    flat_frames = flatten_frames(iter([frame]), facts.background)
    picture: Image.Image = next(iter(fitter(flat_frames))).to_image()  # type: ignore[no-untyped-call]
    return picture


def _seek_frame(source: BinaryIO, file_format: FileFormat, position_s: Fraction) -> av.VideoFrame | None:
    """Return the frame shown *position_s* after the beginning, or the last one before it."""
    source.seek(0)
    with demux.open_film(source, file_format) as container, demux.convert_decoder_errors():
        track = demux.find_picture_track(container, file_format)
        base = track.time_base or _MS
        wanted_s = (track.start_time or 0) * base + position_s
        container.seek(int(wanted_s / base), stream=track, backward=True)
        frame: av.VideoFrame | None = None
        for frame in decode_frames(source, container, track, file_format):
            if frame.pts is None or frame.pts * base >= wanted_s:
                break
        return frame


JOBS: dict[type, JobFunction] = {FilmJob: make_film, AnimationJob: make_animation, PosterJob: make_poster}
