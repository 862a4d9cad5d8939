"""The matrix driver against a fake of rpi-rgb-led-matrix."""

from types import SimpleNamespace

import pytest

from signage.player.drivers.factory import create_driver
from signage.player.drivers.matrix import MatrixDriver, parse_options
from signage.player.health import PlayerError
from tests.player.drivers.gradient import create_gradient
from tests.support.player_harness import NOON


def create_fake_rgbmatrix():
    """Return a fake of rpi-rgb-led-matrix by its documentation: a hidden canvas is shown at the swap."""
    made = []

    class Canvas:
        def __init__(self):
            self.image = None

        def SetImage(self, image, x=0, y=0, unsafe=True):  # noqa: N802
            self.image = image.copy()

        def Clear(self):  # noqa: N802
            self.image = None

    class RGBMatrixOptions:
        def __init__(self):
            self.rows, self.cols, self.chain_length = 32, 32, 1

    class RGBMatrix(Canvas):
        def __init__(self, options):
            super().__init__()
            self.options, self.showing, self.brightness = options, None, 100
            made.append(self)

        def CreateFrameCanvas(self):  # noqa: N802
            return Canvas()

        def SwapOnVSync(self, canvas, framerate_fraction=1):  # noqa: N802
            old, self.showing = self.showing, canvas
            return old or Canvas()

    return SimpleNamespace(RGBMatrix=RGBMatrix, RGBMatrixOptions=RGBMatrixOptions, made=made)


def test_the_matrix_is_double_buffered_and_dimmed_by_its_hardware():
    module = create_fake_rgbmatrix()
    driver = MatrixDriver("rows=64 cols=64 chain_length=3 hardware_mapping=adafruit-hat", 60, module)
    driver.set_brightness(40)
    driver.open((192, 64))
    (panel,) = module.made
    assert (panel.options.rows, panel.options.cols, panel.options.chain_length) == (64, 64, 3)
    assert panel.options.hardware_mapping == "adafruit-hat" and panel.brightness == 40
    shown = []
    for n in range(4):
        driver.show_image(create_gradient((192, 64)).rotate(n), NOON)
        shown.append(panel.showing)
        assert panel.showing.image.tobytes() == create_gradient((192, 64)).rotate(n).tobytes()
    assert shown[0] is not shown[1] and shown[0] is shown[2]
    driver.set_brightness(90)
    assert panel.brightness == 90
    driver.show_black(NOON)
    assert panel.showing.image is None
    driver.close(NOON)


def test_matrix_options_are_name_value_words():
    assert parse_options("rows=64 hardware_mapping=regular") == {"rows": 64, "hardware_mapping": "regular"}
    with pytest.raises(PlayerError, match="driver-option"):
        parse_options("rows 64")


def test_a_missing_matrix_library_is_reported(monkeypatch):
    monkeypatch.setattr("signage.player.drivers.matrix.LIBRARY_NAMES", ("no_such_matrix",))
    with pytest.raises(PlayerError, match="driver-missing rgbmatrix"):
        create_driver("matrix")
