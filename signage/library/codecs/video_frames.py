"""Converts frames of a film for a panel: upright, square pixels, fitted, BT.709, evenly timed. Sandboxed."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any

import av
from av.filter import Graph

from signage.library.codecs.demux import Orientation
from signage.library.codecs.mp4_writer import round_up_to_even

_ROTATION_FILTERS = {
    0: (),
    1: (("transpose", "dir=clock"),),
    2: (("hflip", ""), ("vflip", "")),
    3: (("transpose", "dir=cclock"),),
}
_COLOR_MATRICES = {1: "bt709", 5: "bt601", 6: "bt601", 9: "bt2020"}
_FULL_RANGE = 2
_HDR_TRANSFERS = {16: "smpte2084", 18: "arib-std-b67"}
"""Transfer functions (ITU-T H.273) of high dynamic range: PQ and HLG."""
_BLUR_PX, _DIM_FACTOR = 48, 0.55


class FrameFitter:
    """Fits frames to *width* × *height* (rounded up to even) by *fit*; the rest shows *background*."""

    def __init__(
        self, width: int, height: int, fit: str, background: str, orientation: Orientation, aspect: Fraction | None
    ) -> None:
        self.width, self.height = round_up_to_even(width), round_up_to_even(height)
        self.fit, self.background, self.orientation = fit, background, orientation
        self.aspect = aspect if aspect and aspect > 0 else Fraction(1)
        self._graph: Graph | None = None
        self._key: tuple[object, ...] = ()

    def __call__(self, frames: Iterable[av.VideoFrame]) -> Iterator[av.VideoFrame]:
        """Yield each frame fitted, with its time stamp."""
        for frame in frames:
            key = (frame.width, frame.height, frame.format.name, frame.colorspace, frame.color_range, frame.color_trc)
            if key != self._key:
                yield from self._flush()
                self._graph, self._key = self._build_graph(frame), key
            assert self._graph is not None
            self._graph.push(frame)
            yield from _pull_frames(self._graph)
        yield from self._flush()

    def _flush(self) -> Iterator[av.VideoFrame]:
        if self._graph is not None:
            self._graph.push(None)
            yield from _pull_frames(self._graph)

    def _build_graph(self, frame: av.VideoFrame) -> Graph:
        graph = Graph()
        graph.threads = 1
        first: Any = graph.add_buffer(
            width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base
        )
        nodes = [first]
        if frame.interlaced_frame:
            nodes.append(graph.add("bwdif", "mode=send_frame:deint=interlaced"))
        if self.orientation.mirrored:
            nodes.append(graph.add("hflip"))
        nodes += [
            graph.add(name, args) if args else graph.add(name)
            for name, args in _ROTATION_FILTERS[self.orientation.quarters]
        ]
        last = nodes[-1]
        for a, b in pairwise(nodes):
            a.link_to(b)
        size = self._get_display_size(frame)
        end = (
            self._add_blur_filters(graph, last, size, frame)
            if self.fit == "blur"
            else self._add_scale_filters(graph, last, size, frame)
        )
        for name, args in (("format", "pix_fmts=yuv420p"), ("buffersink", "")):
            node = graph.add(name, args) if args else graph.add(name)
            end.link_to(node)
            end = node
        graph.configure()
        return graph

    def _get_display_size(self, frame: av.VideoFrame) -> tuple[int, int]:
        return self.orientation.rotate_size(max(1, round(frame.width * self.aspect)), frame.height)

    def _add_scale_filters(self, graph: Graph, last: Any, size: tuple[int, int], frame: av.VideoFrame) -> Any:
        width, height = compute_scaled_size(size, (self.width, self.height), cover=self.fit == "cover")
        scale = graph.add("scale", _format_scale_options(width, height, frame))
        last.link_to(scale)
        if self.fit == "cover":
            end = graph.add("crop", f"{self.width}:{self.height}")
        else:
            colour = "0x" + self.background.lstrip("#")
            end = graph.add("pad", f"{self.width}:{self.height}:(ow-iw)/2:(oh-ih)/2:color={colour}")
        scale.link_to(end)
        return end

    def _add_blur_filters(self, graph: Graph, last: Any, size: tuple[int, int], frame: av.VideoFrame) -> Any:
        """Blur like ``pixels.image.image_fit``: the background is reduced, blurred, dimmed and enlarged."""
        split = graph.add("split", "2")
        last.link_to(split)
        scale = _BLUR_PX / max(self.width, self.height)
        background_size = (
            round_up_to_even(max(2, round(self.width * scale))),
            round_up_to_even(max(2, round(self.height * scale))),
        )
        dim = f"y=16+(val-16)*{_DIM_FACTOR}:u=128+(val-128)*{_DIM_FACTOR}:v=128+(val-128)*{_DIM_FACTOR}"
        nodes = [
            graph.add("scale", _format_scale_options(*compute_scaled_size(size, background_size, cover=True), frame)),
            graph.add("crop", f"{background_size[0]}:{background_size[1]}"),
            graph.add("gblur", "sigma=2"),
            graph.add("format", "pix_fmts=yuv420p"),
            graph.add("lutyuv", dim),
            graph.add("scale", f"{self.width}:{self.height}:flags=bicubic"),
        ]
        small = graph.add(
            "scale", _format_scale_options(*compute_scaled_size(size, (self.width, self.height), cover=False), frame)
        )
        over = graph.add("overlay", "(W-w)/2:(H-h)/2")
        split.link_to(nodes[0], 0)
        for a, b in pairwise(nodes):
            a.link_to(b)
        nodes[-1].link_to(over, 0, 0)
        split.link_to(small, 1)
        small.link_to(over, 0, 1)
        return over


def compute_scaled_size(size: tuple[int, int], panel: tuple[int, int], *, cover: bool) -> tuple[int, int]:
    """Return the even size at which *size* lies inside *panel* (or covers it), with its aspect ratio."""
    factors = (Fraction(panel[0], size[0]), Fraction(panel[1], size[1]))
    factor = max(factors) if cover else min(factors)
    width, height = (max(2, 2 * round(side * factor / 2)) for side in size)
    if cover:
        return max(width, panel[0]), max(height, panel[1])
    return min(width, panel[0]), min(height, panel[1])


def _format_scale_options(width: int, height: int, frame: av.VideoFrame) -> str:
    """Return the options of the scale filter: to this size and to BT.709 of limited range; HDR is tone-mapped."""
    options = f"{width}:{height}:flags=bicubic:out_color_matrix=bt709:out_range=tv"
    if frame.format.name.startswith(("rgb", "bgr", "gbr", "gray", "pal", "argb", "abgr")):
        return options
    matrix = _COLOR_MATRICES.get(int(frame.colorspace), "bt709" if frame.height >= 720 else "bt601")
    span = "pc" if int(frame.color_range) == _FULL_RANGE or frame.format.name.startswith("yuvj") else "tv"
    options += f":in_color_matrix={matrix}:in_range={span}"
    curve = _HDR_TRANSFERS.get(int(frame.color_trc))
    if curve is not None:
        options += f":in_transfer={curve}:in_primaries=bt2020:out_transfer=bt709:out_primaries=bt709:intent=perceptual"
    return options


def _pull_frames(graph: Graph) -> Iterator[av.VideoFrame]:
    while True:
        try:
            frame = graph.vpull()
        except (av.BlockingIOError, av.EOFError):
            return
        yield frame


def resample_frames(
    frames: Iterable[av.VideoFrame], begin: Fraction, rate: Fraction, count: int
) -> Iterator[tuple[av.VideoFrame, int]]:
    """Yield *count* frames with their numbers: for 0, 1/rate, 2/rate, … after *begin* the nearest frame in time.

    A frame without a time stamp follows the one before it.
    """
    half = 1 / rate / 2
    number, current, last = 0, None, begin - 1 / rate
    for frame in frames:
        at = Fraction(frame.pts) * frame.time_base if frame.pts is not None and frame.time_base else last + 1 / rate
        last = at
        while current is not None and number < count and begin + number / rate < at - half:
            yield current, number
            number += 1
        current = frame
    while current is not None and number < count:
        yield current, number
        number += 1
