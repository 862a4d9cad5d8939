"""Previews of clips: converted for the panel as screens get them, then written in the requested format."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
from PIL import Image

from signage.cli.context import get_app_context, get_config, get_library, get_synced_app_context
from signage.cli.preview_files import check_size, decode_frames, write_gif, write_mp4
from signage.faults import Fault, Refused

if TYPE_CHECKING:
    from signage.library.codecs.clip_jobs import RenditionSpec
    from signage.library.service import Library
    from signage.model.campaign import Campaign
    from signage.model.item import Item
    from signage.model.panel import Panel

_GIF_FPS = 25
_SERVED_TYPES = {".mp4": "video/mp4", ".gif": "image/gif"}
_POSTER_POSITION = 3
"""The poster frame of a film is at a third of its length."""


def write_clip_preview(campaign: "Campaign", item: "Item", panel: "Panel", output: Path, leds: bool) -> None:
    """Write *item*, a clip, as *panel* shows it."""
    get_synced_app_context()  # adds the clips of the folder to the library
    made, length_ms = _convert_clip(campaign, item, panel)
    kind, path = made[0]
    ending, moves = output.suffix.lower(), kind in ("video/mp4", "image/gif")
    same = next((path for type_, path in made if not leds and type_ == _SERVED_TYPES.get(ending)), None)
    if same is not None:
        output.write_bytes(same.read_bytes())
    elif ending == ".png":
        output.write_bytes(_encode_png(path, kind, panel, leds))
    else:
        fps = _GIF_FPS if ending == ".gif" else panel.fps
        check_size(panel, leds, length_ms * fps / 1000 if moves else 1)
        (write_gif if ending == ".gif" else write_mp4)(_iterate_frames(path, kind, length_ms, fps), panel, output, leds)
    click.echo(f"{output}: {panel.id} ({panel.width}×{panel.height}), {kind}, {length_ms / 1000:g} s")


def _convert_clip(campaign: "Campaign", item: "Item", panel: "Panel") -> tuple[list[tuple[str, Path]], int]:
    """Convert the clip for *panel*; return its renditions by type, best first, and its duration."""
    from signage.library.rendition_maker import convert_clip
    from signage.library.sandbox.media_error import MediaError

    library = get_library()
    try:
        spec, length_ms = _build_rendition_spec(library, campaign, item, panel)
        made = convert_clip(spec, library.blobs, library.sandbox, library.config)
    except MediaError as unfit:
        raise Refused([Fault("error", unfit.code, facts=unfit.facts)]) from unfit
    finally:
        library.stop()
    return [(one.type, library.blobs.get_path(one.sha256)) for one in made], length_ms


def _build_rendition_spec(
    library: "Library", campaign: "Campaign", item: "Item", panel: "Panel"
) -> "tuple[RenditionSpec, int]":
    from signage.library import rendition_specs as recipes
    from signage.library.style_merge import merge_styles
    from signage.services.library.clip_uploads import add_folder_clip

    sha256 = item.sha256 or ""
    if item.file is not None:
        sha256 = add_folder_clip(get_app_context(), library, get_config().root / item.file, item.file).sha256
    facts = library.catalog.get_clip_facts(sha256)
    if facts is None:
        raise Refused([Fault("error", "clip-missing", facts={"clip": item.file or sha256})])
    style = merge_styles(item.look, campaign.look)
    spec = recipes.create_clip_spec(sha256, facts, item, style, panel, library.config.loudness_lufs)
    length = recipes.get_clip_length(facts, item)
    if isinstance(spec, Fault) or isinstance(length, Fault):
        raise Refused([said for said in (spec, length) if isinstance(said, Fault)])
    return spec, length


def _iterate_frames(made: Path, kind: str, length_ms: int, fps: int) -> Iterator[tuple[Image.Image, int]]:
    """Yield frames with their durations in ms."""
    if kind == "video/mp4":
        yield from decode_frames(made, fps)
        return
    with Image.open(made) as image:
        count = getattr(image, "n_frames", 1)
        for number in range(count):
            image.seek(number)
            yield image.convert("RGB"), int(image.info["duration"]) if count > 1 else length_ms


def _encode_png(made: Path, kind: str, panel: "Panel", leds: bool) -> bytes:
    from signage.pixels.image import led_preview as led
    from signage.pixels.image import png

    shots = list(_iterate_frames(made, kind, 1000, 1))
    image = shots[len(shots) // _POSTER_POSITION][0]
    return png.encode_png(led.render_leds(image, led.get_led_scale(panel.width)) if leds else image)
