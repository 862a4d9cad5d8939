"""``signage preview``: an item as the pixels of a panel."""

import difflib
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from signage.cli.context import the_config
from signage.cli.errors import tell
from signage.faults import Fault, refuse

if TYPE_CHECKING:
    from signage.model.campaign import Campaign
    from signage.model.item import Look
    from signage.model.panel import Panel
    from signage.pixels.slogan.slogan_layout import Setting

LEAST_MS = 8000
ENDINGS = (".png", ".gif", ".mp4")


@click.command("preview", help="An item, or any text, as the pixels of a panel: PNG, GIF or MP4 by the ending of FILE.")
@click.argument("item", metavar="CAMPAIGN/ITEM", required=False)
@click.option("--panel", "panel_id", metavar="PANEL", required=True, help="The panel, by its id.")
@click.option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False), required=True)
@click.option("--leds", is_flag=True, help="Enlarged, with the grid of LEDs.")
@click.option("--text", metavar="TEXT", help="A text in place of an item.")
def preview(item: str | None, panel_id: str, output: Path, leds: bool, text: str | None) -> None:
    from signage.model.item import PLAIN

    if (item is None) == (text is None):
        raise click.UsageError("name an item or give --text, one of the two")
    if output.suffix.lower() not in ENDINGS:
        raise refuse("preview-ending", "-o", file=str(output))
    panel = _panel(panel_id)
    if text is not None:
        _slogan(_item_text(text), PLAIN, panel, LEAST_MS, output, leds)
        return
    assert item is not None
    campaign, name = _campaign(item)
    found = campaign.item(name)
    if found.text is None:
        from signage.cli.preview_clip import show_clip

        show_clip(campaign, found, panel, output, leds)
        return
    from signage.library.style_merge import merged

    _slogan(found.text, merged(found.look, campaign.look), panel, found.duration_ms or LEAST_MS, output, leds)


def _item_text(text: str) -> str:
    """*text*, when an item could have it."""
    from signage.model.campaign_file.schema import ITEM
    from signage.model.toml.field_types import UnfitError

    try:
        return str(ITEM["text"].kind(text))
    except UnfitError as unfit:
        raise refuse(unfit.code, "--text", **{"name": "--text", **unfit.facts}) from None


def _panel(panel_id: str) -> "Panel":
    panels = the_config().panels
    if panel_id not in panels:
        near = difflib.get_close_matches(panel_id, panels, n=3) or sorted(panels)
        raise refuse("panel-not-known", "--panel", panel=panel_id, known=", ".join(near))
    return panels[panel_id]


def _campaign(name: str) -> "tuple[Campaign, str]":
    """The campaign and the item's id that *name* names: the folder's file, else what the console made."""
    campaign_id, _, item_id = name.partition("/")
    campaign = _from_folder(campaign_id) or _from_store(campaign_id)
    if campaign is None:
        raise refuse("item-not-known", "CAMPAIGN/ITEM", item=name, near="315-2021/slogan-01")
    known = [item.id for item in campaign.items]
    if item_id not in known:
        near = (difflib.get_close_matches(item_id, known, n=1) or known)[0]
        raise refuse("item-not-known", "CAMPAIGN/ITEM", item=name, near=f"{campaign_id}/{near}")
    return campaign, item_id


def _from_folder(campaign_id: str) -> "Campaign | None":
    from signage.model.campaign_file.read import read
    from signage.model.ids import is_id

    path = the_config().playlists / f"{campaign_id}.toml"
    if not is_id(campaign_id) or not path.is_file():
        return None
    return read(os.path.relpath(path), path.read_bytes())


def _from_store(campaign_id: str) -> "Campaign | None":
    from signage.cli.context import the_office
    from signage.store.campaigns import campaigns

    if not the_config().state.is_dir():
        return None
    with the_office().store.read() as connection:
        kept = campaigns.get(connection, campaign_id)
        version = kept and campaigns.version(connection, campaign_id, kept.current)
    return version.campaign if version else None


def _slogan(text: str, look: "Look", panel: "Panel", least_ms: int, output: Path, leds: bool) -> None:
    from signage.cli.preview_files import check_size
    from signage.pixels.slogan import legibility, preview
    from signage.pixels.slogan.slogan import set_text

    setting = set_text(text, look, panel, least_ms)
    tell(legibility.check(text, look, panel, least_ms))
    ending = output.suffix.lower()
    if ending == ".png":
        if setting.kind != "still":
            tell([Fault("warning", "preview-moves", facts={"file": str(output), "kind": setting.kind})])
        output.write_bytes(preview.as_png(setting, leds))
    else:
        check_size(panel, leds, 1 if setting.kind == "still" else setting.duration_ms * panel.fps / 1000)
        if ending == ".gif":
            output.write_bytes(preview.as_gif(setting, panel.fps, leds))
        else:
            _write_mp4(setting, panel, output, leds)
    click.echo(_told(setting, panel, output))


def _told(setting: "Setting", panel: "Panel", output: Path) -> str:
    facts = [f"{panel.id} ({panel.width}×{panel.height})", setting.kind, f"{setting.size_px} px"]
    if setting.px_per_s:
        facts.append(f"{setting.px_per_s} px/s")
    if setting.page_ms:
        facts.append(f"{setting.pages} pages of {setting.page_ms / 1000:g} s")
    return f"{output}: {', '.join([*facts, f'{setting.duration_ms / 1000:g} s'])}"


def _write_mp4(setting: "Setting", panel: "Panel", output: Path, leds: bool) -> None:
    """The film that screens get; with LEDs, one of our own."""
    if not leds:
        from signage.library.slogan_media import film
        from signage.pixels.slogan.slogan import draw

        output.write_bytes(film(setting, draw(setting), panel))
        return
    from signage.cli.preview_files import write_mp4
    from signage.pixels.slogan import preview

    def ms(frame: int) -> int:
        return frame * 1000 // panel.fps

    shots = preview.shots(setting, panel.fps, setting.duration_ms)
    write_mp4(((s.image, ms(s.at + s.frames) - ms(s.at)) for s in shots), panel, output, leds)
