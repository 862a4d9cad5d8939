"""Gamma and brightness correction by one look-up table, for panels that support neither."""

from PIL import Image


class LevelTable:
    """Applies a look-up table to images; the identity table is skipped."""

    def __init__(self, gamma: float = 1.0) -> None:
        self._gamma = gamma
        self._percent = 100
        self._levels: list[int] | None = None
        self.set_brightness(100)

    def set_brightness(self, percent: int) -> bool:
        """Set the brightness to *percent*; return True if that changes the table."""
        changed = percent != self._percent
        self._percent = percent
        neutral = percent == 100 and self._gamma == 1.0
        self._levels = None if neutral else compute_levels(self._gamma, percent) * 3
        return changed

    def apply(self, image: Image.Image) -> Image.Image:
        return image if self._levels is None else image.point(self._levels)


def compute_levels(gamma: float, percent: int) -> list[int]:
    """Return 256 levels. A lit level stays lit at any brightness above 0, so that thin strokes do not break."""
    levels = []
    for level in range(256):
        light = round(255 * (level / 255) ** gamma * percent / 100)
        levels.append(max(light, 1) if level and percent and gamma == 1.0 else light)
    return levels
