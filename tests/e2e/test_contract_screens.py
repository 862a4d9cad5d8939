"""What the contract says of screens, tried from outside: one that lies or misbehaves harms no other."""

import pytest
import requests

from tests.e2e.test_up import CAMPAIGN
from tests.support.installation import wait_until

ROOF = ("--kind", "taxi-roof", "--panel", "taxi-192x64")
ABSURD = (-1, 2**53, 2**63 - 1, 2**63, 10**30)


def put(office, text):
    (office.folder / "playlists" / "one.toml").write_text(CAMPAIGN.format(id="one", text=text, screens="*"), "utf-8")


def shows(office, token, text):
    found = office.get_playlist(token)
    return found.status_code == 200 and found.json()["items"].get("one/a", {}).get("text") == text


@pytest.mark.slow
def test_a_screen_that_tells_absurd_serials_stops_no_publishing(install):
    office = install(campaigns=False)
    put(office, "第一句")
    office.start()
    liar, other = (office.run_json("screens", "add", name, *ROOF)["token"] for name in ("taxi-0001", "taxi-0002"))
    wait_until(
        lambda: shows(office, liar, "第一句") and shows(office, other, "第一句"), "both have it", office.read_log
    )
    for serial in ABSURD:
        told = requests.post(
            f"{office.url}/s/{liar}/status", data=f'{{"serial":{serial},"item":"one/a"}}'.encode(), timeout=10
        )
        assert told.status_code == 204, (serial, told.text)
    before = office.get_playlist(other).json()["serial"]
    put(office, "第二句")
    wait_until(
        lambda: shows(office, liar, "第二句") and shows(office, other, "第二句"), "the edit is out", office.read_log
    )
    assert office.get_playlist(other).json()["serial"] == before + 1
    assert office.get_playlist(liar).json()["serial"] < 2**53
    honest = requests.post(f"{office.url}/s/{liar}/status", data=b'{"serial":500}', timeout=10)
    assert honest.status_code == 204
    wait_until(lambda: office.get_playlist(liar).json()["serial"] > 500, "it is gone on above", office.read_log)
    assert "Traceback" not in office.read_log()


@pytest.mark.slow
def test_every_refusal_of_a_screen_is_a_problem_of_its_own_status(install):
    office = install(campaigns=False).start()
    good, gone = (office.run_json("screens", "add", name, *ROOF)["token"] for name in ("taxi-0001", "taxi-0002"))
    office.run("screens", "revoke", "taxi-0002")
    wait_until(lambda: office.get_playlist(gone).status_code == 403, "it is revoked")
    for method, path, status in (
        ("GET", "/screen/v1/playlist.json", 401),
        ("GET", "/s/BAD/", 401),
        ("GET", "/s/BAD", 401),
        ("GET", "/s/BAD/nothing", 401),
        ("PATCH", "/s/BAD/plays", 401),
        ("GET", f"/s/{gone}/", 403),
        ("POST", f"/s/{gone}/plays", 403),
        ("GET", f"/s/{good}/nothing", 404),
        ("DELETE", f"/s/{good}/playlist.json", 405),
        ("POST", f"/s/{good}/", 405),
        ("GET", "/media/../config.toml", 404),
        ("GET", "/screen/v1/enrolments/nobody", 404),
    ):
        answer = requests.request(method, office.url + path, timeout=10)
        assert answer.status_code == status, (method, path)
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["status"] == status
        assert ("WWW-Authenticate" in answer.headers) == (status == 401)
    assert good not in office.read_log() and gone not in office.read_log()


def test_a_refused_file_that_goes_away_is_told_as_gone(install):
    office = install(campaigns=False)
    broken = office.folder / "playlists" / "two.toml"
    broken.write_text("half a", "utf-8")
    office.start()
    assert "playlists/two.toml:1: " in office.read_log()
    broken.unlink()
    wait_until(lambda: "playlists/two.toml: gone" in office.read_log(), "it is told", office.read_log)
    assert "playlists/two.toml: loaded" not in office.read_log()
