"""Previews of clips: made for the panel as a screen would get them, then shown in the form that was asked for."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
from PIL import Image

from signage.cli.office import the_config, the_current_office, the_library
from signage.cli.preview_files import check_size, frames_of, write_gif, write_mp4
from signage.faults import Fault, Refused

if TYPE_CHECKING:
    from signage.library.house import Library
    from signage.library.recipes import Recipe
    from signage.model.campaign import Campaign
    from signage.model.item import Item
    from signage.model.panel import Panel

_GIF_FPS = 25
_POSTER_AT = 3
"""The telling frame of a film is a third in."""


def show_clip(campaign: "Campaign", item: "Item", panel: "Panel", output: Path, leds: bool) -> None:
    """Write *item*, a clip, as *panel* shows it."""
    the_current_office()  # the clips of the folder are in the library then
    made, kind, length_ms = _made(campaign, item, panel)
    ending, film = output.suffix.lower(), kind == "video/mp4"
    if ending == ".mp4" and film and not leds:
        output.write_bytes(made.read_bytes())
    elif ending == ".png":
        output.write_bytes(_png(made, film, panel, leds))
    else:
        fps = _GIF_FPS if ending == ".gif" else panel.fps
        check_size(panel, leds, length_ms * fps / 1000 if film else 1)
        (write_gif if ending == ".gif" else write_mp4)(_shots(made, film, length_ms, fps), panel, output, leds)
    click.echo(f"{output}: {panel.id} ({panel.width}×{panel.height}), {kind}, {length_ms / 1000:g} s")


def _made(campaign: "Campaign", item: "Item", panel: "Panel") -> tuple[Path, str, int]:
    """The clip converted for *panel*: where it is, its type, how long it shows."""
    from signage.library.renditions import convert
    from signage.library.unfit import Unfit

    library = the_library()
    try:
        recipe, length_ms = _recipe(library, campaign, item, panel)
        media = convert(recipe, library.blobs, library.jail, library.config)[0]
    except Unfit as unfit:
        raise Refused([Fault("error", unfit.code, facts=unfit.facts)]) from unfit
    finally:
        library.stop()
    return library.blobs.path(media.sha256), media.type, length_ms


def _recipe(library: "Library", campaign: "Campaign", item: "Item", panel: "Panel") -> "tuple[Recipe, int]":
    from signage.library import recipes
    from signage.library.looks import merged

    sha256 = item.sha256 or ""
    if item.file is not None:
        sha256 = library.taking.take_in_file(the_config().root / item.file, item.file).sha256
    facts = library.catalogue.facts(sha256)
    if facts is None:
        raise Refused([Fault("error", "clip-missing", facts={"clip": item.file or sha256})])
    look = merged(item.look, campaign.look)
    recipe = recipes.clip_recipe(sha256, facts, item, look, panel, library.config.loudness_lufs)
    length = recipes.clip_length(facts, item)
    if isinstance(recipe, Fault) or isinstance(length, Fault):
        raise Refused([said for said in (recipe, length) if isinstance(said, Fault)])
    return recipe, length


def _shots(made: Path, film: bool, length_ms: int, fps: int) -> Iterator[tuple[Image.Image, int]]:
    """Frames with how long each shows, in ms."""
    if film:
        yield from frames_of(made, fps)
        return
    with Image.open(made) as image:
        yield image.convert("RGB"), length_ms


def _png(made: Path, film: bool, panel: "Panel", leds: bool) -> bytes:
    from signage.pixels import led, png

    shots = list(_shots(made, film, 1000, 1))
    image = shots[len(shots) // _POSTER_AT][0]
    return png.encode(led.enlarge(image, led.scale_for(panel.width)) if leds else image)
