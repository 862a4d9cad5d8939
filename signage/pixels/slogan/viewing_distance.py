"""Legible character sizes at the viewing distance.

1. 1 cm of character height for each 2.5 m (easily legible) to 4 m (just legible) of distance: the practice of road
   signs, GB 5768.2 for the strict end; Chinese characters are dense, so at least 16 px at any distance.
2. A stroke is visible if it subtends one minute of arc (visual acuity 1.0; GB 11533, ISO 8596).
"""

import math

from signage.model.panel import Panel

MIN_CHARACTER_PX = 16
LEGIBLE_M_PER_CM = 4.0
EASY_M_PER_CM = 2.5
ARC_MINUTE_MM_PER_M = 1000 * math.tan(math.radians(1 / 60))


def compute_legible_px(panel: Panel) -> int:
    """Return the height of a just legible character."""
    return max(MIN_CHARACTER_PX, math.ceil(10 * panel.viewing_distance_m / LEGIBLE_M_PER_CM / panel.pitch_mm))


def compute_easy_px(panel: Panel) -> int:
    """Return the height of an easily legible character."""
    return max(MIN_CHARACTER_PX, math.ceil(10 * panel.viewing_distance_m / EASY_M_PER_CM / panel.pitch_mm))


def compute_comfortable_px(panel: Panel) -> int:
    """Return the size from which a better line break is worth more than a larger size."""
    return max(2 * MIN_CHARACTER_PX, 3 * math.ceil(10 * panel.viewing_distance_m / EASY_M_PER_CM / panel.pitch_mm))


def compute_reading_distance_m(size_px: int, panel: Panel) -> float:
    """Return the distance up to which characters of that size are legible."""
    return size_px * panel.pitch_mm / 10 * LEGIBLE_M_PER_CM
