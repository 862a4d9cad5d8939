"""A slogan as it is set: all that drawing, playing and judging it need."""

from dataclasses import dataclass
from typing import Literal

from signage.faults import Fault
from signage.pixels.image.colors import TextColors
from signage.pixels.slogan.layout import TextBlock

LayoutKind = Literal["still", "scroll-left", "pages"]


@dataclass(frozen=True, slots=True)
class PlacedBlock:
    """A block of lines with the y of its first line's em box in the picture, and from line to line."""

    block: TextBlock
    top: int
    pitch: int


@dataclass(frozen=True, slots=True, eq=False)
class SloganLayout:
    """One slogan on one panel.

    *width*, *height*: the whole picture's (a strip is wider, pages are higher than the panel). *duration_ms* is how
    long the item lasts: whole passes of a strip, whole rounds of its pages. *left* is where the text of a strip begins
    (None: each line stands in the middle). *size_px* is the height of a character's em.
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

    @property
    def pages(self) -> int:
        """How many pages the picture holds; 1 unless it is of that kind."""
        return self.height // self.panel_height
