"""The server's clock is set back and forward while it runs; documents answer the new now, serials never fall."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from signage.protocol import playlist as wire
from signage.protocol.playback import PlaylistTimeline
from tests.e2e.test_up import CAMPAIGN
from tests.support.installation import wait_until

LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))


@pytest.mark.slow
@pytest.mark.skipif(not LIBRARIES, reason="needs libfaketime to set a running server's clock")
@pytest.mark.timeout(600)
def test_the_document_answers_the_new_now_and_its_serial_never_falls(install, monkeypatch):
    office = install(campaigns=False)  # no clips: waiting for a child process is what the library cannot fake
    (office.folder / "playlists" / "one.toml").write_text(CAMPAIGN.format(id="one", text="一句", screens="*"), "utf-8")
    offset = office.folder / "offset"
    offset.write_text("+0", "ascii")
    for name, value in {
        "LD_PRELOAD": str(LIBRARIES[0]),
        "FAKETIME_TIMESTAMP_FILE": str(offset),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }.items():
        monkeypatch.setenv(name, value)
    office.start()
    monkeypatch.delenv("LD_PRELOAD")
    token = office.run_json("screens", "add", "taxi-0001", "--kind", "taxi-roof", "--panel", "taxi-192x64")["token"]
    wait_until(lambda: office.get_playlist(token).status_code == 200, "the screen is known")
    serial = 0
    for hours in (0, -1, 24, -24):
        offset.write_text(f"{hours * 3600:+d}", "ascii")
        now = datetime.now().astimezone() + timedelta(hours=hours)

        def answers_now(now: datetime = now) -> bool:
            found = wire.decode_playlist(office.get_playlist(token).content)
            return found.programs[0].from_ <= now < found.programs[0].until and found.issued_at <= now + timedelta(
                minutes=1
            )

        wait_until(answers_now, f"the document is of a clock {hours} h off", office.read_log)
        found = wire.decode_playlist(office.get_playlist(token).content)
        assert found.serial >= serial and PlaylistTimeline(found).get_now_showing(now).kind == "program"
        serial = found.serial
