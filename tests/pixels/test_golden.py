"""The ten slogans on every shipped panel, as they were looked at and found well set.

Run ``python -m tests.pixels.test_golden`` after a change that is meant to be seen, and look at what changed: small
panels stand as pictures in ``golden/``, all panels as digests in ``golden/digests.json``.
"""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from signage.model.item import Style
from signage.model.panel import Panel
from signage.pixels.image import png
from signage.pixels.slogan import fallback_image as still
from signage.pixels.slogan.slogan import layout_slogan, render_slogan
from tests.pixels.panels import PANELS, SLOGANS

GOLDEN = Path(__file__).with_name("golden")
LARGEST = 640 * 32


def _digest(image: Image.Image) -> str:
    return hashlib.sha256(repr(image.size).encode() + image.tobytes()).hexdigest()[:16]


def digests(panel: Panel) -> dict[str, str]:
    found = {"still": _digest(still.render_fallback_image(panel))}
    for text in SLOGANS:
        setting = layout_slogan(text, Style(), panel, 8000)
        found[text] = f"{setting.kind} {setting.size_px} {setting.duration_ms} {_digest(render_slogan(setting))}"
    return found


def sheet(panel: Panel) -> Image.Image:
    """All ten, one under the other, on grey."""
    pictures = [render_slogan(layout_slogan(text, Style(), panel, 8000)) for text in SLOGANS]
    page = Image.new("RGB", (max(p.width for p in pictures), sum(p.height + 2 for p in pictures)), (64, 64, 80))
    top = 0
    for picture in pictures:
        page.paste(picture, (0, top))
        top += picture.height + 2
    return page


@pytest.mark.parametrize("panel", PANELS.values(), ids=PANELS)
def test_the_ten_slogans_look_as_they_did_when_they_were_looked_at(panel):
    known = json.loads((GOLDEN / "digests.json").read_text("utf-8"))
    assert digests(panel) == known[panel.id]


@pytest.mark.parametrize("panel", [p for p in PANELS.values() if p.width * p.height <= LARGEST], ids=lambda p: p.id)
def test_the_pictures_of_small_panels_are_those_beside_the_tests(panel):
    with Image.open(GOLDEN / f"{panel.id}.png") as known:
        assert known.convert("RGB").tobytes() == sheet(panel).tobytes()


def test_another_process_draws_the_same_bytes():
    code = (
        "from tests.pixels.test_golden import *; import hashlib;"
        "t = PANELS['taxi-384x128'];"
        "print(hashlib.sha256(b''.join(png.encode(draw(set_text(s, Look(), t, 8000))) for s in SLOGANS)).hexdigest())"
    )
    told = {subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout for _ in range(2)}
    assert len(told) == 1


if __name__ == "__main__":
    table = {panel.id: digests(panel) for panel in PANELS.values()}
    (GOLDEN / "digests.json").write_text(json.dumps(table, ensure_ascii=False, indent=1) + "\n", "utf-8")
    for one in PANELS.values():
        if one.width * one.height <= LARGEST:
            (GOLDEN / f"{one.id}.png").write_bytes(png.encode_png(sheet(one)))
