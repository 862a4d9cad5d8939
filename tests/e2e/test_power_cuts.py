"""Power cuts at the server: what was acknowledged is there, once; nothing else breaks."""

import os

import pytest
import requests

from signage.protocol import playlist as wire
from tests.support.installation import wait_until

ROUNDS = int(os.environ.get("SIGNAGE_KILL_ROUNDS", "100"))


def play(seq: int) -> dict[str, object]:
    return {
        "seq": seq,
        "item": "315-2021/slogan-01",
        "sha256": f"{seq:064x}",
        "serial": 1,
        "started_at": f"2021-03-15T08:{seq // 60 % 60:02}:{seq % 60:02}.000+08:00",
        "duration_ms": 8000,
        "result": "completed",
    }


def send(office, token: str, batch: list[dict[str, object]]) -> dict[str, object]:
    answer = requests.post(
        office.url + "/screen/v1/plays",
        headers={"Authorization": f"Bearer {token}"},
        json={"run": "r1", "plays": batch},
        timeout=30,
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


@pytest.mark.timeout(1500)
def test_nothing_acknowledged_is_gone_after_a_hundred_power_cuts(install):
    office = install(campaigns=False).start()
    token = office.run_json("screens", "add", "taxi-0001", "--kind", "taxi-roof", "--panel", "taxi-192x64")["token"]
    wait_until(lambda: office.get_playlist(token).status_code == 200, "the screen is known")
    serial, sent = wire.decode_playlist(office.get_playlist(token).content).serial, 0
    for _ in range(ROUNDS):
        batch = [play(seq) for seq in range(sent + 1, sent + 4)]
        answer = send(office, token, batch)
        office.kill()
        sent += 3
        assert answer["acknowledged_through"] == sent and answer["stored"] == 3
        office.start()
        again = send(office, token, batch)
        assert (again["stored"], again["duplicates"], again["acknowledged_through"]) == (0, 3, sent)
        now = wire.decode_playlist(office.get_playlist(token).content).serial
        assert now >= serial
        serial = now
    told = office.run_json("plays", "taxi-0001")
    assert [p["seq"] for p in told["plays"]] == list(range(1, sent + 1)) and told["gaps"] == []
    office.stop()
    exported = office.folder / "bundle"
    office.run("audit", "export", str(exported))
    assert office.run("audit", "verify", str(exported)).returncode == 0
