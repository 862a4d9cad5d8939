"""The campaign that ships, on 15 March 2021, with the programs that people play feeds by: the loop in its order.

The documents are those that the press publishes for that morning; the order is stepped through by the rule that says
what shows at an instant, not taken from the feed. Turns are shortened: what is seen here is order, and that all opens.
"""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from signage.config import load_config
from signage.faults import FaultLocation
from signage.library.service import Library
from signage.model.screen import Screen
from signage.model.users import make_cli_actor
from signage.protocol.playback import PlaylistTimeline, get_now_showing
from signage.protocol.playlist import Playlist, decode_playlist
from signage.publish.load_snapshot import ScheduleRules
from signage.server import open_installation
from signage.services.campaigns.folder_watch import FolderWatcher
from signage.services.context import AppContext
from signage.services.evidence.plays import find_published_document
from signage.services.publishing.publisher import Publisher
from signage.services.screens import registry as screens
from signage.store import playlists
from tests.publish.feeds.test_clients import needs, run
from tests.support.clocks import ManualClock
from tests.support.installation import ROOT, wait_until
from tests.web.media_server import serve
from tests.web.support import FakeClock, FakeInstallation

ZONE = "Asia/Shanghai"
MORNING = datetime(2021, 3, 15, 8, 0, 3, tzinfo=ZoneInfo(ZONE))
SCREENS = {"taxi-0001": ("taxi-roof", "taxi-192x64"), "street-0001": ("street", "wall-640x384")}
FILMS = {"315-2021/film-rights", "315-2021/film-12315"}
pytestmark = pytest.mark.slow


class Shipped:
    """The server with the two screens' documents of that morning."""

    def __init__(self, documents: dict[str, Playlist], base: str) -> None:
        self.documents, self.base = documents, base

    def feed(self, screen: str, form: str) -> str:
        return f"{self.base}/s/tok-{screen}/playlist.{form}"

    def turns(self, screen: str) -> int:
        """How many its loop of that morning has."""
        document = self.documents[screen]
        program = get_now_showing(document, MORNING).program
        assert program is not None and program.loop is not None and program.why == "315-2021 / daytime"
        return len(document.loops[program.loop].items)

    def due(self, screen: str, turns: int) -> list[str]:
        """The addresses of what is due from that morning on, turn by turn."""
        shows, at, found = PlaylistTimeline(self.documents[screen]), MORNING, []
        for _ in range(turns):
            shown = shows.get_now_showing(at)
            assert shown.item is not None
            found.append(self.base + shows.playlist.items[shown.item].media[0].href)
            at += timedelta(milliseconds=shown.remaining_ms)
        return found


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shipped]:
    folder = tmp_path_factory.mktemp("office")
    shutil.copy(ROOT / "config.toml", folder)
    for name in ("assets", "playlists"):
        shutil.copytree(ROOT / name, folder / name)
    config = load_config(folder / "config.toml")
    office, library = open_installation(config)
    object.__setattr__(office, "clock", ManualClock(MORNING))
    FolderWatcher(office).scan()
    entries = [(Screen(name, kind, panel, ZONE), FaultLocation()) for name, (kind, panel) in SCREENS.items()]
    screens.create_screens(office, make_cli_actor("li"), entries)
    press = Publisher(office, ScheduleRules(config.schedule_settings, config.calendars), library.create_resolver)
    documents = _pressed(office, library, press)
    server = FakeInstallation(folder, clock=FakeClock(MORNING))
    server.blob = library.find_media
    for screen, document in documents.items():
        server.put_playlist(document, f"tok-{screen}")
    with serve(server) as port:
        yield Shipped(documents, f"http://127.0.0.1:{port}")


def _pressed(office: AppContext, library: Library, press: Publisher) -> dict[str, Playlist]:
    """The documents, once the films are in them."""
    library.start()
    end = time.monotonic() + 120
    try:
        while True:
            press.publish_changes()
            documents = _documents(office)
            if set(documents["street-0001"].items) >= FILMS:
                return documents
            assert time.monotonic() < end, "the films were not converted"
            time.sleep(0.2)
    finally:
        library.stop()


def _documents(office: AppContext) -> dict[str, Playlist]:
    with office.store.read() as connection:
        found = {
            one.screen: find_published_document(connection, one.screen, one.serial)
            for one in playlists.iter_current_playlists(connection)
        }
    return {screen: decode_playlist(content) for screen, content in found.items() if content is not None}


def media_in(told: str, pattern: str) -> list[str]:
    return [address for address in re.findall(pattern, told) if "/media/" in address]


@needs("mpv")
@pytest.mark.parametrize("screen", SCREENS)
def test_mpv_plays_the_whole_loop_of_the_shipped_campaign_in_order(shipped: Shipped, screen: str) -> None:
    told = run(
        "mpv", "--no-config", "--vo=null", "--ao=null", "--untimed", "--cache=no", "--image-display-duration=0.02",
        "--length=0.04", shipped.feed(screen, "m3u8"),
    )  # fmt: skip
    assert media_in(told, r"Playing: (\S+)") == shipped.due(screen, shipped.turns(screen)), told[-3000:]
    assert "Failed" not in told


@needs("cvlc")
@pytest.mark.parametrize("form", ["m3u8", "xspf"])
@pytest.mark.parametrize("screen", SCREENS)
def test_vlc_opens_the_shipped_campaign_in_order(shipped: Shipped, screen: str, form: str, tmp_path: Path) -> None:
    turns = min(30, shipped.turns(screen))
    due = shipped.due(screen, turns)
    assert set(due) == set(shipped.due(screen, shipped.turns(screen))), "each item is among these turns"
    log = tmp_path / "log"
    command = [
        "cvlc", "-vv", "--vout=dummy", "--aout=dummy", "--no-video", "--no-audio", "--network-caching=0", "--rate=100",
        "--play-and-exit", shipped.feed(screen, form),
    ]  # fmt: skip
    user = "nobody" if os.geteuid() == 0 else None  # VLC refuses to run as root
    with log.open("wb") as out:
        vlc = subprocess.Popen(command, stdout=out, stderr=out, user=user, env={**os.environ, "HOME": str(tmp_path)})

    def opened() -> list[str]:
        return media_in(log.read_text("utf-8", "replace"), r"`(http:\S+)' successfully opened")

    try:
        wait_until(lambda: len(opened()) >= turns, "each was opened", lambda: log.read_text("utf-8", "replace")[-3000:])
    finally:
        vlc.kill()
        vlc.wait(10)
    assert opened()[:turns] == due
