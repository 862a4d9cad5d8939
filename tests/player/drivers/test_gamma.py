"""Gamma and brightness tables."""

from signage.player.drivers.gamma import LevelTable, compute_levels
from tests.player.drivers.gradient import create_gradient


def test_gamma_and_brightness_keep_thin_strokes_lit():
    assert compute_levels(1.0, 100) == list(range(256))
    assert compute_levels(1.0, 0) == [0] * 256
    assert compute_levels(1.0, 10)[1] == 1 and compute_levels(1.0, 10)[255] == 26
    assert compute_levels(2.2, 100)[128] == 56
    light = LevelTable()
    image = create_gradient((8, 8))
    assert light.apply(image) is image
    assert light.set_brightness(40) and not light.set_brightness(40)
    assert light.apply(image).getpixel((7, 7)) == tuple(compute_levels(1.0, 40)[v] for v in image.getpixel((7, 7)))
