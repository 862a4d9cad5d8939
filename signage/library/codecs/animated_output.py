"""What a moving clip is written as: MP4, GIF, or both side by side; on panels without shades, in their own dots."""

from contextlib import ExitStack
from fractions import Fraction
from typing import Any, BinaryIO

import av
from msgspec import UNSET
from PIL import Image

from signage.library.codecs import gif_writer as gif
from signage.library.codecs import mp4_writer as mp4
from signage.library.codecs.clip_jobs import GIF, MP4, AnimatedFacts, EncodedFile
from signage.pixels.image.dither import FrameDitherer


class AnimatedOutput:
    """Writes frames of *shape* into *targets*; use as a context manager."""

    def __init__(self, targets: list[BinaryIO], facts: AnimatedFacts, shape: mp4.VideoParameters) -> None:
        self._size = shape.width, shape.height
        own = None if facts.colors is UNSET else facts.colors
        self._dither = FrameDitherer(own) if own else None
        wanted = dict(zip(facts.output_types, targets, strict=True))
        self._stack = ExitStack()
        self.mp4_writer = self._stack.enter_context(mp4.Mp4Writer(wanted[MP4], shape)) if MP4 in wanted else None
        self._gif_writer = (
            self._stack.enter_context(gif.GifWriter(wanted[GIF], *self._size, own)) if GIF in wanted else None
        )

    def __enter__(self) -> "AnimatedOutput":
        return self

    def __exit__(self, *end: Any) -> None:
        self._stack.__exit__(*end)

    def write_frame(self, frame: av.VideoFrame, number: int, rate: Fraction) -> None:
        """Show *frame* (fitted, 4:2:0) as the frame *number* of *rate*."""
        if self._dither is None and self._gif_writer is None and self.mp4_writer is not None:
            self.mp4_writer.add_frame(frame, number, 1)
            return
        plain: Any = frame.reformat(format="rgb24", src_colorspace="ITU709")
        shown = self.dither(plain.to_image().crop((0, 0, *self._size)))
        if self._gif_writer is not None:
            self._gif_writer.add_frame(shown, round(number * 1000 / rate), round((number + 1) * 1000 / rate))
        if self.mp4_writer is not None:
            self.mp4_writer.add_frame(mp4.convert_to_frame(shown), number, 1)

    def write_rounds(self, pictures: list[tuple[Image.Image, int, int]], rounds: int) -> None:
        """Show *pictures* (RGB, with begin and length in ms), one round of them, *rounds* times."""
        pictures = [(self.dither(picture), at, length) for picture, at, length in pictures]
        if self._gif_writer is not None:
            for picture, at, length in pictures:
                self._gif_writer.add_frame(picture, at, at + length)
        if self.mp4_writer is not None:
            made = ((mp4.convert_to_frame(picture), at, length) for picture, at, length in pictures)
            self.mp4_writer.add_rounds(made, pictures[-1][1] + pictures[-1][2], rounds)

    def dither(self, picture: Image.Image) -> Image.Image:
        """The panel's dots for *picture*; itself where there are shades."""
        return self._dither(picture) if self._dither is not None else picture


def describe_output(facts: AnimatedFacts, shape: mp4.VideoParameters) -> list[EncodedFile]:
    """Return type and size of each file that a job wrote."""
    even_size = mp4.round_up_to_even(shape.width), mp4.round_up_to_even(shape.height)
    return [
        EncodedFile(type_, *(even_size if type_ == MP4 else (shape.width, shape.height)))
        for type_ in facts.output_types
    ]
