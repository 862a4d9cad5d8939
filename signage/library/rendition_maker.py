"""Making renditions: a recipe done in the jail, a slogan drawn; the bytes go into the store, their facts come back."""

from typing import Any

import msgspec
from PIL import Image

from signage.library import slogan_media as slogans
from signage.library.blobs import Blobs
from signage.library.rendition_specs import Recipe
from signage.library.sandbox.confinement import Limits
from signage.library.sandbox.media_error import Unfit
from signage.library.sandbox.supervisor import Jail
from signage.library.settings import LibraryConfig
from signage.model.panel import Panel
from signage.pixels.image import png
from signage.pixels.slogan import fallback_image as still
from signage.pixels.slogan.legibility import least_contrast
from signage.pixels.slogan.slogan import draw
from signage.pixels.slogan.slogan_layout import Setting
from signage.pixels.slogan.text_over_image import draw_over
from signage.protocol.playlist import Media, Motion

MB = 1_000_000
_ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "video/mp4": "mp4"}
_FILM_SHARE = 2
"""A film's decoder, filters and encoder together need more memory than looking at it."""


def convert(recipe: Recipe, blobs: Blobs, jail: Jail, config: LibraryConfig, progress: Any = None) -> tuple[Media, ...]:
    """Do *recipe* on its sealed original; durable when this returns.

    Raises Unfit when the clip does not let itself be converted within the limits.
    """
    room = blobs.free_bytes() - config.reserve_mb * MB
    if room <= 0:
        raise Unfit("library-disk-full", reserve=config.reserve_mb)
    films = recipe.job in ("film", "animation")
    limits = Limits(
        memory_bytes=config.memory_mb * MB * (_FILM_SHARE if films else 1),
        cpu_s=config.convert_s if films else config.probe_s,
        wall_s=2 * (config.convert_s if films else config.probe_s),
        output_bytes=min(room, config.max_mb * MB),
    )
    facts = {**recipe.facts, "max_megapixels": config.max_megapixels}
    targets = tuple(blobs.temporary() for _ in recipe.facts.get("forms", "1"))
    try:
        found = jail.run(recipe.job, facts, limits, blobs.original(recipe.sha256), targets, progress)
        made = []
        for target, one in zip(targets, found.get("media", [found]), strict=True):
            size = target.stat().st_size
            made.append(media(blobs.adopt(target), size, one["type"], one["width"], one["height"]))
        return tuple(made)
    finally:
        for target in targets:
            target.unlink(missing_ok=True)


def text_media(setting: Setting, panel: Panel, blobs: Blobs, behind: str | None = None) -> tuple[Media, ...]:
    """A slogan's media on *panel*: the picture (with its motion), and what moves as a film, or as a GIF; durable.

    *behind*: the sha256 of a picture of our own making, which then stands behind the text.
    """
    if behind is None:
        picture = draw(setting)
    else:
        with Image.open(blobs.path(behind)) as backdrop:
            picture = draw_over(setting, backdrop.convert("RGB"), least_contrast(panel))
    found: list[Media] = []
    motion, plays = slogans.motion(setting), panel.plays
    films = "film" in plays and "h264" in panel.codecs
    if ("still" if motion is None else "animation") in plays or not films:
        data = png.encode(picture)
        found.append(media(blobs.put(data), len(data), "image/png", picture.width, picture.height, motion))
    if motion is not None and not films and "animation" in plays:
        data = slogans.animation(setting, picture, panel)
        found.append(media(blobs.put(data), len(data), "image/gif", panel.width, panel.height))
    if films and (motion is not None or not found):
        data = slogans.film(setting, picture, panel)
        found.append(media(blobs.put(data), len(data), "video/mp4", panel.width, panel.height))
    return tuple(found)


def still_media(panel: Panel, blobs: Blobs) -> tuple[Media, ...]:
    """The built-in still on *panel*; durable."""
    data = png.encode(still.draw(panel))
    return (media(blobs.put(data), len(data), "image/png", panel.width, panel.height),)


def media(sha256: str, size: int, kind: str, width: int, height: int, motion: Motion | None = None) -> Media:
    """The document's words for stored bytes."""
    return Media(
        href=f"/media/{sha256}.{_ENDINGS[kind]}",
        type=kind,
        sha256=sha256,
        bytes=size,
        width=width,
        height=height,
        motion=motion if motion is not None else msgspec.UNSET,
    )
