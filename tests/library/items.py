"""Items, campaigns and panels for tests."""

from datetime import datetime

from signage.model.campaign import Campaign, Placement
from signage.model.item import DEFAULT_STYLE, Item, Style
from signage.model.panel import PRESET_PANELS, Panel

PANELS = {panel.id: panel for panel in PRESET_PANELS}
TAXI, STREET = PANELS["taxi-192x64"], PANELS["street-1920x1080"]


def create_panel(width: int, height: int, **more: object) -> Panel:
    return Panel("p", width, height, **more)  # type: ignore[arg-type]


def create_clip_item(sha256: str, seconds: float | None = None, look: Style = DEFAULT_STYLE) -> Item:
    return Item("clip", sha256=sha256, duration_ms=round(seconds * 1000) if seconds else None, look=look)


def create_slogan_item(text: str, seconds: float = 8, look: Style = DEFAULT_STYLE) -> Item:
    return Item("slogan", text=text, duration_ms=round(seconds * 1000), look=look)


def create_campaign(*items: Item, look: Style = DEFAULT_STYLE) -> Campaign:
    window = datetime(2021, 3, 10), datetime(2021, 3, 19)  # noqa: DTZ001
    return Campaign("c", "t", "Asia/Shanghai", *window, items, (Placement(("*",), ("*",)),), look=look)
