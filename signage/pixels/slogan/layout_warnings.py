"""What happened to a text while it was set, as warnings."""

from collections.abc import Iterator

from signage.faults import Fault, Place
from signage.model.item import Look
from signage.model.panel import Panel
from signage.pixels.fonts.faces import face
from signage.pixels.slogan.layout import type_for
from signage.pixels.slogan.slogan_layout import Setting


def notices(words: str, dropped: tuple[str, ...], setting: Setting, look: Look, panel: Panel) -> tuple[Fault, ...]:
    """All of them, in a fixed order."""
    return tuple(_notices(words, dropped, setting, look, panel))


def _warn(code: str, key: str, /, **facts: object) -> Fault:
    return Fault("warning", code, Place(key=key), facts)


def _named(char: str) -> str:
    return f"U+{ord(char):04X}"


def _notices(words: str, dropped: tuple[str, ...], setting: Setting, look: Look, panel: Panel) -> Iterator[Fault]:
    if not words:
        yield _warn("slogan-empty", "text")
    for char in dropped:
        yield _warn("character-dropped", "text", code=_named(char))
    type_ = type_for(setting.size_px)
    for char in dict.fromkeys(words):
        if char.isspace():
            continue
        set_as = face(char, type_)
        if set_as.missing:
            yield _warn("glyph-missing", "text", character=char, code=_named(char))
        elif set_as.font != type_:
            yield _warn("glyph-substituted", "text", character=char, code=_named(char), size=setting.size_px)
    if setting.colors.bent:
        yield _warn("color-not-shown", "color", panel=panel.id, color=panel.color)
    if look.effect == "still" and setting.kind != "still":
        yield _warn("still-too-long", "effect", panel=panel.id, kind=setting.kind)
    if look.effect in ("scroll", "pages") and panel.plays.isdisjoint(("animation", "film")):
        yield _warn("stands-still", "effect", panel=panel.id, effect=look.effect)
