"""Items of a campaign as the panels that will show them do, for previews."""

import math
from dataclasses import dataclass
from typing import Any

from signage.faults import Fault, Refused
from signage.library.style_merge import merged
from signage.model.campaign import Campaign
from signage.model.item import Item
from signage.model.panel import Panel
from signage.services.campaigns.queries import OnPanels
from signage.services.library import clips as clip_library
from signage.web import now_playing as showing_now
from signage.web.console.framework.toolkit import here
from signage.web.console.pages.library import previews as preview

MOST_PANELS = 4


@dataclass(frozen=True, slots=True)
class OnPanel:
    """One item on one panel. *media*: what a miniature draws; None while it is not made."""

    panel: Panel
    media: dict[str, Any] | None
    hints: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """An item with its look on each panel. *film*: it has to be watched to its end."""

    item: Item
    label: str
    film: bool
    on: tuple[OnPanel, ...]
    fault: Fault | None = None


def items_of(campaign: Campaign, on: OnPanels) -> list[Shown]:
    """All items of *campaign* on the first few panels that will show each; on a likely one where there is none."""
    return [_shown(campaign, item, names) for item, names in zip(campaign.items, on.items, strict=True)]


def _shown(campaign: Campaign, item: Item, names: tuple[str, ...]) -> Shown:
    known = here().office.panels
    panels = [known[name] for name in names if name in known][:MOST_PANELS]
    if item.text is not None:
        panels = panels or [_likely(3.0)]
        look, least = merged(item.look, campaign.look), item.duration_ms or 8000
        told = [preview.on_panel(item.text, look, panel, least) for panel in panels]
        on = tuple(OnPanel(p, one.get("item"), tuple(one["hints"])) for p, one in zip(panels, told, strict=True))
        return Shown(item, item.text, False, on)
    try:
        clip, _ = clip_library.get(here().office, item.sha256 or "")
    except Refused as refused:
        return Shown(item, item.title or item.id, False, (), refused.faults[0])
    facts = clip.kept.facts
    panels = panels or [_likely(facts["width"] / facts["height"])]
    label = item.title or clip.title
    return Shown(item, label, clip.kind == "film", tuple(_clip(campaign, item, panel, label) for panel in panels))


def _likely(shape: float) -> Panel:
    """The panel in colour whose shape is nearest to *shape* (width by height)."""
    known = list(here().office.panels.values())
    colored = [panel for panel in known if panel.color == "rgb"] or known
    return min(colored, key=lambda panel: abs(math.log(panel.width / panel.height / shape)))


def _clip(campaign: Campaign, item: Item, panel: Panel, label: str) -> OnPanel:
    """A clip on a panel; ordered where it is not made yet, so that it can be looked at."""
    catalogue = here().library.catalogue
    made = catalogue.rendition(campaign, item, panel)
    if made is None:
        catalogue.make(campaign, item, panel)
        return OnPanel(panel, None)
    return OnPanel(panel, {**showing_now.as_media(made), "label": label})
