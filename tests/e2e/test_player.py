"""Real players against the real server: what shows, what is told, and what happens when either of them goes away."""

import io
import json
import re
import socket
import sqlite3
import struct
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import av
import pytest
import requests
from PIL import Image, ImageChops, ImageStat

from signage.protocol import playlist as wire
from signage.protocol.playback import PlaylistTimeline
from tests.support.installation import ServerInstallation, wait_until
from tests.support.scheduling_delay import SchedulingDelay

CAMPAIGN = """
format = "signage.campaign/1"
id = "{id}"
title = "{id}"
timezone = "Asia/Shanghai"
from = 2021-03-01T00:00:00
until = 2051-04-01T00:00:00
{items}
[[placement]]
screens = ["screen:case-roof"]
items = ["*"]
order = "listed"
"""


def campaign(name: str, *items: tuple[str, str, int]) -> str:
    tables = [f'[[item]]\nid = "{i}"\ntext = "{text}"\nduration_s = {s}\n' for i, text, s in items]
    return CAMPAIGN.format(id=name, items="".join(tables))


class Roof:
    """A roof screen, its campaign file and its player."""

    def __init__(self, office: ServerInstallation, name: str, *items: tuple[str, str, int]) -> None:
        self.office, self.name = office, name
        config = office.folder / "config.toml"
        config.write_text(config.read_text("utf-8").replace("poll_seconds = 30", "poll_seconds = 1"), "utf-8")
        self.write(*items)
        office.start()
        facts = ("--kind", "taxi-roof", "--panel", "taxi-192x64")
        added = office.run_json("screens", "add", "case-roof", *facts)
        self.token, self.key = added["token"], added["key"]
        wait_until(
            lambda: items[0][1] in office.get_playlist(self.token).text,
            "the campaign is on its screen",
            office.read_log,
        )
        self.cache = office.folder / "roof"
        self.process: subprocess.Popen[bytes] | None = None

    def write(self, *items: tuple[str, str, int]) -> None:
        (self.office.folder / "playlists" / f"{self.name}.toml").write_text(campaign(self.name, *items), "utf-8")

    def play(self, *more: str, driver: str = "frames") -> "Roof":
        self.process = subprocess.Popen(
            [sys.executable, "-m", "signage", "player", "--server", self.office.url, "--token", self.token,
             "--cache", str(self.cache), "--driver", driver, "--key", self.key, *more],
            cwd=self.office.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        return self

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            assert self.process.wait(30) == 0
            self.process = None

    def frames(self) -> dict[datetime, Image.Image]:
        return _frames(self.cache)

    def plays(self) -> list[dict]:
        return self.office.run_json("plays", "case-roof")["plays"]

    def preview(self, item: str) -> Image.Image:
        return _preview(self.office, f"{self.name}/{item}")


@pytest.fixture
def roof(install, request):
    made = []

    def make(name: str, *items: tuple[str, str, int]) -> Roof:
        made.append(Roof(install(campaigns=False), name, *items))
        return made[-1]

    yield make
    for one in made:
        if one.process is not None:
            one.process.kill()


THREE = (("i1", "一", 2), ("i2", "二", 2), ("i3", "三", 2))


@pytest.mark.slow
def test_the_frames_are_the_previews_pixels_at_the_instants_of_the_document(roof):
    one = roof("bug-16", *THREE).play()
    wait_until(lambda: len(one.frames()) >= 8, "eight items have shown")
    one.stop()
    previews = {item: one.preview(item).tobytes() for item, _, _ in THREE}
    for n, (at, image) in enumerate(one.frames().items()):
        due = one.office.run_json("explain", "case-roof", "--at", at.isoformat(timespec="milliseconds") + "+08:00")
        assert image.tobytes() == previews[due["item"].split("/")[1]], at
        assert n == 0 or (at.microsecond == 0 and at.second % 2 == 0)


@pytest.mark.slow
def test_each_slot_is_one_play_of_its_whole_length(roof):
    with SchedulingDelay() as late:
        one = roof("bug-16", *THREE).play(driver="null")
        wait_until(
            lambda: len([p for p in one.plays() if p["result"] == "completed"]) >= 6, "six items were shown whole"
        )
        one.stop()
    plays = one.plays()
    assert [p["seq"] for p in plays] == list(range(1, len(plays) + 1))
    within = late.get_allowed_ms(2)  # within 50 ms a turn is told as due; times are rounded to the ms
    ends = [_ended(p).timestamp() * 1000 for p in plays[:-1]]
    assert all(abs(end - round(end / 2000) * 2000) <= within for end in ends)
    whole = plays[1:-1]
    assert all(p["result"] == "completed" and abs(p["duration_ms"] - 2000) <= within for p in whole)
    slots = [round(_started(p).timestamp() / 2) for p in plays[1:]]
    assert slots == list(range(slots[0], slots[0] + len(slots)))
    assert all(abs(_apart_ms(a, b)) <= within for a, b in pairwise(plays))
    assert {p["item"] for p in plays} == {"bug-16/i1", "bug-16/i2", "bug-16/i3"}


@pytest.mark.slow
def test_a_single_still_is_one_play_a_slot_and_never_black(roof):
    one = roof("bug-18", ("only", "唯一", 2)).play()
    wait_until(lambda: len([p for p in one.plays() if p["result"] == "completed"]) >= 3, "three slots have passed")
    one.stop()
    assert len(one.frames()) == 1
    assert next(iter(one.frames().values())).getbbox() is not None


@pytest.mark.slow
def test_a_withdrawn_item_leaves_at_the_switch(roof):
    one = roof("bug-46", ("a", "撤下", 600), ("b", "留下", 10)).play()
    wait_until(lambda: one.frames(), "something shows")
    shows_a = one.office.run_json("explain", "case-roof")["item"] == "bug-46/a"
    one.write(("b", "留下", 10))
    wait_until(lambda: "撤下" not in one.office.get_playlist(one.token).text, "the edit is published")
    wait_until(lambda: any(p["item"] == "bug-46/a" for p in one.plays()) or not shows_a, "the item has left")
    one.stop()
    if shows_a:
        (left,) = [p for p in one.plays() if p["item"] == "bug-46/a"]
        assert left["result"] == "cut" and 0 < left["duration_ms"] < 60_000
    assert one.plays()[-1]["item"] == "bug-46/b"


@pytest.mark.slow
def test_while_the_server_is_away_it_plays_on_and_all_arrives_once(roof):
    with SchedulingDelay() as late:
        one = roof("bug-16", *THREE).play()
        wait_until(lambda: len(one.plays()) >= 2, "plays arrive")
        one.office.kill()
        before = len(one.frames())
        wait_until(lambda: len(one.frames()) >= before + 4, "it plays on without the server")
        one.office.start()
        last = max(one.frames())
        wait_until(lambda: any(_ended(p) > last for p in one.plays()), "the plays made meanwhile arrive")
        one.stop()
    told = one.office.run_json("plays", "case-roof")
    assert told["gaps"] == []
    assert [p["seq"] for p in told["plays"]] == list(range(1, len(told["plays"]) + 1))
    assert all(abs(_apart_ms(a, b)) <= late.get_allowed_ms(50) for a, b in pairwise(told["plays"]))


@pytest.mark.slow
def test_killed_it_comes_back_to_the_right_item_without_the_server(roof):
    one = roof("bug-16", *THREE).play()
    wait_until(lambda: len(one.frames()) >= 3, "items show")
    one.office.kill()
    one.process.kill()
    one.process.wait(10)
    one.play()
    seen = len(one.frames())
    wait_until(lambda: len(one.frames()) >= seen + 2, "it shows again")
    one.stop()
    previews = {item: one.preview(item).tobytes() for item, _, _ in THREE}
    at, image = list(one.frames().items())[-1]
    due = one.office.run_json("explain", "case-roof", "--at", at.isoformat(timespec="milliseconds") + "+08:00")
    assert image.tobytes() == previews[due["item"].split("/")[1]]


@pytest.mark.slow
def test_what_an_independent_ddp_receiver_gets_are_the_previews_pixels(roof):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as panel:
        panel.bind(("127.0.0.1", 0))
        panel.settimeout(30)
        one = roof("bug-18", ("only", "守护安全 畅通消费", 2))
        one.play("--out", f"127.0.0.1:{panel.getsockname()[1]}", driver="ddp")
        frame = bytearray(192 * 64 * 3)
        while True:
            packet = panel.recv(2000)
            offset, length = struct.unpack(">IH", packet[4:10])
            frame[offset : offset + length] = packet[10:]
            if packet[0] & 1 and any(frame):
                break
        one.stop()
        assert bytes(frame) == one.preview("only").tobytes()


@pytest.mark.slow
def test_a_film_moves_on_the_street_screen_of_the_demo_and_nothing_is_black(install):
    office = install().start("--demo")
    wait_until(lambda: "demo-street: " in office.read_log(), "the links are printed")
    street = dict(re.findall(r"(demo-\w+): http\S+/s/(\w+)/", office.read_log()))["demo-street"]
    wait_until(
        lambda: office.get_playlist(street).text.count('"kind":"film"') == 3,
        "all films are in the loop",
        office.read_log,
    )
    document = wire.decode_playlist(office.get_playlist(street).content)
    shows = PlaylistTimeline(document)
    begin = _next_film(shows, datetime.now(UTC) + timedelta(seconds=8))
    cache = office.folder / "street"
    office.run(
        "player", "--server", office.url, "--token", street, "--cache", str(cache), "--driver", "frames",
        "--fps", "4", "--seconds", str((begin - datetime.now(UTC)).total_seconds() + 7),
    )  # fmt: skip
    frames = {at.replace(tzinfo=ZoneInfo("Asia/Shanghai")): image for at, image in _frames(cache).items()}
    assert frames and all(image.getbbox() is not None for image in frames.values())
    name = shows.get_now_showing(begin).item
    film = [(at, image) for at, image in frames.items() if begin <= at < begin + timedelta(seconds=6)]
    assert len({image.tobytes() for _, image in film}) >= 10, "its frames change"
    media = document.items[name].media[0]
    made = _film_frames(requests.get(office.url + media.href, timeout=30).content)
    for at, image in film:
        due_s = (at - begin).total_seconds()
        far, t = min((_far(_small(image), picture), t) for t, picture in made)
        assert far < 4 and -0.1 <= due_s - t <= 1, f"{name} at {due_s:.2f} s shows {t:.2f} s (differs by {far:.1f})"
    plays = office.run_json("plays", "demo-street")["plays"]
    assert {p["result"] for p in plays} <= {"completed", "cut"}
    assert name in {p["item"] for p in plays}


def _next_film(shows: PlaylistTimeline, after: datetime) -> datetime:
    """When the next film begins."""
    at = after
    while True:
        at += timedelta(milliseconds=shows.get_now_showing(at).remaining_ms)
        item = shows.get_now_showing(at).item
        if item is not None and shows.playlist.items[item].kind == "film":
            return at


def _film_frames(data: bytes) -> list[tuple[float, Image.Image]]:
    with av.open(io.BytesIO(data), "r") as container:
        return [(float(f.time or 0), _small(f.to_image())) for f in container.decode(video=0)]


def _small(image: Image.Image) -> Image.Image:
    return image.resize((96, 54), Image.Resampling.BOX)


def _far(one: Image.Image, other: Image.Image) -> float:
    """How far two small pictures are from each other, in steps of 255 on average."""
    return float(ImageStat.Stat(ImageChops.difference(one, other)).mean[0])


@pytest.mark.slow
def test_a_roof_without_a_token_shows_its_code_and_plays_when_a_person_has_typed_it(install, tmp_path):
    office = install(campaigns=False)
    one = campaign("bug-16", *THREE)
    (office.folder / "playlists" / "bug-16.toml").write_text(one, "utf-8")
    config = office.folder / "config.toml"
    config.write_text(config.read_text("utf-8").replace("workers = 1\n", "workers = 2\n"), "utf-8")
    office.start()
    cache = tmp_path / "new"
    process = subprocess.Popen(
        [
            sys.executable, "-m", "signage", "player", "--server", office.url, "--cache", str(cache),
            "--driver", "frames", "--panel", "192x64",
        ],
        cwd=office.folder, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stderr is not None
        line = next(line for line in process.stderr if line.startswith("code: "))
        code = line.removeprefix("code: ").strip()
        assert re.fullmatch(r"[A-Z0-9]{4}-[A-Z0-9]{4}", code), line
        wait_until(lambda: _frames(cache), "the code is on the panel")
        (panel,) = _frames(cache).values()
        assert panel.size == (192, 64) and panel.getbbox() is not None
        office.stop()  # a restart while the code is on the panel
        office.start()
        typed = {"code": code.lower().replace("-", " "), "id": "case-roof", "kind": "taxi-roof", "panel": "taxi-192x64"}
        answer = requests.post(office.url + "/api/v1/enrolments", headers=_admin(office), json=typed, timeout=10)
        assert answer.status_code == 201, answer.text
        wait_until(lambda: len(_frames(cache)) >= 4, "it plays", office.read_log)
        previews = [_preview(office, f"bug-16/{item}").tobytes() for item, _, _ in THREE]
        assert list(_frames(cache).values())[-1].tobytes() in previews
        wait_until(lambda: office.run_json("plays", "case-roof")["plays"], "its plays arrive")
    finally:
        process.kill()
        process.wait(10)
    token = (cache / "token").read_text("ascii").strip()
    assert token not in office.read_log()
    database = sqlite3.connect(office.folder / "var" / "signage.db")
    assert database.execute("SELECT code, token FROM enrolments").fetchall() == [(code, None)]
    database.close()


def _admin(office: ServerInstallation) -> dict[str, str]:
    made = office.run_json("users", "add", "duty-1", "--role", "admin")
    assert made["user"] == "duty-1"
    return {"Authorization": f"Bearer {office.run_json('tokens', 'add', 'duty-1')['token']}"}


@pytest.mark.slow
def test_the_fleet_beside_its_installation_enrols_and_cleans_up(install):
    office = install().start()
    done = office.run("fleet", "--server", office.url, "--screens", "20", "--seconds", "8", "--interval", "3", "--json")
    outcome = json.loads(done.stdout)
    assert outcome["errors"] == {} and outcome["documents"] >= 20
    assert outcome["latency_ms"]["count"] == outcome["requests"]
    left = [s for s in office.run_json("screens", "list") if str(s).count("fleet-")]
    assert left == []


def _frames(cache: Path) -> dict[datetime, Image.Image]:
    found = {}
    for path in sorted((cache / "frames").glob("*.png")):
        at = datetime.strptime(path.stem, "%Y-%m-%dT%H-%M-%S.%f")  # noqa: DTZ007 - the zone is the screen's
        found[at] = Image.open(path).convert("RGB")
    return found


def _preview(office: ServerInstallation, item: str) -> Image.Image:
    path = office.folder / f"{item.replace('/', '-')}.png"
    office.run("preview", item, "--panel", "taxi-192x64", "-o", str(path))
    return Image.open(path).convert("RGB")


def _apart_ms(a: dict, b: dict) -> float:
    """From the end of one play to the start of the other."""
    return (_started(b) - _ended(a)).total_seconds() * 1000


def _started(play: dict) -> datetime:
    return datetime.fromisoformat(play["started_at"]).replace(tzinfo=None)


def _ended(play: dict) -> datetime:
    return _started(play) + timedelta(milliseconds=play["duration_ms"])
