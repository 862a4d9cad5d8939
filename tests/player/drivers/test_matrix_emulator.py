"""The matrix driver against RGBMatrixEmulator, an independent program: the panel shows the pixels."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

needs_emulator = pytest.mark.skipif(
    importlib.util.find_spec("RGBMatrixEmulator") is None, reason="RGBMatrixEmulator is not installed"
)
# The emulator reads its settings from the current folder, and writes them there if there are none.
SETTINGS = {
    "display_adapter": "raw", "allow_adapter_fallback": False, "pixel_size": 1, "pixel_style": "square",
    "pixel_outline": 0, "log_level": "error",
}  # fmt: skip
SCRIPT = """
import sys
from datetime import UTC, datetime
from PIL import Image
from signage.player.drivers.matrix import MatrixDriver, import_library

assert import_library().__name__ == "RGBMatrixEmulator"
now = datetime.now(UTC)
driver = MatrixDriver("rows=64 cols=64 chain_length=3", 60)
driver.open((192, 64))
picture = Image.linear_gradient("L").resize((192, 64)).convert("RGB")
picture.putpixel((5, 6), (1, 200, 3))

def panel():
    return Image.fromarray(driver._matrix.canvas.display_adapter._last_frame(), "RGB")

for n in range(3):
    driver.show_image(picture.rotate(n), now)
    assert panel().tobytes() == picture.rotate(n).tobytes(), n
driver.set_brightness(50)
driver.show_image(picture, now)
assert panel().getpixel((5, 6)) == (0, 100, 1)
driver.show_black(now)
assert panel().getbbox() is None
driver.close(now)
"""


@needs_emulator
def test_the_emulated_panel_shows_the_pixels(tmp_path: Path) -> None:
    (tmp_path / "emulator_config.json").write_text(json.dumps(SETTINGS))
    done = subprocess.run([sys.executable, "-c", SCRIPT], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
