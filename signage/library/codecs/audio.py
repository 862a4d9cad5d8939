"""Normalizes the loudness of a film's sound (EBU R 128) and fits it to the length of the picture track. Sandboxed.

The integrated loudness of the whole track is measured first (ITU-R BS.1770), then one gain is applied: the dynamics of
the track stay. A limiter keeps the peaks below −1 dBFS.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import BinaryIO

import av
from av.filter import Graph

from signage.library.codecs.demux import open_film
from signage.library.codecs.file_type import FileFormat
from signage.library.codecs.mp4_writer import CHANNEL_LAYOUT, SAMPLE_RATE
from signage.library.codecs.packets import decode_sound

_SILENCE_LUFS = -70.0
_MAX_GAIN_DB = 30.0
_CHUNK_SAMPLES = 1024
_DECODER_ERRORS = (av.FFmpegError, OSError, ValueError)


def measure_loudness(
    file: BinaryIO, file_format: FileFormat, end_s: Fraction, offsets: tuple[Fraction, ...] = ()
) -> float | None:
    """Return the integrated loudness in LUFS up to *end_s*; None where the sound is silent or unreadable.

    *offsets*: the corrections of the picture's jumps (``packets``).
    """
    file.seek(0)
    loudness: float | None = None
    try:
        with open_film(file, file_format) as container:
            graph: Graph | None = None
            for frame in decode_sound(container, file_format, offsets):
                if frame.time is not None and frame.time > end_s:
                    break
                graph = graph or _build_graph(frame, (("ebur128", "metadata=1:framelog=quiet"),))
                graph.push(frame)
                for measured in _pull_frames(graph):
                    loudness = float(measured.metadata.get("lavfi.r128.I", loudness or _SILENCE_LUFS))
    except _DECODER_ERRORS:
        return None
    return loudness if loudness is not None and loudness > _SILENCE_LUFS else None


def normalize_loudness(
    file: BinaryIO,
    file_format: FileFormat,
    begin: Fraction,
    length: Fraction,
    measured_lufs: float,
    target_lufs: float,
    offsets: tuple[Fraction, ...] = (),
) -> Iterator[av.AudioFrame]:
    """Yield the sound from *begin*, *length* long (s), at *target_lufs*; time stamps begin at 0."""
    file.seek(0)
    gain_db = min(_MAX_GAIN_DB, target_lufs - measured_lufs)
    samples = round(length * SAMPLE_RATE)
    chain = (
        ("aresample", f"{SAMPLE_RATE}:async=1000:first_pts=0"),
        ("aformat", f"sample_fmts=fltp:channel_layouts={CHANNEL_LAYOUT}"),
        ("volume", f"{gain_db:.2f}dB:precision=float"),
        ("alimiter", "limit=-1dB:level=0:attack=5:release=50"),
        ("apad", f"whole_len={samples}"),
        ("atrim", f"end_sample={samples}"),
        ("asetnsamples", f"n={_CHUNK_SAMPLES}:p=0"),
    )
    graph: Graph | None = None
    with open_film(file, file_format) as container:
        for frame in decode_sound(container, file_format, offsets):
            rate = frame.sample_rate
            at = Fraction(frame.pts or 0) * (frame.time_base or Fraction(1, rate)) - begin
            if at > length:
                break
            if at < 0:
                continue
            frame.pts, frame.time_base = round(at * rate), Fraction(1, rate)
            graph = graph or _build_graph(frame, chain)
            graph.push(frame)
            yield from _pull_frames(graph)
        if graph is not None:
            graph.push(None)
            yield from _pull_frames(graph)


def _build_graph(frame: av.AudioFrame, chain: tuple[tuple[str, str], ...]) -> Graph:
    graph = Graph()
    graph.threads = 1
    last = graph.add_abuffer(
        sample_rate=frame.sample_rate,
        format=frame.format,
        layout=frame.layout,
        time_base=frame.time_base or Fraction(1, frame.sample_rate),
    )
    for name, args in (*chain, ("abuffersink", "")):
        node = graph.add(name, args) if args else graph.add(name)
        last.link_to(node)
        last = node
    graph.configure()
    return graph


def _pull_frames(graph: Graph) -> Iterator[av.AudioFrame]:
    while True:
        try:
            frame = graph.pull()
        except (av.BlockingIOError, av.EOFError):
            return
        assert isinstance(frame, av.AudioFrame)
        yield frame
