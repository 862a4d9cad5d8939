"""Previews of a campaign's items on the panels that will show them."""

import math
from dataclasses import dataclass
from typing import Any

from signage.faults import Fault, Refused
from signage.library.style_merge import merge_styles
from signage.model.campaign import Campaign
from signage.model.item import Item
from signage.model.panel import Panel
from signage.services.campaigns.queries import PanelCoverage
from signage.services.library import clips as clip_library
from signage.web import now_playing
from signage.web.console.framework.toolkit import get_request_context
from signage.web.console.pages.library import previews

MAX_PANELS = 4


@dataclass(frozen=True, slots=True)
class PanelPreview:
    """One item on one panel. *media*: for the miniature; None while it is not rendered."""

    panel: Panel
    media: dict[str, Any] | None
    hints: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class ItemView:
    """An item with its preview on each panel. *is_film*: it must be watched to its end."""

    item: Item
    label: str
    is_film: bool
    panels: tuple[PanelPreview, ...]
    fault: Fault | None = None


def build_item_views(campaign: Campaign, coverage: PanelCoverage) -> list[ItemView]:
    """Build the previews of all items on the first panels that will show each; on a likely one where there is none."""
    return [
        _build_item_view(campaign, item, names)
        for item, names in zip(campaign.items, coverage.panels_by_item, strict=True)
    ]


def _build_item_view(campaign: Campaign, item: Item, names: tuple[str, ...]) -> ItemView:
    all_panels = get_request_context().app.panels
    panels = [all_panels[name] for name in names if name in all_panels][:MAX_PANELS]
    if item.text is not None:
        panels = panels or [_choose_likely_panel(3.0)]
        style, min_duration_ms = merge_styles(item.look, campaign.look), item.duration_ms or 8000
        text_previews = [previews.build_preview(item.text, style, panel, min_duration_ms) for panel in panels]
        on = tuple(
            PanelPreview(p, preview_values.get("item"), tuple(preview_values["hints"]))
            for p, preview_values in zip(panels, text_previews, strict=True)
        )
        return ItemView(item, item.text, False, on)
    try:
        clip, _ = clip_library.get_clip(get_request_context().app, item.sha256 or "")
    except Refused as refused:
        return ItemView(item, item.title or item.id, False, (), refused.faults[0])
    clip_facts = clip.row.facts
    panels = panels or [_choose_likely_panel(clip_facts.width / clip_facts.height)]
    label = item.title or clip.title
    return ItemView(
        item, label, clip.kind == "film", tuple(_build_clip_preview(campaign, item, panel, label) for panel in panels)
    )


def _choose_likely_panel(aspect_ratio: float) -> Panel:
    """Return the colour panel whose aspect ratio is nearest to *aspect_ratio* (width by height)."""
    panels = list(get_request_context().app.panels.values())
    color_panels = [panel for panel in panels if panel.color == "rgb"] or panels
    return min(color_panels, key=lambda panel: abs(math.log(panel.width / panel.height / aspect_ratio)))


def _build_clip_preview(campaign: Campaign, item: Item, panel: Panel, label: str) -> PanelPreview:
    """Preview a clip on a panel; a missing rendition is requested."""
    catalog = get_request_context().library.catalog
    rendition = catalog.get_or_create_item(campaign, item, panel)
    if rendition is None:
        catalog.request_rendition(campaign, item, panel)
        return PanelPreview(panel, None)
    return PanelPreview(panel, {**now_playing.build_media(rendition), "label": label})
