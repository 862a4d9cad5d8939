"""What happened to a text while it was set, as warnings."""

from collections.abc import Iterator

from signage.faults import Fault, FaultLocation
from signage.model.item import Style
from signage.model.panel import Panel
from signage.pixels.fonts.faces import get_glyph_metrics
from signage.pixels.slogan.layout import choose_font_kind
from signage.pixels.slogan.slogan_layout import SloganLayout


def list_layout_warnings(
    words: str, dropped: tuple[str, ...], setting: SloganLayout, look: Style, panel: Panel
) -> tuple[Fault, ...]:
    """All of them, in a fixed order."""
    return tuple(_iter_layout_warnings(words, dropped, setting, look, panel))


def _make_warning(code: str, key: str, /, **facts: object) -> Fault:
    return Fault("warning", code, FaultLocation(key=key), facts)


def _format_code_point(char: str) -> str:
    return f"U+{ord(char):04X}"


def _iter_layout_warnings(
    words: str, dropped: tuple[str, ...], setting: SloganLayout, look: Style, panel: Panel
) -> Iterator[Fault]:
    if not words:
        yield _make_warning("slogan-empty", "text")
    for char in dropped:
        yield _make_warning("character-dropped", "text", code=_format_code_point(char))
    type_ = choose_font_kind(setting.size_px)
    for char in dict.fromkeys(words):
        if char.isspace():
            continue
        set_as = get_glyph_metrics(char, type_)
        if set_as.missing:
            yield _make_warning("glyph-missing", "text", character=char, code=_format_code_point(char))
        elif set_as.font != type_:
            yield _make_warning(
                "glyph-substituted", "text", character=char, code=_format_code_point(char), size=setting.size_px
            )
    if setting.colors.adjusted:
        yield _make_warning("color-not-shown", "color", panel=panel.id, color=panel.color)
    if look.effect == "still" and setting.kind != "still":
        yield _make_warning("still-too-long", "effect", panel=panel.id, kind=setting.kind)
    if look.effect in ("scroll", "pages") and panel.plays.isdisjoint(("animation", "film")):
        yield _make_warning("stands-still", "effect", panel=panel.id, effect=look.effect)
