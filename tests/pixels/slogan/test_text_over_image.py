"""Text over an image."""

import pytest
from PIL import Image

from signage.model.item import Style
from signage.pixels.image import colors
from signage.pixels.slogan import text_over_image
from signage.pixels.slogan.slogan import layout_slogan, render_slogan
from tests.pixels.panels import PANELS

TAXI = PANELS["taxi-192x64"]
ROOF = PANELS["roof-96x16"]


def _quarters(width, height):
    image = Image.new("RGB", (width, height), (255, 0, 0))
    image.paste((0, 0, 255), (0, height // 2, width, height))
    return image


@pytest.mark.parametrize("color", ["#ffffff", "#ffff00", "#000000"])
def test_text_over_an_image_has_enough_contrast(color):
    noise = Image.effect_noise((400, 300), 120).convert("RGB")
    layout = layout_slogan("放心消费", Style(color=color), TAXI, 8000)
    shown = text_over_image.render_text_over_image(layout, noise)
    plain = render_slogan(layout)
    text = layout.colors.text
    assert shown.size == plain.size
    where = [(x, y) for x in range(192) for y in range(64) if plain.getpixel((x, y)) == text]
    assert where and all(shown.getpixel(dot) == text for dot in where)
    back = shown.crop((0, 0, 192, 8)).resize((1, 1)).getpixel((0, 0))
    assert colors.compute_contrast(text, back) >= 4.5


def test_text_is_on_black_where_the_panel_has_no_shades():
    layout = layout_slogan("放心消费", Style(), ROOF, 8000)
    assert (
        text_over_image.render_text_over_image(layout, _quarters(50, 50)).tobytes() == render_slogan(layout).tobytes()
    )


def test_an_image_on_leds_is_dimmed_to_the_contrast_for_daylight():
    from signage.model.item import Style
    from signage.model.panel import PRESET_PANELS
    from signage.pixels.image.colors import compute_contrast
    from signage.pixels.slogan.legibility import get_min_contrast
    from signage.pixels.slogan.slogan import layout_slogan
    from signage.pixels.slogan.text_over_image import render_text_over_image

    taxi = next(p for p in PRESET_PANELS if p.id == "taxi-192x64")
    layout = layout_slogan("诚信", Style(), taxi, 8000)
    shown = render_text_over_image(layout, Image.new("RGB", (192, 64), (120, 170, 220)), get_min_contrast(taxi))
    assert compute_contrast(layout.colors.text, shown.getpixel((0, 0))) >= 7 == get_min_contrast(taxi)
