"""A disk that is full: nothing is acknowledged that is not stored, readiness says so, and all goes on afterwards."""

import json
import os
import subprocess

import pytest

from tests.attacks.wire import request
from tests.support.installation import wait_until

PLAY = {"item": "a/b", "sha256": "0" * 64, "serial": 1, "duration_ms": 8000, "result": "completed"}


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 40 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.getuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", folder]).returncode:
        pytest.skip("needs the right to mount a file system")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_plays_hold_and_readiness_tells_while_the_disk_is_full(install, small_disk):
    office = install(campaigns=False)
    config = office.folder / "config.toml"
    text = config.read_text("utf-8").replace('state = "var"', f'state = "{small_disk}"')
    config.write_text(text.replace("reserve_mb = 16", "reserve_mb = 1"), "utf-8")
    token = office.run_json("screens", "add", "taxi-0001", "--kind", "taxi-roof", "--panel", "taxi-192x64")["token"]
    office.start()

    def send(seq: int) -> int:
        play = {**PLAY, "seq": seq, "started_at": "2026-03-15T08:00:00+08:00"}
        body = json.dumps({"run": "r", "plays": [play]}).encode()
        return request(office.port, "POST", "/screen/v1/plays", body, {"Authorization": f"Bearer {token}"}).status

    assert send(1) == 200
    filler = small_disk / "filler"
    with filler.open("wb") as file:
        try:
            while file.write(b"\0" * 65_536):
                file.flush()
        except OSError:
            pass
    wait_until(lambda: send(2) == 507, "plays are refused", office.read_log)
    wait_until(lambda: not office.is_ready(), "readiness tells", office.read_log)
    assert office.get_playlist(token).status_code == 200
    filler.unlink()
    wait_until(office.is_ready, "all is well again", office.read_log)
    assert send(2) == 200
    rows = office.run_json("plays", "taxi-0001")["plays"]
    assert [row["seq"] for row in rows] == [1, 2]
