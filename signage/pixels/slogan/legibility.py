"""Legibility rules for a slogan on a panel, each with its source; the hints are in the messages.

1. Height: 1 cm for at most 4 m of distance (``viewing_distance``; practice of road signs, GB 5768.2).
2. Time: 4 Chinese characters or one Latin word a second, at least 2 s (message-sign practice: 1 s a word, 3–5
   characters a second, 2 s a page). A still text must be readable within its duration, a page within its own time.
3. Passing by: viewers who pass at *passing_kmh* can read only from the distance at which the type becomes legible to
   the screen; the whole message must fit into that time once (MUTCD 2L.05: twice would be better).
4. Scroll: each character visible for 3 s, at most 4 new ones a second, a pass of at most 40 s (nobody waits longer).
5. Pages: at most 3 (MUTCD 2L.05 allows two phases to drivers).
6. Contrast: WCAG 2.x, 1.4.3: at least 4.5; on LEDs in daylight 7 (1.4.6). The light on black of a mono panel cannot be
   chosen and is not checked.
7. Stroke: at least one minute of arc at the viewing distance (GB 11533), and one whole pixel.
8. Characters: those of the Table of General Standard Chinese Characters (通用规范汉字表, 2013), as the law on the
   spoken and written language requires in public places (国家通用语言文字法, 13, 14).
"""

import re
from collections.abc import Iterator
from functools import cache
from importlib import resources

from signage.faults import Fault, FaultLocation, Refused
from signage.model.item import Style
from signage.model.panel import Panel
from signage.pixels.image.colors import compute_contrast, is_lcd
from signage.pixels.slogan.layout import choose_font_kind
from signage.pixels.slogan.motion import (
    MAX_PAGES,
    MAX_PASS_MS,
    MIN_IN_SIGHT_S,
    READING_CHARACTERS_PER_S,
    compute_reading_ms,
)
from signage.pixels.slogan.slogan import layout_slogan
from signage.pixels.slogan.slogan_layout import SloganLayout
from signage.pixels.slogan.viewing_distance import ARC_MINUTE_MM_PER_M, compute_legible_px, compute_reading_distance_m
from signage.pixels.text.normalize import normalize_text

MIN_CONTRAST, MIN_LED_CONTRAST = 4.5, 7.0
OUTLINE_STROKE_EM = 0.075
"""How thick a stroke of the outline font is, in ems."""
_HAN_PATTERN = re.compile("[㐀-鿿\U00020000-\U000323af]")
_WORD_PATTERN = re.compile(r"[^\W㐀-鿿]+")


def check_legibility(text: str, style: Style, panel: Panel, min_duration_ms: int) -> tuple[Fault, ...]:
    """Return all warnings about *text* on *panel*: from its layout and from the legibility rules."""
    try:
        layout = layout_slogan(text, style, panel, min_duration_ms)
    except Refused as refused:
        return refused.faults
    words = normalize_text(text)[0].strip()
    if not words:
        return layout.warnings
    rules = (
        _check_height,
        _check_reading_time,
        _check_passing_time,
        _check_scroll,
        _check_page_count,
        _check_contrast,
        _check_stroke,
        _check_characters,
    )
    return layout.warnings + tuple(f for rule in rules for f in rule(words, layout, panel))


def count_reading_units(text: str) -> int:
    """Return the amount of text in Chinese characters: a Latin word or a number counts four at most."""
    latin = sum(min(len(word), READING_CHARACTERS_PER_S) for word in _WORD_PATTERN.findall(text))
    return latin + len(_HAN_PATTERN.findall(text))


def _make_warning(code: str, key: str, /, **facts: object) -> Fault:
    return Fault("warning", code, FaultLocation(key=key), facts)


def _check_height(_: str, layout: SloganLayout, panel: Panel) -> Iterator[Fault]:
    needed = compute_legible_px(panel)
    if layout.size_px < needed:
        far = compute_reading_distance_m(layout.size_px, panel)
        facts = {"size": layout.size_px, "mm": round(layout.size_px * panel.pitch_mm), "needed": needed}
        distance = f"{panel.viewing_distance_m:g}"
        yield _make_warning(
            "character-too-small", "size_px", panel=panel.id, far=f"{far:.0f}", distance=distance, **facts
        )


def _check_reading_time(words: str, layout: SloganLayout, _: Panel) -> Iterator[Fault]:
    if layout.kind != "still":
        return
    needed = compute_reading_ms(count_reading_units(words))
    if needed > layout.duration_ms:
        most = layout.duration_ms * READING_CHARACTERS_PER_S // 1000
        facts = {"characters": count_reading_units(words), "most": most, "needed_s": -(-needed // 1000)}
        yield _make_warning("too-little-time", "duration_s", seconds=f"{layout.duration_ms / 1000:g}", **facts)


def _check_passing_time(words: str, layout: SloganLayout, panel: Panel) -> Iterator[Fault]:
    if panel.passing_kmh <= 0:
        return
    once = {"still": compute_reading_ms(count_reading_units(words)), "pages": (layout.page_ms or 0) * layout.pages}
    needed_s = once.get(layout.kind, layout.pass_ms or 0) / 1000
    seconds = compute_reading_distance_m(layout.size_px, panel) / (panel.passing_kmh / 3.6)
    if needed_s > seconds:
        facts = {"kmh": f"{panel.passing_kmh:g}", "seconds": f"{seconds:.1f}", "needed": f"{needed_s:.1f}"}
        yield _make_warning("passed-before-read", "text", most=int(seconds * READING_CHARACTERS_PER_S), **facts)


def _check_scroll(_: str, layout: SloganLayout, panel: Panel) -> Iterator[Fault]:
    if layout.kind != "scroll-left" or not layout.px_per_s or not layout.pass_ms:
        return
    limit = min((panel.width + layout.size_px) / MIN_IN_SIGHT_S, READING_CHARACTERS_PER_S * layout.size_px)
    if layout.px_per_s > limit:
        in_sight = (panel.width + layout.size_px) / layout.px_per_s
        yield _make_warning(
            "scroll-too-fast", "px_per_s", speed=layout.px_per_s, seconds=f"{in_sight:.1f}", most=int(limit)
        )
    if layout.pass_ms > MAX_PASS_MS:
        facts = {"seconds": -(-layout.pass_ms // 1000), "most_s": MAX_PASS_MS // 1000}
        yield _make_warning("scroll-too-long", "text", panel=panel.id, **facts)


def _check_page_count(_: str, layout: SloganLayout, panel: Panel) -> Iterator[Fault]:
    if layout.pages > MAX_PAGES:
        yield _make_warning("too-many-pages", "text", panel=panel.id, pages=layout.pages, most=MAX_PAGES)


def _check_contrast(_: str, layout: SloganLayout, panel: Panel) -> Iterator[Fault]:
    if panel.color == "mono":
        return
    ratio = compute_contrast(layout.colors.text, layout.colors.background)
    least = get_min_contrast(panel)
    if ratio < least:
        yield _make_warning("contrast-low", "color", panel=panel.id, ratio=f"{ratio:.1f}", least=f"{least:g}")


def _check_stroke(_: str, layout: SloganLayout, panel: Panel) -> Iterator[Fault]:
    dots = choose_font_kind(layout.size_px) == "dots"
    thick_mm = panel.pitch_mm * (1 if dots else max(1.0, OUTLINE_STROKE_EM * layout.size_px))
    needed_mm = ARC_MINUTE_MM_PER_M * panel.viewing_distance_m
    if thick_mm < needed_mm:
        facts = {"mm": f"{thick_mm:.1f}", "needed": f"{needed_mm:.1f}", "distance": f"{panel.viewing_distance_m:g}"}
        yield _make_warning("stroke-too-thin", "size_px", panel=panel.id, **facts)


def _check_characters(words: str, _: SloganLayout, __: Panel) -> Iterator[Fault]:
    odd = [c for c in dict.fromkeys(words) if _HAN_PATTERN.match(c) and c not in load_standard_characters()]
    if odd:
        yield _make_warning("character-not-standard", "text", characters="、".join(odd))


def get_min_contrast(panel: Panel) -> float:
    """Return the contrast that text needs on *panel* (6)."""
    return MIN_CONTRAST if is_lcd(panel) or panel.color == "two-color" else MIN_LED_CONTRAST


@cache
def load_standard_characters() -> frozenset[str]:
    """Return the 8,105 characters of the table, and 〇, which is used in dates."""
    raw = (resources.files("signage.pixels.fonts") / "general-standard.txt").read_text("utf-8")
    return frozenset(raw.replace("\n", "")) | {"〇"}
