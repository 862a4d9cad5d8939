"""The golden pictures: what the renderer draws on the shipped panels, reviewed by eye.

``golden/digests.json`` has a digest of every picture, ``golden/PANEL.png`` the pictures of the small panels,
``golden/scripts-PANEL.png`` the texts in the scripts of the five bilingual regions on two panels, and
``golden/renderer_version.json`` the RENDERER_VERSION with one hash over all digests.

After an intended change of pixels: change ``RENDERER_VERSION`` (signage/pixels/renderer_version.py), run
``python -m tests.pixels.golden_pictures``, and review the pictures that changed. After adding a golden picture, delete
``renderer_version.json`` before the command: it refuses another hash under the same version.
"""

import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from signage.model.item import Style
from signage.model.panel import Panel
from signage.pixels.image import png
from signage.pixels.renderer_version import RENDERER_VERSION
from signage.pixels.slogan.fallback_image import render_fallback_image
from signage.pixels.slogan.slogan import layout_slogan, render_slogan
from signage.pixels.slogan.text_over_image import render_text_over_image
from tests.pixels.panels import PANELS, SCRIPT_TEXTS, SLOGANS

GOLDEN = Path(__file__).with_name("golden")
SMALL_PANELS = [panel for panel in PANELS.values() if panel.width * panel.height <= 640 * 32]
SCRIPT_PANELS = ("taxi-192x64", "taxi-384x128")
LEAST_MS = 8000
Digests = dict[str, dict[str, str]]


def compute_digest(image: Image.Image) -> str:
    return hashlib.sha256(repr(image.size).encode() + image.tobytes()).hexdigest()[:16]


def compute_panel_digests(panel: Panel) -> dict[str, str]:
    """Return a digest of each golden picture of *panel*, with the kind, size and duration of a slogan's layout."""
    digests = {"still": compute_digest(render_fallback_image(panel))}
    for text in SLOGANS:
        layout = layout_slogan(text, Style(), panel, LEAST_MS)
        picture = compute_digest(render_slogan(layout))
        digests[text] = f"{layout.kind} {layout.size_px} {layout.duration_ms} {picture}"
    for text in SCRIPT_TEXTS if panel.id in SCRIPT_PANELS else ():
        digests[text] = compute_digest(render_slogan(layout_slogan(text, Style(), panel, LEAST_MS)))
    gradient = Image.linear_gradient("L").convert("RGB")
    layout = layout_slogan(SLOGANS[1], Style(color="#ffe000"), panel, LEAST_MS)
    digests["text over image"] = compute_digest(render_text_over_image(layout, gradient))
    return digests


def compute_all_digests() -> Digests:
    return {panel.id: compute_panel_digests(panel) for panel in PANELS.values()}


def hash_digests(digests: Digests) -> str:
    return hashlib.sha256(json.dumps(digests, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def render_sheet(panel: Panel, texts: Sequence[str] = SLOGANS) -> Image.Image:
    """Return the pictures of *texts* (the ten slogans) on *panel*, one below the other, on grey."""
    pictures = [render_slogan(layout_slogan(text, Style(), panel, LEAST_MS)) for text in texts]
    sheet = Image.new("RGB", (max(p.width for p in pictures), sum(p.height + 2 for p in pictures)), (64, 64, 80))
    top = 0
    for picture in pictures:
        sheet.paste(picture, (0, top))
        top += picture.height + 2
    return sheet


def write_version(folder: Path, version: str, digests: Digests) -> None:
    """Record *version* with the hash of *digests*. Raises SystemExit if the pixels changed without the version."""
    file = folder / "renderer_version.json"
    recorded = json.loads(file.read_text("utf-8")) if file.exists() else {}
    sha256 = hash_digests(digests)
    if recorded.get("version") == version and recorded["sha256"] != sha256:
        raise SystemExit(f"The pixels changed: change RENDERER_VERSION, which is still {version!r}.")
    file.write_text(json.dumps({"version": version, "sha256": sha256}, indent=1) + "\n", "utf-8")


def write_golden_pictures(folder: Path) -> None:
    digests = compute_all_digests()
    write_version(folder, RENDERER_VERSION, digests)
    (folder / "digests.json").write_text(json.dumps(digests, ensure_ascii=False, indent=1) + "\n", "utf-8")
    for panel in SMALL_PANELS:
        (folder / f"{panel.id}.png").write_bytes(png.encode_png(render_sheet(panel)))
    for panel_id in SCRIPT_PANELS:
        sheet = render_sheet(PANELS[panel_id], SCRIPT_TEXTS)
        (folder / f"scripts-{panel_id}.png").write_bytes(png.encode_png(sheet))


if __name__ == "__main__":
    sys.exit(write_golden_pictures(GOLDEN))
