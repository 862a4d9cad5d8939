"""The main job from outside: one command, and screens get what the campaigns say."""

import re

import requests

from signage.protocol import playlist as wire
from signage.protocol.signing import SIGNATURE_HEADER, find_verifying_key
from tests.support.installation import wait_until

NOW = "2021-03-15T12:00:00+08:00"


def taxi(installation, name="taxi-0001"):
    return installation.run_json("screens", "add", name, "--kind", "taxi-roof", "--panel", "taxi-192x64")["token"]


def test_one_command_shows_life_on_both_demo_screens(install):
    office = install().start("--demo")
    wait_until(lambda: "demo-street: " in office.read_log(), "the links are printed")
    links = re.findall(r"(demo-\w+): (http\S+)/", office.read_log())
    assert [name for name, _ in links] == ["demo-roof", "demo-street"]
    for person in ("first administrator", "first approver"):
        assert re.search(rf"^{person}.*: http\S+/console/link/\S{{20,}}$", office.read_log(), re.MULTILINE), person
    for name, link in links:
        found = wire.decode_playlist(requests.get(link + "/playlist.json", timeout=10).content)
        assert found.screen == name and any(p.loop and not p.why.startswith("fallback") for p in found.programs)
        for media in (m for item in found.items.values() for m in item.media):
            got = requests.get(office.url + media.href, timeout=10)
            assert got.status_code == 200 and len(got.content) == media.bytes
    street = links[1][1]
    wait_until(
        lambda: any(
            i.kind == "film"
            for i in wire.decode_playlist(requests.get(street + "/playlist.json", timeout=10).content).items.values()
        ),
        "films are made and on the street screen",
        office.read_log,
    )
    assert office.stop() == 0


def test_an_edit_reaches_its_screens_within_a_poll_and_no_others(install):
    office = install(campaigns=False)
    file = office.folder / "playlists" / "one.toml"
    file.write_text(CAMPAIGN.format(id="one", text="第一句", screens="screen:taxi-0001"), "utf-8")
    (office.folder / "playlists" / "two.toml").write_text(
        CAMPAIGN.format(id="two", text="第二句", screens="screen:taxi-0002"), "utf-8"
    )
    office.start()
    touched, other = taxi(office), taxi(office, "taxi-0002")
    wait_until(lambda: "第一句" in office.get_playlist(touched).text, "the slogan is on its screen")
    wait_until(lambda: "第二句" in office.get_playlist(other).text, "the other slogan is on its screen")
    before, same = office.get_playlist(touched), office.get_playlist(other)
    file.write_text(CAMPAIGN.format(id="one", text="改过的一句", screens="screen:taxi-0001"), "utf-8")
    wait_until(lambda: "改过的一句" in office.get_playlist(touched).text, "the edit is on its screen")
    after = office.get_playlist(touched)
    assert wire.decode_playlist(after.content).serial > wire.decode_playlist(before.content).serial
    assert office.get_playlist(other).headers["ETag"] == same.headers["ETag"]


def test_a_broken_file_changes_nothing_and_all_its_faults_are_told(install):
    office = install(campaigns=False)
    file = office.folder / "playlists" / "one.toml"
    good = CAMPAIGN.format(id="one", text="好的一句", screens="*")
    file.write_text(good, "utf-8")
    office.start()
    token = taxi(office)
    wait_until(lambda: "好的一句" in office.get_playlist(token).text, "the slogan is on its screen")
    etag = office.get_playlist(token).headers["ETag"]
    file.write_text(good.replace("duration_s = 8", "duration_s = nan\nwieght = 2").replace('"*"', '"knid:x"'), "utf-8")
    wait_until(lambda: "wieght" in office.read_log(), "the fault is told", office.read_log)
    assert office.get_playlist(token).headers["ETag"] == etag
    done = office.run("check", "--json", check=False)
    assert done.returncode == 1 and done.stdout.count('"error"') >= 3


def test_a_removed_file_ends_its_campaign(install):
    office = install(campaigns=False)
    file = office.folder / "playlists" / "one.toml"
    file.write_text(CAMPAIGN.format(id="one", text="就要撤下", screens="*"), "utf-8")
    office.start()
    token = taxi(office)
    wait_until(lambda: "就要撤下" in office.get_playlist(token).text, "the slogan is on its screen")
    file.unlink()
    wait_until(lambda: "就要撤下" not in office.get_playlist(token).text, "it has left")
    assert "fallback" in office.get_playlist(token).text


def test_a_document_is_signed_and_conditional_requests_are_answered(install):
    office = install().start()
    added = office.run_json("screens", "add", "taxi-0001", "--kind", "taxi-roof", "--panel", "taxi-192x64")
    token, key = added["token"], added["key"]
    wait_until(lambda: office.get_playlist(token).status_code == 200, "the screen is known")
    got = office.get_playlist(token)
    keys = requests.get(
        office.url + "/screen/v1/keys.json", headers={"Authorization": f"Bearer {token}"}, timeout=10
    ).json()["keys"]
    import base64

    pinned = {k["id"]: base64.b64decode(k["ed25519"]) for k in keys}
    assert find_verifying_key(got.content, got.headers[SIGNATURE_HEADER], pinned) == key
    headers = {"Authorization": f"bearer {token}", "If-None-Match": f'"x", W/{got.headers["ETag"]}'}
    assert requests.get(office.url + "/screen/v1/playlist.json", headers=headers, timeout=10).status_code == 304
    assert requests.get(office.url + f"/s/{token}x/playlist.json", timeout=10).status_code == 401
    office.run("screens", "revoke", "taxi-0001")
    wait_until(lambda: office.get_playlist(token).status_code == 403, "the revoked screen is refused")


def test_the_same_inputs_give_the_same_bytes_in_two_installations(install):
    documents = []
    for name in ("here", "there"):
        office = install(name)
        office.run("screens", "add", "taxi-0001", "--kind", "taxi-roof", "--panel", "taxi-192x64")
        documents.append(office.run("playlist", "taxi-0001", "--at", NOW).stdout)
    assert documents[0] == documents[1] and '"315-2021 / ' in documents[0]


def test_a_takeover_wins_at_the_next_poll_and_its_stop_as_well(install):
    office = install().start()
    token = taxi(office)
    wait_until(lambda: office.get_playlist(token).status_code == 200, "the screen is known")
    usual = wire.decode_playlist(office.get_playlist(token).content).poll_seconds
    order = office.run_json(
        "takeover", "start", "--screens", "kind:taxi-roof", "--text", "暴雨红色预警", "--for", "10m", "--why", "storm"
    )
    wait_until(lambda: "暴雨红色预警" in office.get_playlist(token).text, "the takeover is on the screen")
    during = wire.decode_playlist(office.get_playlist(token).content)
    assert during.poll_seconds < usual and during.programs[0].why == f"takeover: {order['id']}"
    office.run("takeover", "stop", order["id"])
    wait_until(lambda: "暴雨红色预警" not in office.get_playlist(token).text, "it has left")


def test_a_second_server_on_the_same_address_is_refused_in_a_sentence(install):
    office = install().start()
    done = office.run("up", "--port", str(office.port), check=False)
    assert done.returncode == 1 and str(office.port) in done.stderr and "Traceback" not in done.stderr


CAMPAIGN = """
format = "signage.campaign/1"
id = "{id}"
title = "{id}"
timezone = "Asia/Shanghai"
from = 2021-01-01T00:00:00
until = 2099-01-01T00:00:00

[[item]]
id = "a"
text = "{text}"
duration_s = 8

[[placement]]
screens = ["{screens}"]
items = ["a"]
"""
