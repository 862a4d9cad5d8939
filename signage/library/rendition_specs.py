"""Decides how an item is converted for a panel, and computes the key of each rendition. Pure.

1. A panel receives only what it can show: a film where it plays films and decodes H.264, one frame of it where it plays
   stills alone.
2. Moving content is an MP4 where films play, else a GIF. Panels without shades get both, the GIF first: its dots are
   exact, while the colours of a film (4:2:0) bleed between dots. Content too long for a GIF gets the MP4 alone.
3. A key is the sha256 of everything that decides the bytes: the clip's bytes or the text, the style, the panel's pixels
   and the version of the renderer. What does not decide them (a picture's duration, the panel id) is not part of it.
"""

import hashlib
from dataclasses import asdict
from typing import Any, Literal, NotRequired, TypedDict

import msgspec
from msgspec import UNSET

from signage.faults import Fault
from signage.library.codecs.clip_jobs import (
    GIF,
    MIN_FILM_MS,
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

CLIP_RENDERER_VERSION = "clips 3"
"""Part of every clip key: a new version makes all clips convert again."""
SOUND_CODEC = "aac"
"""A panel with this codec has loudspeakers."""
MAX_GIF_FPS = 50
"""Players replace delays below 20 ms by 100 ms."""
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
    """Return how long a clip shows (ms): a film's picture track, whole rounds of an animation, the item's duration."""
    if facts.kind == "film":
        return max(MIN_FILM_MS, facts.duration_ms or 1)
    if facts.kind == "animation":
        return count_rounds(facts, item) * (facts.duration_ms or 1)
    if item.duration_ms is None:
        return Fault("error", "clip-needs-duration", facts={"item": item.id})
    return item.duration_ms


def count_rounds(facts: ClipFacts, item: Item) -> int:
    """Return how many whole rounds of an animation last at least the item's duration."""
    return max(1, -(-(item.duration_ms or 1) // (facts.duration_ms or 1)))


def create_clip_spec(
    sha256: str, facts: ClipFacts, item: Item, style: Style, panel: Panel, lufs: float
) -> RenditionSpec | Fault:
    """Return how the clip is converted for *panel* (1), or why it cannot be shown there. *style*: merged."""
    common = _OutputParameters(
        width=panel.width, height=panel.height, fit=style.fit or "contain", background=style.background or _BLACK
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
    """Return the media types of moving content on *panel*, the most exact first; empty for stills alone (1, 2)."""
    types: list[OutputType] = [MP4] if "film" in panel.plays and "h264" in panel.codecs else []
    if (
        "animation" in panel.plays
        and (panel.color != "rgb" or not types)
        and _count_pixels(facts, panel) <= _MAX_GIF_PIXELS
    ):
        types.insert(0, GIF)
    return types


def _count_pixels(facts: ClipFacts, panel: Panel) -> int:
    """Return the number of pixels of all frames on *panel* together."""
    max_frames = (facts.duration_ms or 0) * panel.fps // 1000 + 1
    return panel.width * panel.height * (max_frames if facts.kind == "film" else min(facts.frames, max_frames))


def compute_slogan_key(
    text: str, style: Style, panel: Panel, min_duration_ms: int, background_sha256: str | None = None
) -> str:
    """Return the rendition key of a slogan (3)."""
    pixels = {name: value for name, value in asdict(panel).items() if name not in ("id", "label")}
    pixels["plays"] = sorted(panel.plays)
    background = [background_sha256] if background_sha256 else []
    return _hash_parts([RENDERER_VERSION, text, asdict(style), pixels, min_duration_ms, *background])


def compute_fallback_key(panel: Panel) -> str:
    """Return the rendition key of the built-in fallback picture."""
    return compute_slogan_key("", Style(effect="still"), panel, 0)


def _hash_parts(parts: list[Any]) -> str:
    return hashlib.sha256(msgspec.json.encode(parts, order="deterministic")).hexdigest()
