"""Colours that a panel can show, and the contrast between two colours.

1. A mono panel lights its pixels in one colour; a two-colour panel has red, green and both together (yellow).
2. Contrast by WCAG 2.x: (L1 + 0.05) / (L2 + 0.05) with relative luminance L.
3. Default colours: warm white on black for LEDs (a lit background dazzles at night and consumes current), warm white on
   deep red for LCDs, where a black page looks switched off.
"""

import re
from dataclasses import dataclass

from signage.model.item import Style
from signage.model.panel import Panel

Rgb = tuple[int, int, int]
TWO_COLOR_LEDS: tuple[Rgb, ...] = ((255, 0, 0), (0, 255, 0), (255, 255, 0))
BLACK: Rgb = (0, 0, 0)
WARM_WHITE: Rgb = (255, 246, 220)
DEEP_RED: Rgb = (146, 16, 22)
LCD_PITCH_MM = 1.0
"""A finer pitch than this is an LCD's."""
_HEX_PATTERN = re.compile("#[0-9a-fA-F]{6}")


@dataclass(frozen=True, slots=True)
class TextColors:
    """Text and background colour as the panel shows them. *adjusted*: the requested colours are not available."""

    text: Rgb
    background: Rgb
    adjusted: bool = False


def parse_hex_color(text: str) -> Rgb:
    """Parse ``#rrggbb``. Raises ValueError for other text."""
    if not _HEX_PATTERN.fullmatch(text):
        raise ValueError(text)
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def is_lcd(panel: Panel) -> bool:
    """Return whether the pixel pitch of the panel is too fine for LEDs."""
    return panel.color == "rgb" and panel.pitch_mm < LCD_PITCH_MM


def choose_colors(style: Style, panel: Panel) -> TextColors:
    """Return the colours in which *panel* shows a text of that style."""
    text = parse_hex_color(style.color) if style.color else None
    back = parse_hex_color(style.background) if style.background else None
    if panel.color == "mono":
        return _choose_led_colors(text, back, (parse_hex_color(panel.led_color),))
    if panel.color == "two-color":
        return _choose_led_colors(text, back, TWO_COLOR_LEDS)
    if back is None:
        dark = text is None or compute_luminance(text) >= 0.18
        back = (DEEP_RED if is_lcd(panel) and text is None else BLACK) if dark else (255, 255, 255)
    if text is None:
        text = WARM_WHITE if compute_luminance(back) < 0.4 else BLACK
    return TextColors(text, back)


def _choose_led_colors(text: Rgb | None, back: Rgb | None, lit: tuple[Rgb, ...]) -> TextColors:
    """Return lit text on dark, or dark text on a lit background if the requested background is the brighter one."""
    if text is not None and back is not None and compute_luminance(back) > compute_luminance(text):
        shown = find_nearest_color(back, lit)
        return TextColors(BLACK, shown, adjusted=shown != back or text != BLACK)
    shown = find_nearest_color(text, lit) if text else lit[0]
    return TextColors(shown, BLACK, adjusted=text not in (None, shown) or back not in (None, BLACK))


def find_nearest_color(color: Rgb, among: tuple[Rgb, ...]) -> Rgb:
    """Return the colour of *among* with the smallest distance in RGB."""
    return min(among, key=lambda other: sum((a - b) ** 2 for a, b in zip(color, other, strict=True)))


def compute_luminance(color: Rgb) -> float:
    """Return the relative luminance (WCAG 2.x), 0…1."""
    red, green, blue = (c / 3294.6 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def compute_contrast(a: Rgb, b: Rgb) -> float:
    """Return the contrast ratio (WCAG 2.x), 1…21."""
    high, low = sorted((compute_luminance(a), compute_luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)
