"""Rendering of a layout."""

from dataclasses import replace

import pytest

from signage.model.item import Style
from signage.pixels.slogan.slogan import layout_slogan, render_slogan
from tests.pixels.panels import PANELS


@pytest.mark.parametrize("panel", [p for p in PANELS.values() if p.height <= 64], ids=lambda p: p.id)
@pytest.mark.parametrize("text", ["Åjgpy消费", "gypsy jig", "Q@j，（Ég）"])
@pytest.mark.parametrize("effect", ["auto", "scroll"])
def test_descenders_are_inside_the_picture(panel, text, effect):
    from PIL import Image

    from signage.pixels.text import raster

    layout = layout_slogan(text, Style(effect=effect), panel, 8000)
    inside = raster.render_coverage(layout)
    air = 40
    moved = tuple(replace(p, top=p.top + air) for p in layout.placed_blocks)
    larger = raster.render_coverage(replace(layout, height=layout.height + 2 * air, placed_blocks=moved))
    assert larger.crop((0, air, larger.width, air + inside.height)).tobytes() == inside.tobytes()
    blank = Image.new("L", (larger.width, air))
    assert larger.crop((0, 0, larger.width, air)).tobytes() == blank.tobytes()
    assert larger.crop((0, larger.height - air, larger.width, larger.height)).tobytes() == blank.tobytes()


def test_many_threads_render_equal_pictures(monkeypatch):
    from concurrent.futures import ThreadPoolExecutor

    from signage.pixels.text import raster

    texts = [f"放心消费{n}" for n in range(40)]

    def digest(text):
        return render_slogan(layout_slogan(text, Style(), PANELS["taxi-384x128"], 8000)).tobytes()

    alone = [digest(text) for text in texts]
    monkeypatch.setattr(raster, "_cache", raster._ImageCache(400_000))
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(digest, texts * 5)) == alone * 5
