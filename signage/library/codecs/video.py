"""Films for a panel: H.264 at its size and rate, the turn baked in, sound at one level. Runs in the jail.

1. The frame rate is the film's own where the panel can show it, else the largest whole part of it that it can; an
   uneven film gets the panel's. The length stays that of the picture track, to the nearest frame.
2. A frame that cannot be decoded makes the whole film refused: half a picture is not shown on a street.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, BinaryIO

import av
from msgspec import UNSET
from PIL import Image

from signage.library.codecs import audio as sound
from signage.library.codecs import demux as tracks
from signage.library.codecs import mp4_writer as mp4
from signage.library.codecs.animated_output import AnimatedOutput, describe_output
from signage.library.codecs.clip_jobs import (
    AnimationFacts,
    AnimationJob,
    EncodedFile,
    FilmFacts,
    FilmJob,
    PosterFacts,
    PosterJob,
)
from signage.library.codecs.demux import Orientation
from signage.library.codecs.file_type import LEADING_BYTES, MPEG_ES, FileFormat, detect_format
from signage.library.codecs.images import fit_to_panel, flatten, open_picture, read_frames, save_picture
from signage.library.codecs.video_frames import FrameFitter, resample_frames
from signage.library.sandbox.confinement import SandboxLimits
from signage.library.sandbox.job_messages import JobFunction, ProgressCallback
from signage.library.sandbox.media_error import MediaError

_MS = Fraction(1, 1000)
_POSTER_POSITION = Fraction(1, 3)
_MAX_ROUND_PIXELS = 4_000_000_000


def choose_panel_rate(rate: Fraction | None, fps: int) -> Fraction:
    """The rate at which a film of *rate* (None: uneven) is shown on a panel of *fps* (1)."""
    if rate is None:
        return Fraction(fps)
    return rate / -(-rate // fps) if rate > fps else rate


def make_film(
    files: list[BinaryIO], job: FilmJob, limits: SandboxLimits, report: ProgressCallback
) -> list[EncodedFile]:
    """Run a FilmJob."""
    source, *targets = files
    facts = job.facts
    known = _detect_source_format(source)
    with tracks.open_film(source, known) as container:
        track = tracks.find_picture_track(container, known)
        line = tracks.read_timeline(container, track, known)
        aspect = track.sample_aspect_ratio
    rate = choose_panel_rate(line.rate, facts.fps)
    count = max(1, round(line.length * rate))
    voice = _open_sound(source, known, line, facts)
    dotted = facts.colors is not UNSET
    shape = mp4.VideoParameters(facts.width, facts.height, rate, 1 / rate, facts.max_kbps, voice is not None, dotted)
    orientation = Orientation(facts.mirrored, facts.quarters)
    fit = "contain" if facts.fit is UNSET else facts.fit
    fitting = FrameFitter(shape.width, shape.height, fit, facts.background, orientation, aspect)
    shown = 0
    with AnimatedOutput(targets, facts, shape) as outlet, tracks.convert_decoder_errors():
        for frame, number in resample_frames(
            fitting(_decode_frames(source, known, line.rate)), line.begin, rate, count
        ):
            outlet.write_frame(frame, number, rate)
            shown = number + 1
            if voice is not None and outlet.mp4_writer is not None:
                _write_sound(outlet.mp4_writer, voice, Fraction(shown) / rate)
            if number % 25 == 0:
                report(number / count)
    if not shown:
        raise MediaError("clip-no-frames")
    return describe_output(facts, shape)


def _detect_source_format(source: BinaryIO) -> FileFormat:
    source.seek(0)
    known = detect_format(source.read(LEADING_BYTES))
    source.seek(0)
    return known


def _open_sound(
    source: BinaryIO, known: FileFormat, line: tracks.TrackTimeline, facts: FilmFacts
) -> Iterator[av.AudioFrame] | None:
    if facts.loudness_lufs is None:
        return None
    measured = sound.measure_loudness(source, known, line.begin + line.length)
    if measured is None:
        return None
    # Its own place in the file: sound and pictures are read by turns.
    again: Any = mp4.SharedFileReader(source.fileno())
    return sound.normalize_loudness(again, known, line.begin, line.length, measured, facts.loudness_lufs)


def _write_sound(writer: mp4.Mp4Writer, voice: Iterator[av.AudioFrame], until: Fraction) -> None:
    """Write sound up to *until*, so that both tracks advance together."""
    for frame in voice:
        writer.add_sound(frame)
        if frame.pts is not None and Fraction(frame.pts) * (frame.time_base or _MS) >= until:
            return


def _decode_frames(source: BinaryIO, known: FileFormat, rate: Fraction | None) -> Iterator[av.VideoFrame]:
    source.seek(0)
    with tracks.open_film(source, known) as container:
        track = tracks.find_picture_track(container, known)
        track.codec_context.thread_count = 1
        for number, frame in enumerate(container.decode(track)):
            if known is MPEG_ES and rate:
                frame.pts, frame.time_base = number, 1 / rate
            yield frame


def make_animation(
    files: list[BinaryIO], job: AnimationJob, limits: SandboxLimits, report: ProgressCallback
) -> list[EncodedFile]:
    """Run an AnimationJob."""
    source, *targets = files
    facts = job.facts
    image = open_picture(source, _detect_source_format(source), limits.max_megapixels)
    dotted = facts.colors is not UNSET
    shape = mp4.VideoParameters(facts.width, facts.height, Fraction(facts.fps), _MS, facts.max_kbps, has_text=dotted)
    shown = list(_list_timed_frames(image, facts))
    with AnimatedOutput(targets, facts, shape) as outlet:
        report(0.5)
        outlet.write_rounds(shown, facts.rounds)
    return describe_output(facts, shape)


def _list_timed_frames(image: Image.Image, facts: AnimationFacts) -> Iterator[tuple[Image.Image, int, int]]:
    """The frames of one round, fitted, each with begin and length in ms; those too quick for the panel left out."""
    least = 1000 // facts.fps
    at, pending = 0, None
    pixels = 0
    for frame, delay in read_frames(image):
        if pending is None or at - pending[1] >= least:
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
    known = _detect_source_format(source)
    with tracks.open_film(source, known) as container, tracks.convert_decoder_errors():
        track = tracks.find_picture_track(container, known)
        track.codec_context.thread_count = 1
        base = track.time_base or _MS
        wanted = (track.start_time or 0) * base + (facts.duration_ms or 0) * _MS * _POSTER_POSITION
        container.seek(int(wanted / base), stream=track, backward=True)
        found: av.VideoFrame | None = None
        for found in container.decode(track):
            if found.pts is None or found.pts * base >= wanted:
                break
        if found is None:
            raise MediaError("clip-no-frames")
        turn = tracks.read_orientation(found)
        size = turn.rotate_size(*tracks.compute_square_size(found, track.sample_aspect_ratio))
        fitting = FrameFitter(*size, "contain", "#000000", turn, track.sample_aspect_ratio)
        picture: Image.Image = next(iter(fitting([found]))).to_image()  # type: ignore[no-untyped-call]
        return picture


JOBS: dict[type, JobFunction] = {FilmJob: make_film, AnimationJob: make_animation, PosterJob: make_poster}
