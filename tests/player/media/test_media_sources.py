"""Media as frames over time: strips by the formula, pages, animations."""

import os
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from signage.player.health import PlayerError
from signage.player.media.media_sources import open_image
from signage.protocol.playlist import Motion
from tests.player.media.sample_media import create_ramp, encode_image
from tests.support.screen_server import create_media, create_png

RED, GREEN, BLUE = create_png((255, 0, 0)), create_png((0, 255, 0)), create_png((0, 0, 255))


PANEL = (32, 16)


@given(st.integers(33, 600), st.integers(1, 200), st.integers(0, 100_000))
def test_a_strip_shows_the_columns_of_the_formula(width, px_per_s, elapsed_ms):
    strip = create_media(
        encode_image(create_ramp(width)), size=(width, 16), motion=Motion("scroll-left", px_per_s=px_per_s)
    )
    source = open_image(encode_image(create_ramp(width)), strip, PANEL)
    pass_ms = -(-(width - 32) * 1000 // px_per_s)
    tau = Fraction(elapsed_ms % pass_ms, 1000)
    x = int(tau * px_per_s)
    picture = source.get_frame(elapsed_ms).image
    assert picture.size == PANEL
    assert picture.getpixel((0, 0)) == (x % 256, x // 256, 7)
    assert picture.getpixel((31, 15)) == ((x + 31) % 256, (x + 31) // 256, 7)


def test_pages_follow_one_another():
    tall = Image.new("RGB", (32, 48))
    for n, color in enumerate([(255, 0, 0), (0, 255, 0), (0, 0, 255)]):
        tall.paste(color, (0, 16 * n, 32, 16 * n + 16))
    data = encode_image(tall)
    source = open_image(data, create_media(data, size=(32, 48), motion=Motion("pages", page_ms=3000)), PANEL)
    seen = [source.get_frame(ms).image.getpixel((5, 5)) for ms in (0, 2999, 3000, 6000, 8999, 9000)]
    red, green, blue = (255, 0, 0), (0, 255, 0), (0, 0, 255)
    assert seen == [red, red, green, blue, blue, red]


def test_an_animation_with_delays_of_zero_takes_a_tenth_of_a_second_each():
    frames = [Image.new("RGB", PANEL, c) for c in ((255, 0, 0), (0, 255, 0))]
    data = encode_image(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=0, loop=0)
    source = open_image(data, create_media(data, "image/gif"), PANEL)
    marks = [source.get_frame(ms).frame_id for ms in (0, 99, 100, 199, 200)]
    assert marks == [0, 0, 1, 1, 0]


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n", RED[:40], os.urandom(500), b"BM" + bytes(200)])
def test_an_invalid_image_is_an_error(data):
    with pytest.raises(PlayerError, match="media-broken"):
        open_image(data, create_media(data), PANEL)
