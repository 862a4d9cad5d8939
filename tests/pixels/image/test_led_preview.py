"""Previews of pixels as LEDs."""

from PIL import Image

from signage.pixels.image import led_preview


def test_leds_are_round_with_black_between():
    image = Image.new("RGB", (4, 2), (200, 100, 50))
    image.putpixel((0, 0), (0, 0, 0))
    shown = led_preview.render_leds(image, 8)
    assert shown.size == (32, 16)
    assert shown.getpixel((20, 12)) == (200, 100, 50)
    assert shown.getpixel((16, 8)) == (0, 0, 0)
    assert shown.getpixel((4, 4)) == (led_preview.UNLIT_LEVEL,) * 3
