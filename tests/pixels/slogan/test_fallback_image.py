"""The built-in fallback image."""

import pytest

from signage.pixels.slogan import fallback_image
from tests.pixels.panels import PANELS


@pytest.mark.parametrize("panel", PANELS.values(), ids=PANELS)
def test_the_fallback_image_fits_every_panel_with_a_plain_background(panel):
    image = fallback_image.render_fallback_image(panel)
    assert image.size == (panel.width, panel.height)
    counted = image.getcolors(100_000)
    most = max(counted)[1]
    lit = sum(n for n, c in counted if c != most)
    assert 0 < lit < 0.35 * panel.width * panel.height
    edge = {image.getpixel((x, y)) for x in (0, panel.width - 1) for y in (0, panel.height - 1)}
    assert edge == {most}
