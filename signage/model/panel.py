"""Panels: the pixels of a kind of screen."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

ColorMode = Literal["mono", "two-color", "rgb"]
PlayableMedia = Literal["still", "animation", "film"]


@dataclass(frozen=True, slots=True)
class Panel:
    """A kind of screen: *width* × *height* pixels at *pitch_mm*, viewed from *viewing_distance_m*.

    *plays*: content that its players can show; *codecs* its films may have (``aac`` if it has loudspeakers); *safe_px*
    a margin without text; *passing_kmh* the speed of passing viewers.
    *led_color*: the LED colour of a mono panel. *label*: its name for people.
    """

    id: str
    width: int
    height: int
    color: ColorMode = "rgb"
    pitch_mm: float = 5.0
    fps: int = 30
    plays: frozenset[PlayableMedia] = frozenset({"still", "animation", "film"})
    codecs: tuple[str, ...] = ("h264",)
    max_kbps: int = 8000
    safe_px: int = 0
    viewing_distance_m: float = 15.0
    passing_kmh: float = 0.0
    led_color: str = "#ff2a00"
    label: str = ""


PRESET_PANELS: tuple[Panel, ...] = (
    Panel("roof-96x16", 96, 16, "mono", 5.0, max_kbps=500, viewing_distance_m=10, label="顶屏 96×16 单色"),
    Panel("roof-128x16", 128, 16, "mono", 5.0, max_kbps=500, viewing_distance_m=10, label="顶屏 128×16 单色"),
    Panel("roof-128x32", 128, 32, "mono", 5.0, max_kbps=500, viewing_distance_m=15, label="顶屏 128×32 单色"),
    Panel("taxi-192x64", 192, 64, "rgb", 5.0, max_kbps=1000, viewing_distance_m=15, label="顶屏 192×64 全彩"),
    Panel("taxi-384x128", 384, 128, "rgb", 2.5, max_kbps=2000, viewing_distance_m=15, label="顶屏 384×128 全彩"),
    Panel("strip-256x32", 256, 32, "mono", 10.0, max_kbps=500, viewing_distance_m=20, label="条屏 256×32 单色"),
    Panel("strip-640x32", 640, 32, "two-color", 10.0, max_kbps=1000, viewing_distance_m=20, label="条屏 640×32 双色"),
    Panel(
        "street-1920x1080",
        1920,
        1080,
        "rgb",
        0.63,
        codecs=("h264", "aac"),
        viewing_distance_m=5,
        label="街头屏 1920×1080 横屏",
    ),
    Panel(
        "street-1080x1920",
        1080,
        1920,
        "rgb",
        0.63,
        codecs=("h264", "aac"),
        viewing_distance_m=5,
        label="街头屏 1080×1920 竖屏",
    ),
    Panel("wall-640x384", 640, 384, "rgb", 8.0, max_kbps=4000, viewing_distance_m=40, label="大屏 640×384"),
    Panel("wall-960x540", 960, 540, "rgb", 6.0, max_kbps=6000, viewing_distance_m=40, label="大屏 960×540"),
)
"""Panels that need no configuration."""

PRESET_KIND_LABELS: Mapping[str, str] = {
    "taxi-roof": "出租车顶屏",
    "street": "街头屏",
    "strip": "条屏",
    "kiosk": "触摸屏",
    "wall": "大屏",
}
"""Names for people of the usual kinds of screens (``[kind.ID] label``)."""
