"""A screen without a token asks to be let in, and shows its code on its own panel."""

import threading

from PIL import Image

from signage.player.media.text_image import draw_text
from signage.player.network.enrolment_client import get_hardware_id
from signage.player.player import Player
from signage.player.settings import PlayerConfig
from signage.player.watchdog import Watchdog, notify_service_manager
from tests.support.player_harness import RecordingDriver
from tests.support.screen_server import TOKEN, ScreenServer, create_png


def test_it_shows_the_code_until_it_was_typed_and_then_plays(tmp_path):
    with ScreenServer() as server:
        from datetime import UTC, datetime, timedelta

        server.serve_playlist({"c/red": (create_png((255, 0, 0)), 500)}, begin=datetime.now(UTC) - timedelta(hours=1))
        panel, said = RecordingDriver(), []
        player = Player(PlayerConfig(server.url, tmp_path / "c"), panel, log=said.append)
        thread = threading.Thread(target=player.run, args=(20.0,), daemon=True)
        thread.start()
        server.wait_for(lambda: any("enrolments/e1" in path for _, path, _ in server.requests))
        assert "code: K7PM-3QXD" in said
        assert panel.shown[-1][1].tobytes() == draw_text("K7PM-3QXD", (192, 64)).tobytes()
        server.enrolment = {"screen": "case-roof", "token": TOKEN, "key": server.get_key_id()}
        server.wait_for(lambda: bool(panel.shown) and panel.get_color() == (255, 0, 0))
        player.stop_event.set()
        player.wake_event.set()
        thread.join(15)
        assert (tmp_path / "c" / "token").read_text() == TOKEN
        assert (tmp_path / "c" / "token").stat().st_mode & 0o077 == 0
        asked = next(h for m, p, h in server.requests if m == "POST" and p.endswith("enrolments"))
        assert "Authorization" not in asked
        again = Player(PlayerConfig(server.url, tmp_path / "c"), RecordingDriver())
        assert again.token == TOKEN
        again.lock.release()


def test_a_code_is_readable_on_the_smallest_panels():
    for size in ((96, 16), (128, 16), (192, 64), (640, 32), (1920, 1080)):
        image = draw_text("K7PM-3QXD", size)
        box = image.getbbox()
        assert image.size == size and box is not None
        assert box[2] - box[0] > size[0] * 0.25 or box[3] - box[1] > size[1] * 0.5
        assert box[0] > 0 and box[2] < size[0]
        assert isinstance(image, Image.Image)


def test_the_hardware_keeps_its_name(tmp_path):
    assert get_hardware_id(tmp_path) == get_hardware_id(tmp_path)
    assert len(get_hardware_id(tmp_path)) == 16


def test_a_picture_that_stands_still_ends_the_player():
    now, beat, ended = [0.0], [0.0], []
    dog = Watchdog(lambda: beat[0], lambda: now[0], 30, lambda: ended.append(now[0]))
    now[0] = 29
    assert dog.check() and not ended
    beat[0] = 29
    now[0] = 58
    assert dog.check()
    now[0] = 60
    assert not dog.check() and ended == [60]


def test_without_a_service_manager_nobody_is_told():
    assert not notify_service_manager("READY=1", "")
    assert not notify_service_manager("READY=1", "/nowhere/at/all")
