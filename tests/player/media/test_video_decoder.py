"""Films in real time: each frame from its time stamp on."""

import os
import time

import pytest

from signage.player.health import PlayerError
from signage.player.media.video_decoder import VideoDecoder
from tests.player.media.sample_media import create_film, is_close_color
from tests.support.screen_server import create_media

PANEL = (32, 16)


@pytest.mark.parametrize("start_ms", [0, 50, 950, 1000, 1500, 2950])
def test_a_film_shows_the_frame_of_its_time_wherever_it_is_joined(tmp_path, start_ms):
    colors = [(250, 0, 0), (0, 250, 0), (0, 0, 250)]
    data = create_film(tmp_path / "film.mp4", colors)
    showing = VideoDecoder(tmp_path / "film.mp4", create_media(data, "video/mp4"), PANEL, start_ms)
    for ms in range(start_ms, 3000, 50):
        until = 200
        while True:
            picture = showing.get_frame(ms)
            if is_close_color(picture.image.getpixel((8, 8)), colors[ms // 1000]) or not until:
                break
            until -= 1
            time.sleep(0.005)
        assert is_close_color(picture.image.getpixel((8, 8)), colors[ms // 1000]), ms
        assert picture.frame_id <= max(ms, start_ms)
    assert is_close_color(showing.get_frame(3500).image.getpixel((8, 8)), colors[2])
    showing.close()


@pytest.mark.parametrize("data", [b"", b"#EXTM3U\nhttp://127.0.0.1/x.ts\n", os.urandom(3000)])
def test_an_invalid_film_is_an_error(tmp_path, data):
    (tmp_path / "x.mp4").write_bytes(data)
    with pytest.raises(PlayerError, match="media-broken"):
        VideoDecoder(tmp_path / "x.mp4", create_media(data, "video/mp4"), PANEL, 0)
