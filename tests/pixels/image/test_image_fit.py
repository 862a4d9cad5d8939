"""Images fitted to a panel."""

import pytest
from PIL import Image

from signage.pixels.image import image_fit
from tests.pixels.panels import PANELS

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
