"""A screen without a token enrols, with its code on its own panel."""

import threading

from signage.player.media.text_image import draw_text
from signage.player.network.enrolment_client import get_hardware_id
from signage.player.player import Player
from signage.player.settings import PlayerConfig
from tests.support.player_harness import RecordingDriver
from tests.support.screen_server import TOKEN, ScreenServer, create_png


def test_the_code_is_shown_until_it_is_entered_and_then_the_player_plays(tmp_path):
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


def test_the_hardware_id_is_stable(tmp_path):
    assert get_hardware_id(tmp_path) == get_hardware_id(tmp_path)
    assert len(get_hardware_id(tmp_path)) == 16
