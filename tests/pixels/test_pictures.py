"""Pictures brought to a panel, LEDs, stills, PNG and previews."""

import io
from fractions import Fraction
from itertools import pairwise

import pytest
from PIL import Image

from signage.model.item import Style
from signage.pixels.image import colors, image_fit, led_preview, png
from signage.pixels.slogan import animation, fallback_image, preview, text_over_image
from signage.pixels.slogan.slogan import layout_slogan, render_slogan
from tests.pixels.panels import PANELS, SLOGANS

TAXI = PANELS["taxi-192x64"]
ROOF = PANELS["roof-96x16"]


def _quarters(width, height):
    image = Image.new("RGB", (width, height), (255, 0, 0))
    image.paste((0, 0, 255), (0, height // 2, width, height))
    return image


@pytest.mark.parametrize("how", ["contain", "cover", "blur"])
@pytest.mark.parametrize("size", [(1, 1), (640, 480), (100, 1000), (3000, 20)])
@pytest.mark.parametrize("panel", [TAXI, ROOF, PANELS["street-1080x1920"]], ids=lambda p: p.id)
def test_a_picture_fills_the_panel_exactly(how, size, panel):
    assert image_fit.fit_image(_quarters(*size), panel.width, panel.height, how).size == (panel.width, panel.height)


def test_contain_shows_all_and_cover_leaves_nothing_free():
    image = _quarters(64, 64)
    contained = image_fit.fit_image(image, 192, 64, "contain", (0, 255, 0))
    assert contained.getpixel((10, 10)) == (0, 255, 0)
    assert contained.getpixel((96, 10)) == (255, 0, 0)
    covered = image_fit.fit_image(image, 192, 64, "cover")
    assert covered.getpixel((5, 5)) == (255, 0, 0) and covered.getpixel((5, 58)) == (0, 0, 255)
    blurred = image_fit.fit_image(image, 192, 64, "blur")
    assert blurred.getpixel((96, 10)) == (255, 0, 0)
    assert 40 < blurred.getpixel((5, 5))[0] < 200


def test_leds_are_round_with_black_between():
    image = Image.new("RGB", (4, 2), (200, 100, 50))
    image.putpixel((0, 0), (0, 0, 0))
    shown = led_preview.render_leds(image, 8)
    assert shown.size == (32, 16)
    assert shown.getpixel((20, 12)) == (200, 100, 50)
    assert shown.getpixel((16, 8)) == (0, 0, 0)
    assert shown.getpixel((4, 4)) == (led_preview.UNLIT_LEVEL,) * 3


@pytest.mark.parametrize("panel", PANELS.values(), ids=PANELS)
def test_the_still_fits_every_panel_and_is_calm(panel):
    image = fallback_image.render_fallback_image(panel)
    assert image.size == (panel.width, panel.height)
    counted = image.getcolors(100_000)
    most = max(counted)[1]
    lit = sum(n for n, c in counted if c != most)
    assert 0 < lit < 0.35 * panel.width * panel.height
    edge = {image.getpixel((x, y)) for x in (0, panel.width - 1) for y in (0, panel.height - 1)}
    assert edge == {most}


@pytest.mark.parametrize("shades", [1, 2, 17, 256, 3000])
def test_png_gives_back_every_pixel(shades):
    image = Image.new("RGB", (64, 64))
    image.putdata([((i % shades) * 7 % 256, (i % shades) // 37, i % shades % 255) for i in range(64 * 64)])
    data = png.encode_png(image)
    with Image.open(io.BytesIO(data)) as again:
        assert again.convert("RGB").tobytes() == image.tobytes()
    assert png.encode_png(image.copy()) == data


def _gif(layout, panel, leds=False):
    image = Image.open(io.BytesIO(preview.render_gif(layout, panel.fps, leds)))
    shown = []
    for n in range(getattr(image, "n_frames", 1)):
        image.seek(n)
        shown.append((image.convert("RGB"), image.info.get("duration", 0)))
    return shown


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


@pytest.mark.parametrize("panel", PANELS.values(), ids=PANELS)
def test_a_strip_moves_by_the_same_number_of_pixels_from_frame_to_frame(panel):
    layout = layout_slogan(SLOGANS[0], Style(effect="scroll"), panel, 8000)
    times = [Fraction(n * 1000, panel.fps) for n in range(layout.pass_ms * panel.fps // 1000)]
    places = [animation.get_frame_offset(layout, t)[0] for t in times]
    steps = {b - a for a, b in pairwise(places)}
    assert len(steps) == 1
    assert places[-1] + steps.pop() == layout.width - panel.width


def test_a_png_of_what_moves_shows_a_telling_moment():
    layout = layout_slogan(SLOGANS[0], Style(effect="scroll"), TAXI, 8000)
    with Image.open(io.BytesIO(preview.render_png(layout))) as image:
        assert image.size == (TAXI.width, TAXI.height)
        assert image.convert("RGB").getbbox()[0] <= 8
    with Image.open(io.BytesIO(preview.render_png(layout, leds=True))) as image:
        scale = led_preview.get_led_scale(TAXI.width)
        assert image.size == (TAXI.width * scale, TAXI.height * scale)


def test_leds_in_a_gif():
    layout = layout_slogan(SLOGANS[1], Style(), ROOF, 8000)
    assert {image.size for image, _ in _gif(layout, ROOF, leds=True)} == {(96 * 12, 16 * 12)}


@pytest.mark.parametrize("color", ["#ffffff", "#ffff00", "#000000"])
def test_text_over_a_picture_stands_out(color):
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


def test_text_stands_on_black_where_there_are_no_shades():
    layout = layout_slogan("放心消费", Style(), ROOF, 8000)
    assert (
        text_over_image.render_text_over_image(layout, _quarters(50, 50)).tobytes() == render_slogan(layout).tobytes()
    )


def test_a_picture_on_leds_is_dimmed_until_daylight_leaves_the_text_its_contrast():
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
