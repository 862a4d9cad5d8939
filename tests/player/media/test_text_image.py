"""Enrolment codes as images."""

from PIL import Image

from signage.player.media.text_image import draw_text


def test_a_code_is_readable_on_the_smallest_panels():
    for size in ((96, 16), (128, 16), (192, 64), (640, 32), (1920, 1080)):
        image = draw_text("K7PM-3QXD", size)
        box = image.getbbox()
        assert image.size == size and box is not None
        assert box[2] - box[0] > size[0] * 0.25 or box[3] - box[1] > size[1] * 0.5
        assert box[0] > 0 and box[2] < size[0]
        assert isinstance(image, Image.Image)
