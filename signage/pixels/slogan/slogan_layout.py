"""The layout of a slogan: the input of rendering, playback and legibility checks."""

from dataclasses import dataclass
from typing import Literal

from signage.faults import Fault
from signage.pixels.image.colors import TextColors
from signage.pixels.slogan.layout import TextBlock

LayoutKind = Literal["still", "scroll-left", "pages"]


@dataclass(frozen=True, slots=True)
class PlacedBlock:
    """A block of lines: *top* of its first em box in the picture, and the *pitch* from line to line."""

    block: TextBlock
    top: int
    pitch: int


@dataclass(frozen=True, slots=True, eq=False)
class SloganLayout:
    """One slogan on one panel.

    *width*, *height*: of the whole picture (a strip is wider, pages are higher than the panel). *duration_ms*: duration
    of the item, in whole passes of a strip or whole rounds of its pages. *left*: where the text of a strip begins
    (None: each line is centred). *size_px*: height of a character's em box. *is_vertical*: lines are columns from top
    to bottom that follow from left to right: blocks are placed on a page turned by a quarter, *panel_height* wide.
    """

    kind: LayoutKind
    width: int
    height: int
    panel_width: int
    panel_height: int
    duration_ms: int
    size_px: int
    colors: TextColors
    one_bit: bool
    placed_blocks: tuple[PlacedBlock, ...]
    px_per_s: int | None = None
    pass_ms: int | None = None
    page_ms: int | None = None
    left: int | None = None
    warnings: tuple[Fault, ...] = ()
    is_vertical: bool = False

    @property
    def pages(self) -> int:
        """The number of pages in the picture; 1 for other kinds."""
        return self.height // self.panel_height
