"""Warnings about a layout: dropped or substituted characters, and style that could not be applied."""

from collections.abc import Iterator

from signage.faults import Fault, FaultLocation
from signage.model.item import Style
from signage.model.panel import Panel
from signage.pixels.slogan.layout import choose_font_kind
from signage.pixels.slogan.slogan_layout import SloganLayout
from signage.pixels.text.measure import list_glyphs


def list_layout_warnings(
    words: str, dropped: tuple[str, ...], layout: SloganLayout, style: Style, panel: Panel
) -> tuple[Fault, ...]:
    """Return all warnings of a layout, in a fixed order."""
    return tuple(_iter_layout_warnings(words, dropped, layout, style, panel))


def _make_warning(code: str, key: str, /, **facts: object) -> Fault:
    return Fault("warning", code, FaultLocation(key=key), facts)


def _format_code_point(char: str) -> str:
    return f"U+{ord(char):04X}"


def _iter_layout_warnings(
    words: str, dropped: tuple[str, ...], layout: SloganLayout, style: Style, panel: Panel
) -> Iterator[Fault]:
    if not words:
        yield _make_warning("slogan-empty", "text")
    for char in dropped:
        yield _make_warning("character-dropped", "text", code=_format_code_point(char))
    font_kind = choose_font_kind(layout.size_px)
    glyphs = (pair for line in words.split("\n") for pair in list_glyphs(line, font_kind))
    for char, metrics in dict(glyphs).items():
        if metrics.missing:
            yield _make_warning("glyph-missing", "text", character=char, code=_format_code_point(char))
        elif metrics.font not in (font_kind, "shaped"):
            yield _make_warning(
                "glyph-substituted", "text", character=char, code=_format_code_point(char), size=layout.size_px
            )
    if layout.colors.adjusted:
        yield _make_warning("color-not-shown", "color", panel=panel.id, color=panel.color)
    if style.effect == "still" and layout.kind != "still":
        yield _make_warning("still-too-long", "effect", panel=panel.id, kind=layout.kind)
    if style.effect in ("scroll", "pages") and panel.plays.isdisjoint(("animation", "film")):
        yield _make_warning("stands-still", "effect", panel=panel.id, effect=style.effect)
