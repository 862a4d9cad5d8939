"""``signage preview``: render an item for a panel."""

import difflib
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from signage.cli.context import get_config
from signage.cli.errors import print_faults
from signage.faults import Fault, refuse
from signage.model.item import MIN_SLOGAN_MS

if TYPE_CHECKING:
    from signage.model.campaign import Campaign
    from signage.model.item import Style
    from signage.model.panel import Panel
    from signage.pixels.slogan.slogan_layout import SloganLayout

OUTPUT_SUFFIXES = (".png", ".gif", ".mp4")


@click.command("preview", help="Render an item, or any text, for a panel: PNG, GIF or MP4 by the extension of FILE.")
@click.argument("item", metavar="CAMPAIGN/ITEM", required=False)
@click.option("--panel", "panel_id", metavar="PANEL", required=True, help="Id of the panel.")
@click.option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False), required=True)
@click.option("--leds", is_flag=True, help="Enlarge the pixels and draw them as LEDs.")
@click.option("--text", metavar="TEXT", help="Text to render in place of an item.")
def preview(item: str | None, panel_id: str, output: Path, leds: bool, text: str | None) -> None:
    from signage.model.item import DEFAULT_STYLE

    if (item is None) == (text is None):
        raise click.UsageError("name an item or give --text, one of the two")
    if output.suffix.lower() not in OUTPUT_SUFFIXES:
        raise refuse("preview-ending", "-o", file=str(output))
    panel = _get_panel(panel_id)
    if text is not None:
        _write_slogan(_parse_item_text(text), DEFAULT_STYLE, panel, MIN_SLOGAN_MS, output, leds)
        return
    assert item is not None
    campaign, name = _get_campaign_item(item)
    _warn_of_missing_consents(campaign)
    found = campaign.get_item(name)
    if found.text is None:
        from signage.cli.preview_clip import write_clip_preview

        write_clip_preview(campaign, found, panel, output, leds)
        return
    from signage.library.style_merge import merge_styles

    _write_slogan(
        found.text, merge_styles(found.look, campaign.look), panel, found.duration_ms or MIN_SLOGAN_MS, output, leds
    )


def _warn_of_missing_consents(campaign: "Campaign") -> None:
    """Print on which screens of other units the campaign does not show (contract, rule 9)."""
    from signage.cli.check import build_check_context, open_existing_app_context
    from signage.services.campaigns.checks import check_consents

    config = get_config()
    check_context = build_check_context(config, open_existing_app_context(config))
    print_faults([Fault(f.level, f.code, facts=f.facts) for f in check_consents(campaign, check_context)])


def _parse_item_text(text: str) -> str:
    """Return *text* if an item could have it."""
    from signage.model.campaign_file.schema import ITEM_SCHEMA
    from signage.model.toml.field_types import FieldError

    try:
        return str(ITEM_SCHEMA["text"].field_type(text))
    except FieldError as unfit:
        raise refuse(unfit.code, "--text", **{"name": "--text", **unfit.facts}) from None


def _get_panel(panel_id: str) -> "Panel":
    panels = get_config().panels
    if panel_id not in panels:
        suggestion = difflib.get_close_matches(panel_id, panels, n=3) or sorted(panels)
        raise refuse("panel-not-known", "--panel", panel=panel_id, known=", ".join(suggestion))
    return panels[panel_id]


def _get_campaign_item(name: str) -> "tuple[Campaign, str]":
    """Return campaign and item id of *name*: from the campaign folder, else from the console."""
    campaign_id, _, item_id = name.partition("/")
    campaign = _read_from_folder(campaign_id) or _read_from_store(campaign_id)
    if campaign is None:
        raise refuse("item-not-known", "CAMPAIGN/ITEM", item=name, near="315-2021/slogan-01")
    known = [item.id for item in campaign.items]
    if item_id not in known:
        suggestion = (difflib.get_close_matches(item_id, known, n=1) or known)[0]
        raise refuse("item-not-known", "CAMPAIGN/ITEM", item=name, near=f"{campaign_id}/{suggestion}")
    return campaign, item_id


def _read_from_folder(campaign_id: str) -> "Campaign | None":
    from signage.model.campaign_file.read import read_campaign
    from signage.model.ids import is_id

    path = get_config().campaign_folder / f"{campaign_id}.toml"
    if not is_id(campaign_id) or not path.is_file():
        return None
    return read_campaign(os.path.relpath(path), path.read_bytes())


def _read_from_store(campaign_id: str) -> "Campaign | None":
    from signage.cli.context import get_app_context
    from signage.store.campaigns import campaigns

    if not get_config().state.is_dir():
        return None
    with get_app_context().store.read() as connection:
        stored_version = campaigns.get_campaign(connection, campaign_id)
        version = stored_version and campaigns.get_version(connection, campaign_id, stored_version.current_version)
    return version.campaign if version else None


def _write_slogan(text: str, style: "Style", panel: "Panel", least_ms: int, output: Path, leds: bool) -> None:
    from signage.cli.preview_files import check_size
    from signage.pixels.slogan import legibility, preview
    from signage.pixels.slogan.slogan import layout_slogan

    layout = layout_slogan(text, style, panel, least_ms)
    print_faults(legibility.check_legibility(text, style, panel, least_ms))
    ending = output.suffix.lower()
    if ending == ".png":
        if layout.kind != "still":
            print_faults([Fault("warning", "preview-moves", facts={"file": str(output), "kind": layout.kind})])
        output.write_bytes(preview.render_png(layout, leds))
    else:
        check_size(panel, leds, 1 if layout.kind == "still" else layout.duration_ms * panel.fps / 1000)
        if ending == ".gif":
            output.write_bytes(preview.render_gif(layout, panel.fps, leds))
        else:
            _write_mp4(layout, panel, output, leds)
    click.echo(_describe_layout(layout, panel, output))


def _describe_layout(layout: "SloganLayout", panel: "Panel", output: Path) -> str:
    facts = [f"{panel.id} ({panel.width}×{panel.height})", layout.kind, f"{layout.size_px} px"]
    if layout.px_per_s:
        facts.append(f"{layout.px_per_s} px/s")
    if layout.page_ms:
        facts.append(f"{layout.pages} pages of {layout.page_ms / 1000:g} s")
    return f"{output}: {', '.join([*facts, f'{layout.duration_ms / 1000:g} s'])}"


def _write_mp4(layout: "SloganLayout", panel: "Panel", output: Path, leds: bool) -> None:
    """Write the film that screens get; with LEDs, a rendering of it."""
    if not leds:
        from signage.library.slogan_media import render_mp4
        from signage.pixels.slogan.slogan import render_slogan

        output.write_bytes(render_mp4(layout, render_slogan(layout), panel))
        return
    from signage.cli.preview_files import write_mp4
    from signage.pixels.slogan import preview

    def ms(frame: int) -> int:
        return frame * 1000 // panel.fps

    shots = preview.iter_frame_runs(layout, panel.fps, layout.duration_ms)
    write_mp4(((s.image, ms(s.first_frame + s.frame_count) - ms(s.first_frame)) for s in shots), panel, output, leds)
