"""Which media an item needs on a panel, and by what key they are found again: values in, values out.

1. A panel is never sent what it cannot show: a film only where it plays films and decodes H.264, a still frame of it
   where it plays stills alone.
2. What moves is an MP4 where films play, else a GIF. Panels without shades get both, the GIF first: its dots are the
   panel's own, while the colours of a film (4:2:0) run from dot to dot. What is too long for a GIF does without.
3. A key is the sha256 of all that decides the bytes: the clip's bytes or the text, the look, the panel's pixels, and
   the version of what draws. What does not decide them (a picture's duration, a panel's id) is not in it.
"""

import hashlib
from dataclasses import asdict
from typing import Any, Literal, NotRequired, TypedDict

import msgspec
from msgspec import UNSET

from signage.faults import Fault
from signage.library.codecs.clip_jobs import (
    GIF,
    MP4,
    AnimationFacts,
    AnimationJob,
    FilmFacts,
    FilmJob,
    OutputType,
    PictureFacts,
    PictureJob,
    PosterFacts,
    PosterJob,
    RenditionSpec,
)
from signage.model.clip_facts import ClipFacts
from signage.model.item import Fit, Item, Style
from signage.model.panel import Panel
from signage.pixels.image.colors import Rgb
from signage.pixels.image.dither import get_dot_colors
from signage.pixels.renderer_version import RENDERER_VERSION

CLIP_RENDERER_VERSION = "clips 2"
"""Changes when clips are to be converted anew."""
SOUND_CODEC = "aac"
"""A panel that lists it among its codecs has loudspeakers."""
MAX_GIF_FPS = 50
"""Players take shorter delays than 20 ms for 100 ms."""
_MAX_GIF_PIXELS = 60_000_000
_MAX_LOSSLESS_PIXELS = 400_000
_BLACK = "#000000"
PreviewKind = Literal["thumbnail", "poster"]
_PREVIEW_SIDES: dict[PreviewKind, int] = {"thumbnail": 320, "poster": 1280}


def compute_clip_key(spec: RenditionSpec) -> str:
    """Return the rendition key of a converted clip (3)."""
    facts = msgspec.to_builtins(spec.facts)
    return _hash_parts([CLIP_RENDERER_VERSION, spec.__struct_config__.tag, spec.sha256, facts])


def create_preview_specs(sha256: str, facts: ClipFacts) -> dict[PreviewKind, RenditionSpec]:
    """Return how the thumbnail and the poster of a clip are made for the console."""
    specs: dict[PreviewKind, RenditionSpec] = {}
    for kind, side in _PREVIEW_SIDES.items():
        if facts.kind == "film":
            specs[kind] = PosterJob(
                sha256,
                PosterFacts(
                    width=side,
                    height=side,
                    background=_BLACK,
                    lossy=True,
                    thumbnail=kind,
                    duration_ms=facts.duration_ms,
                ),
            )
        else:
            specs[kind] = PictureJob(
                sha256, PictureFacts(width=side, height=side, background=_BLACK, lossy=True, thumbnail=kind)
            )
    return specs


def get_preview_kind(spec: RenditionSpec | None) -> PreviewKind | None:
    """Return which preview of the clip *spec* makes; None where it makes a panel's rendition."""
    if isinstance(spec, PictureJob | PosterJob) and spec.facts.thumbnail is not UNSET:
        return spec.facts.thumbnail
    return None


def decode_spec(recipe: object) -> RenditionSpec | None:
    """Return the value of a stored recipe; None for one that an older version wrote in another form."""
    try:
        spec: RenditionSpec = msgspec.convert(recipe, RenditionSpec)
    except msgspec.ValidationError:
        return None
    return spec


def get_clip_length(facts: ClipFacts, item: Item) -> int | Fault:
    """How long a clip shows: a film its picture track, an animation whole rounds, a picture as asked (ms)."""
    if facts.kind == "film":
        return facts.duration_ms or 1
    if facts.kind == "animation":
        return count_rounds(facts, item) * (facts.duration_ms or 1)
    if item.duration_ms is None:
        return Fault("error", "clip-needs-duration", facts={"item": item.id})
    return item.duration_ms


def count_rounds(facts: ClipFacts, item: Item) -> int:
    """Whole rounds of an animation that last at least as long as asked."""
    return max(1, -(-(item.duration_ms or 1) // (facts.duration_ms or 1)))


def create_clip_spec(
    sha256: str, facts: ClipFacts, item: Item, look: Style, panel: Panel, lufs: float
) -> RenditionSpec | Fault:
    """How the clip is made for *panel* (1), or why it cannot be shown there."""
    common = _OutputParameters(
        width=panel.width, height=panel.height, fit=look.fit or "contain", background=look.background or _BLACK
    )
    dot_colors = get_dot_colors(panel)
    if dot_colors:
        common["colors"] = dot_colors
    types = _choose_output_types(facts, panel) if facts.kind != "picture" else []
    if types:
        return _create_animated_spec(sha256, facts, item, panel, common, types, lufs)
    if "still" not in panel.plays:
        return Fault("error", "panel-cannot-play", facts={"item": item.id, "panel": panel.id, "kind": facts.kind})
    lossy = panel.width * panel.height > _MAX_LOSSLESS_PIXELS
    if facts.kind == "film":
        return PosterJob(sha256, PosterFacts(**common, lossy=lossy, duration_ms=facts.duration_ms))
    return PictureJob(sha256, PictureFacts(**common, lossy=lossy))


class _OutputParameters(TypedDict):
    """Keyword arguments of every OutputFacts."""

    width: int
    height: int
    fit: Fit
    background: str
    colors: NotRequired[tuple[Rgb, ...]]


def _create_animated_spec(
    sha256: str,
    facts: ClipFacts,
    item: Item,
    panel: Panel,
    common: _OutputParameters,
    types: list[OutputType],
    lufs: float,
) -> RenditionSpec:
    fps = min(panel.fps, MAX_GIF_FPS) if GIF in types else panel.fps
    forms = UNSET if types == [MP4] else tuple(types)
    if facts.kind == "animation":
        rounds = count_rounds(facts, item)
        return AnimationJob(
            sha256, AnimationFacts(**common, fps=fps, max_kbps=panel.max_kbps, forms=forms, rounds=rounds)
        )
    has_sound = facts.audio is not None and SOUND_CODEC in panel.codecs and MP4 in types
    return FilmJob(
        sha256,
        FilmFacts(
            **common,
            fps=fps,
            max_kbps=panel.max_kbps,
            forms=forms,
            quarters=facts.quarters,
            mirrored=facts.mirrored,
            sound=has_sound,
            loudness_lufs=lufs if has_sound else None,
        ),
    )


def _choose_output_types(facts: ClipFacts, panel: Panel) -> list[OutputType]:
    """The forms of what moves on *panel*, the truest first; none where it can only stand still there (1, 2)."""
    forms: list[OutputType] = [MP4] if "film" in panel.plays and "h264" in panel.codecs else []
    if (
        "animation" in panel.plays
        and (panel.color != "rgb" or not forms)
        and _count_pixels(facts, panel) <= _MAX_GIF_PIXELS
    ):
        forms.insert(0, GIF)
    return forms


def _count_pixels(facts: ClipFacts, panel: Panel) -> int:
    """How many pixels all frames on *panel* have together."""
    most = (facts.duration_ms or 0) * panel.fps // 1000 + 1
    return panel.width * panel.height * (most if facts.kind == "film" else min(facts.frames, most))


def compute_slogan_key(text: str, look: Style, panel: Panel, least_ms: int, behind: str | None = None) -> str:
    """By what a slogan's media are found again (3)."""
    pixels = {name: value for name, value in asdict(panel).items() if name != "id"}
    pixels["plays"] = sorted(panel.plays)
    return _hash_parts([RENDERER_VERSION, text, asdict(look), pixels, least_ms, *([behind] if behind else [])])


def compute_fallback_key(panel: Panel) -> str:
    """By what the built-in still is found again."""
    return compute_slogan_key("", Style(effect="still"), panel, 0)


def _hash_parts(parts: list[Any]) -> str:
    return hashlib.sha256(msgspec.json.encode(parts, order="deterministic")).hexdigest()
