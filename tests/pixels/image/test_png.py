"""PNG encoding."""

import io

import pytest
from PIL import Image

from signage.pixels.image import png


@pytest.mark.parametrize("shades", [1, 2, 17, 256, 3000])
def test_png_gives_back_every_pixel(shades):
    image = Image.new("RGB", (64, 64))
    image.putdata([((i % shades) * 7 % 256, (i % shades) // 37, i % shades % 255) for i in range(64 * 64)])
    data = png.encode_png(image)
    with Image.open(io.BytesIO(data)) as again:
        assert again.convert("RGB").tobytes() == image.tobytes()
    assert png.encode_png(image.copy()) == data
