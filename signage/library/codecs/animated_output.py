"""Writes a moving clip as MP4, as GIF, or as both; dithered for panels without shades."""

from contextlib import ExitStack
from fractions import Fraction
from typing import Any, BinaryIO

import av
from msgspec import UNSET
from PIL import Image

from signage.library.codecs import gif_writer, mp4_writer
from signage.library.codecs.clip_jobs import GIF, MP4, AnimatedFacts, EncodedFile
from signage.pixels.image.dither import FrameDitherer


class AnimatedOutput:
    """Writes frames into *targets*, one file for each output type; use as a context manager."""

    def __init__(self, targets: list[BinaryIO], facts: AnimatedFacts, parameters: mp4_writer.VideoParameters) -> None:
        self._size = parameters.width, parameters.height
        dot_colors = None if facts.colors is UNSET else facts.colors
        self._dither = FrameDitherer(dot_colors) if dot_colors else None
        targets_by_type = dict(zip(facts.output_types, targets, strict=True))
        self._stack = ExitStack()
        self.mp4_writer = (
            self._stack.enter_context(mp4_writer.Mp4Writer(targets_by_type[MP4], parameters))
            if MP4 in targets_by_type
            else None
        )
        self._gif_writer = (
            self._stack.enter_context(gif_writer.GifWriter(targets_by_type[GIF], *self._size, dot_colors))
            if GIF in targets_by_type
            else None
        )

    def __enter__(self) -> "AnimatedOutput":
        return self

    def __exit__(self, *end: Any) -> None:
        self._stack.__exit__(*end)

    def write_frame(self, frame: av.VideoFrame, number: int, rate: Fraction) -> None:
        """Write *frame* (fitted, 4:2:0) as the frame *number* at *rate* frames per second."""
        if self._dither is None and self._gif_writer is None and self.mp4_writer is not None:
            self.mp4_writer.add_frame(frame, number, 1)
            return
        rgb_frame: Any = frame.reformat(format="rgb24", src_colorspace="ITU709")
        image = self.dither(rgb_frame.to_image().crop((0, 0, *self._size)))
        if self._gif_writer is not None:
            self._gif_writer.add_frame(image, round(number * 1000 / rate), round((number + 1) * 1000 / rate))
        if self.mp4_writer is not None:
            self.mp4_writer.add_frame(mp4_writer.convert_to_frame(image), number, 1)

    def write_rounds(self, pictures: list[tuple[Image.Image, int, int]], rounds: int) -> None:
        """Write *pictures* (RGB image, begin and duration in ms; one round) *rounds* times."""
        pictures = [(self.dither(picture), at, length) for picture, at, length in pictures]
        if self._gif_writer is not None:
            for picture, at, length in pictures:
                self._gif_writer.add_frame(picture, at, at + length)
        if self.mp4_writer is not None:
            frames = ((mp4_writer.convert_to_frame(picture), at, length) for picture, at, length in pictures)
            self.mp4_writer.add_rounds(frames, pictures[-1][1] + pictures[-1][2], rounds)

    def dither(self, picture: Image.Image) -> Image.Image:
        """Return *picture* in the colours of the panel's dots; unchanged for panels with shades."""
        return self._dither(picture) if self._dither is not None else picture


def describe_output(facts: AnimatedFacts, parameters: mp4_writer.VideoParameters) -> list[EncodedFile]:
    """Return type and size of each file that a job wrote."""
    even_size = mp4_writer.round_up_to_even(parameters.width), mp4_writer.round_up_to_even(parameters.height)
    return [
        EncodedFile(type_, *(even_size if type_ == MP4 else (parameters.width, parameters.height)))
        for type_ in facts.output_types
    ]
