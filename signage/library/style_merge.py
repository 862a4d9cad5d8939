"""A look as it counts in the end: an item's own word, else its campaign's, else the house's."""

from dataclasses import fields
from functools import lru_cache

from signage.model.item import DEFAULT_STYLE, Style


@lru_cache(4096)
def merge_styles(*looks: Style) -> Style:
    """For each field the first of *looks* that says something."""
    chosen: dict[str, object] = {}
    for field in fields(Style):
        plain = getattr(DEFAULT_STYLE, field.name)
        said = (getattr(look, field.name) for look in looks)
        chosen[field.name] = next((value for value in said if value != plain), plain)
    return Style(**chosen)  # type: ignore[arg-type]
