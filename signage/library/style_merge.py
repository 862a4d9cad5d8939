"""Merges the styles of an item, its campaign and the installation."""

from dataclasses import fields
from functools import lru_cache

from signage.model.item import DEFAULT_STYLE, Style


@lru_cache(4096)
def merge_styles(*styles: Style) -> Style:
    """Return for each field the value of the first of *styles* that sets it."""
    merged: dict[str, object] = {}
    for field in fields(Style):
        default = getattr(DEFAULT_STYLE, field.name)
        values = (getattr(style, field.name) for style in styles)
        merged[field.name] = next((value for value in values if value != default), default)
    return Style(**merged)  # type: ignore[arg-type]
