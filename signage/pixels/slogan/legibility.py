"""Whether a slogan can be read where it hangs. Each rule with its source; the mends stand with the sentences.

1. Height: 1 cm for at most 4 m of distance (``seen``; practice of road signs, GB 5768.2).
2. Time: 4 Chinese characters or one Latin word a second, at least 2 s (message-sign practice: 1 s a word, 3–5
   characters a second, 2 s a page). A still text must be read in its duration, pages in the time that each stands.
3. Passing by: who passes at *passing_kmh* can read only between the distance at which the type becomes legible and the
   screen; the whole message must fit into that time, once (MUTCD 2L.05: twice would be better).
4. Scroll: each character in sight for 3 s, at most 4 new ones a second, a pass of at most 40 s (nobody waits longer).
5. Pages: at most 3 (MUTCD 2L.05 allows two phases to drivers).
6. Contrast: WCAG 2.x, 1.4.3: at least 4.5; on LEDs, seen in daylight, 7 (1.4.6). A mono panel's light on black is not
   a matter of choice and is not judged.
7. Stroke: at least one minute of arc from where people stand (GB 11533), and one whole pixel.
8. Characters: those of the Table of General Standard Chinese Characters (通用规范汉字表, 2013), as the law on the
   spoken and written language asks of public places (国家通用语言文字法, 13, 14).
"""

import re
from collections.abc import Iterator
from functools import cache
from importlib import resources

from signage.faults import Fault, Place, Refused
from signage.model.item import Look
from signage.model.panel import Panel
from signage.pixels.image.colors import contrast, is_lcd
from signage.pixels.slogan.layout import type_for
from signage.pixels.slogan.motion import CHARACTERS_PER_S, IN_SIGHT_S, LONGEST_PASS_MS, MOST_PAGES, reading_ms
from signage.pixels.slogan.slogan import set_text
from signage.pixels.slogan.slogan_layout import Setting
from signage.pixels.slogan.viewing_distance import MINUTE_MM_PER_M, legible_px, readable_from_m
from signage.pixels.text.normalize import clean

LEAST_CONTRAST, LED_CONTRAST = 4.5, 7.0
OUTLINE_STROKE = 0.075
"""How thick a stroke of the outline font is, in ems."""
_HAN = re.compile("[㐀-鿿\U00020000-\U000323af]")
_WORD = re.compile(r"[^\W㐀-鿿]+")


def check(text: str, look: Look, panel: Panel, least_ms: int) -> tuple[Fault, ...]:
    """All that is to be said of *text* on *panel*: what setting it met, and what a reader will miss."""
    try:
        setting = set_text(text, look, panel, least_ms)
    except Refused as refused:
        return refused.faults
    words = clean(text)[0].strip()
    if not words:
        return setting.warnings
    rules = (_height, _time, _passing, _scroll, _pages, _contrast, _stroke, _characters)
    return setting.warnings + tuple(f for rule in rules for f in rule(words, setting, panel))


def load(text: str) -> int:
    """How much there is to read, in Chinese characters: a Latin word or a number counts four at most."""
    latin = sum(min(len(word), CHARACTERS_PER_S) for word in _WORD.findall(text))
    return latin + len(_HAN.findall(text))


def _warn(code: str, key: str, /, **facts: object) -> Fault:
    return Fault("warning", code, Place(key=key), facts)


def _height(_: str, setting: Setting, panel: Panel) -> Iterator[Fault]:
    needed = legible_px(panel)
    if setting.size_px < needed:
        far = readable_from_m(setting.size_px, panel)
        facts = {"size": setting.size_px, "mm": round(setting.size_px * panel.pitch_mm), "needed": needed}
        distance = f"{panel.viewing_distance_m:g}"
        yield _warn("character-too-small", "size_px", panel=panel.id, far=f"{far:.0f}", distance=distance, **facts)


def _time(words: str, setting: Setting, _: Panel) -> Iterator[Fault]:
    if setting.kind != "still":
        return
    needed = reading_ms(load(words))
    if needed > setting.duration_ms:
        most = setting.duration_ms * CHARACTERS_PER_S // 1000
        facts = {"characters": load(words), "most": most, "needed_s": -(-needed // 1000)}
        yield _warn("too-little-time", "duration_s", seconds=f"{setting.duration_ms / 1000:g}", **facts)


def _passing(words: str, setting: Setting, panel: Panel) -> Iterator[Fault]:
    if panel.passing_kmh <= 0:
        return
    once = {"still": reading_ms(load(words)), "pages": (setting.page_ms or 0) * setting.pages}
    needed_s = once.get(setting.kind, setting.pass_ms or 0) / 1000
    seconds = readable_from_m(setting.size_px, panel) / (panel.passing_kmh / 3.6)
    if needed_s > seconds:
        facts = {"kmh": f"{panel.passing_kmh:g}", "seconds": f"{seconds:.1f}", "needed": f"{needed_s:.1f}"}
        yield _warn("passed-before-read", "text", most=int(seconds * CHARACTERS_PER_S), **facts)


def _scroll(_: str, setting: Setting, panel: Panel) -> Iterator[Fault]:
    if setting.kind != "scroll-left" or not setting.px_per_s or not setting.pass_ms:
        return
    limit = min((panel.width + setting.size_px) / IN_SIGHT_S, CHARACTERS_PER_S * setting.size_px)
    if setting.px_per_s > limit:
        in_sight = (panel.width + setting.size_px) / setting.px_per_s
        yield _warn("scroll-too-fast", "px_per_s", speed=setting.px_per_s, seconds=f"{in_sight:.1f}", most=int(limit))
    if setting.pass_ms > LONGEST_PASS_MS:
        facts = {"seconds": -(-setting.pass_ms // 1000), "most_s": LONGEST_PASS_MS // 1000}
        yield _warn("scroll-too-long", "text", panel=panel.id, **facts)


def _pages(_: str, setting: Setting, panel: Panel) -> Iterator[Fault]:
    if setting.pages > MOST_PAGES:
        yield _warn("too-many-pages", "text", panel=panel.id, pages=setting.pages, most=MOST_PAGES)


def _contrast(_: str, setting: Setting, panel: Panel) -> Iterator[Fault]:
    if panel.color == "mono":
        return
    ratio = contrast(setting.colors.text, setting.colors.background)
    least = least_contrast(panel)
    if ratio < least:
        yield _warn("contrast-low", "color", panel=panel.id, ratio=f"{ratio:.1f}", least=f"{least:g}")


def _stroke(_: str, setting: Setting, panel: Panel) -> Iterator[Fault]:
    dots = type_for(setting.size_px) == "dots"
    thick_mm = panel.pitch_mm * (1 if dots else max(1.0, OUTLINE_STROKE * setting.size_px))
    needed_mm = MINUTE_MM_PER_M * panel.viewing_distance_m
    if thick_mm < needed_mm:
        facts = {"mm": f"{thick_mm:.1f}", "needed": f"{needed_mm:.1f}", "distance": f"{panel.viewing_distance_m:g}"}
        yield _warn("stroke-too-thin", "size_px", panel=panel.id, **facts)


def _characters(words: str, _: Setting, __: Panel) -> Iterator[Fault]:
    odd = [c for c in dict.fromkeys(words) if _HAN.match(c) and c not in general_standard()]
    if odd:
        yield _warn("character-not-standard", "text", characters="、".join(odd))


def least_contrast(panel: Panel) -> float:
    """What contrast text needs on *panel* (6)."""
    return LEAST_CONTRAST if is_lcd(panel) or panel.color == "two-color" else LED_CONTRAST


@cache
def general_standard() -> frozenset[str]:
    """The 8,105 characters of the table, and 〇, which texts write dates with."""
    raw = (resources.files("signage.pixels.fonts") / "general-standard.txt").read_text("utf-8")
    return frozenset(raw.replace("\n", "")) | {"〇"}
