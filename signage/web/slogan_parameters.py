"""Parses the text preview's parameters of console and API: the style and the duration of a slogan."""

from collections.abc import Mapping
from typing import Any

from signage.model.campaign_file.schema import STYLE_FIELDS
from signage.model.item import MIN_SLOGAN_MS, Style
from signage.model.toml.field_types import FieldError

_MIN_DURATION_MS, _MAX_DURATION_MS = 1000, 3_600_000
_INTEGER_FIELDS = ("size_px", "px_per_s")


def parse_style(parameters: Mapping[str, str]) -> Style:
    """Return the style in *parameters*; an unreadable value is ignored, so that a preview follows every keystroke."""
    values: dict[str, Any] = {}
    for name, parse in STYLE_FIELDS.items():
        text = parameters.get(name, "").strip()
        if not text:
            continue
        try:
            values[name] = parse(int(text) if name in _INTEGER_FIELDS else text)
        except (FieldError, ValueError):
            continue
    return Style(**values)


def parse_min_duration_ms(parameters: Mapping[str, str]) -> int:
    """Return the minimum duration in *parameters* (``duration_s``), between 1 s and 1 h."""
    try:
        duration_ms = round(float(parameters.get("duration_s", "") or MIN_SLOGAN_MS / 1000) * 1000)
    except (ValueError, OverflowError):
        return MIN_SLOGAN_MS
    return min(_MAX_DURATION_MS, max(_MIN_DURATION_MS, duration_ms))
