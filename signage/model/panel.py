"""Panels: the pixels of a kind of screen."""

from dataclasses import dataclass
from typing import Literal

Color = Literal["mono", "two-color", "rgb"]
Plays = Literal["still", "animation", "film"]


@dataclass(frozen=True, slots=True)
class Panel:
    """A kind of screen: *width* × *height* pixels at *pitch_mm*, seen from *viewing_distance_m*.

    *plays*: what its players can show; *codecs* beside H.264 that its films may have; *safe_px* a margin kept free
    of text; *passing_kmh* how fast those who look pass by. *led_color*: the colour of a mono panel's dots.
    """

    id: str
    width: int
    height: int
    color: Color = "rgb"
    pitch_mm: float = 5.0
    fps: int = 30
    plays: frozenset[Plays] = frozenset({"still", "animation", "film"})
    codecs: tuple[str, ...] = ("h264",)
    max_kbps: int = 8000
    safe_px: int = 0
    viewing_distance_m: float = 15.0
    passing_kmh: float = 0.0
    led_color: str = "#ff2a00"
