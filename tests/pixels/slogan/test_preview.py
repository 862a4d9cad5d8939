"""Previews of slogans as PNG and GIF."""

import io
from fractions import Fraction

import pytest
from PIL import Image

from signage.model.item import Style
from signage.pixels.image import led_preview
from signage.pixels.slogan import animation, preview
from signage.pixels.slogan.slogan import layout_slogan, render_slogan
from tests.pixels.panels import PANELS, SLOGANS


def _gif(layout, panel, leds=False):
    image = Image.open(io.BytesIO(preview.render_gif(layout, panel.fps, leds)))
    shown = []
    for n in range(getattr(image, "n_frames", 1)):
        image.seek(n)
        shown.append((image.convert("RGB"), image.info.get("duration", 0)))
    return shown


TAXI = PANELS["taxi-192x64"]
ROOF = PANELS["roof-96x16"]


@pytest.mark.parametrize("panel", [TAXI, ROOF], ids=lambda p: p.id)
@pytest.mark.parametrize("effect", ["scroll", "pages", "still"])
def test_a_gif_shows_the_panels_pixels_at_their_true_speed(panel, effect):
    layout = layout_slogan("改善民生 促进消费", Style(effect=effect), panel, 8000)
    page = render_slogan(layout)
    shown = _gif(layout, panel)
    once = layout.pass_ms or (layout.page_ms or 0) * layout.pages
    if layout.kind == "still":
        assert len(shown) == 1
    else:
        assert abs(sum(delay for _, delay in shown) - once) <= 10
    at = 0
    for image, delay in shown:
        moment = Fraction(round(at * panel.fps / 1000) * 1000, panel.fps)
        assert image.tobytes() == animation.get_frame(layout, page, moment).tobytes()
        at += delay


def test_a_png_of_a_moving_slogan_shows_a_representative_time():
    layout = layout_slogan(SLOGANS[0], Style(effect="scroll"), TAXI, 8000)
    with Image.open(io.BytesIO(preview.render_png(layout))) as image:
        assert image.size == (TAXI.width, TAXI.height)
        assert image.convert("RGB").getbbox()[0] <= 8
    with Image.open(io.BytesIO(preview.render_png(layout, leds=True))) as image:
        scale = led_preview.get_led_scale(TAXI.width)
        assert image.size == (TAXI.width * scale, TAXI.height * scale)


def test_a_gif_can_show_leds():
    layout = layout_slogan(SLOGANS[1], Style(), ROOF, 8000)
    assert {image.size for image, _ in _gif(layout, ROOF, leds=True)} == {(96 * 12, 16 * 12)}
