"""An installation that version 0.1.0 left behind comes up with its screens, approvals, plays and proofs intact.

``data/installation-0.1.0.tar.xz`` is what that version wrote: its state folder after a file campaign, a campaign that
``wu`` approved, four plays of ``case-roof`` and a takeover; the plays as its command printed them; its audit bundle;
the token of ``case-roof``.
"""

import json
import tarfile
from pathlib import Path

import pytest
import requests

from tests.support.installation import ServerInstallation

ARCHIVE = Path(__file__).with_name("data") / "installation-0.1.0.tar.xz"


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory):
    """The old state under the present program, started."""
    folder = tmp_path_factory.mktemp("upgrade") / "city"
    installation = ServerInstallation(folder, campaigns=False)
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    installation.start()
    yield installation
    assert installation.stop() == 0


@pytest.mark.slow
def test_plays_are_the_same_rows(upgraded):
    before = json.loads((upgraded.folder / "plays.json").read_text("utf-8"))
    after = upgraded.run_json("plays", "case-roof")
    assert len(before["plays"]) == 4 and after["gaps"] == before["gaps"]
    for old, new in zip(before["plays"], after["plays"], strict=True):
        assert {key: new[key] for key in old} == old


@pytest.mark.slow
def test_an_approved_campaign_is_still_on_its_screen(upgraded):
    shown = upgraded.run_json("explain", "case-roof")
    assert shown["program"]["why"].startswith("civic") and shown["item"].startswith("civic/")
    street = upgraded.run_json("explain", "case-street")
    assert street["item"].startswith("files/")


@pytest.mark.slow
def test_a_token_and_a_serial_outlive_the_upgrade(upgraded):
    token = (upgraded.folder / "token").read_text("utf-8").strip()
    served = {play["serial"] for play in json.loads((upgraded.folder / "plays.json").read_text("utf-8"))["plays"]}
    answer = requests.get(f"{upgraded.url}/s/{token}/playlist.json", timeout=10)
    assert answer.status_code == 200 and answer.json()["serial"] >= max(served)
    for item in answer.json()["items"].values():
        for media in item["media"]:
            assert requests.get(upgraded.url + media["href"], timeout=10).status_code == 200


@pytest.mark.slow
def test_the_log_continues_the_bundle_of_the_version_before(upgraded):
    upgraded.run("audit", "verify", "bundle")
    upgraded.run("audit", "export", "bundle-new")
    upgraded.run("audit", "verify", "bundle-new", "--since", "bundle")
