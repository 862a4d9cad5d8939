"""Each feed with the real program that reads it: they open the items in the order of the loop."""

import os
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from signage.protocol import playlist as pl
from tests.publish.feeds.test_feeds import TITLES
from tests.web.media_server import OffsetClock, add_media, create_film, create_picture, serve
from tests.web.support import TOKEN, FakeInstallation, create_playlist


def needs(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"needs {program}")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[str]]]:
    """The screen's address and the media of its loop from the item that shows now on: still, film, still, still."""
    server = FakeInstallation(tmp_path_factory.mktemp("blobs"), clock=OffsetClock())
    stills = [add_media(server, create_picture(color), "image/png") for color in ("#c00000", "#00c000", "#0000c0")]
    clip = add_media(server, create_film(0.4, (90, 90, 0)), "video/mp4")
    items = {
        f"c/t{i}": pl.PlaylistItem(kind="slogan", text=text, duration_ms=1000, media=(still,))
        for i, (text, still) in enumerate(zip(TITLES, stills, strict=True))
    }
    items["c/film"] = pl.PlaylistItem(kind="film", title="12315 热线", duration_ms=400, media=(clip,))
    order = ["c/t0", "c/film", "c/t1", "c/t0", "c/t2"]
    begins = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=60)
    server.put_playlist(create_playlist(items, order, begins=begins))
    with serve(server) as port:
        yield f"http://127.0.0.1:{port}", [items[name].media[0].href for name in order]


def is_turned(found: list[str], loop: list[str], times: int = 1) -> bool:
    """Whether *found* is *loop* from one of its places on, *times* over."""
    return any(found == (loop[i:] + loop[:i]) * times for i in range(len(loop)))


def run(*command: str, **more: object) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, **more)  # type: ignore[call-overload]
    return str(done.stdout + done.stderr)


@needs("mpv")
def test_mpv_plays_the_loop_in_order(root: tuple[str, list[str]]) -> None:
    base, hrefs = root
    told = run(
        "mpv", "--no-config", "--vo=null", "--ao=null", "--image-display-duration=0.2", "--loop-playlist=2",
        f"{base}/s/{TOKEN}/playlist.m3u8",
    )  # fmt: skip
    played = re.findall(r"Playing: (\S+)", told)
    assert is_turned([p for p in played if "/media/" in p], [base + href for href in hrefs], 2), told
    assert "Failed" not in told


@needs("cvlc")
@pytest.mark.parametrize("form", ["m3u8", "xspf"])
def test_vlc_plays_the_loop_in_order(root: tuple[str, list[str]], form: str, tmp_path: Path) -> None:
    base, hrefs = root
    own: dict[str, object] = {"env": {**os.environ, "HOME": str(tmp_path)}}
    if os.geteuid() == 0:  # VLC refuses to run as root
        own["user"] = "nobody"
    told = run(
        "cvlc", "-vv", "--vout=dummy", "--aout=dummy", "--no-video", "--play-and-exit",
        f"{base}/s/{TOKEN}/playlist.{form}", **own,
    )  # fmt: skip
    opened = re.findall(r"`(http:\S+/media/\S+)' successfully opened", told)
    assert is_turned(opened, [base + href for href in hrefs]), told[-3000:]


@needs("ffprobe")
def test_every_address_opens(root: tuple[str, list[str]]) -> None:
    base, hrefs = root
    for href in set(hrefs):
        told = run("ffprobe", "-v", "error", "-show_entries", "stream=width,height", "-of", "csv=p=0", base + href)
        assert told.strip() == "192,64"


def test_feedparser_reads_every_item(root: tuple[str, list[str]]) -> None:
    feedparser = pytest.importorskip("feedparser", reason="needs feedparser")
    base, hrefs = root
    feed = feedparser.parse(f"{base}/s/{TOKEN}/playlist.rss")
    assert not feed.bozo
    assert is_turned([entry.media_content[0]["url"] for entry in feed.entries], [base + href for href in hrefs])
    assert sorted(entry.media_content[0]["duration"] for entry in feed.entries) == ["0.4", "1", "1", "1", "1"]
    assert len({entry.id for entry in feed.entries}) == 5
    plain = feedparser.parse(f"{base}/s/{TOKEN}/playlist.rss", sanitize_html=False)
    assert "第一行 第二行" in [entry.title for entry in plain.entries]
    again = feedparser.parse(f"{base}/s/{TOKEN}/playlist.rss", etag=feed.etag, modified=feed.modified)
    assert again.status == 304


def test_a_box_that_reads_smil_finds_its_sequence(root: tuple[str, list[str]]) -> None:
    """As IAdea's boxes and garlic-player do: body, par, seq that repeats, each with its source and length."""
    import requests

    base, hrefs = root
    path = f"{base}/s/{TOKEN}/playlist.smil"
    head = requests.head(path, timeout=10)
    assert head.headers["Content-Type"] == "application/smil+xml" and int(head.headers["Content-Length"]) > 0
    assert (
        requests.head(path, headers={"If-Modified-Since": head.headers["Last-Modified"]}, timeout=10).status_code == 304
    )
    smil = ET.fromstring(requests.get(path, timeout=10).content)
    name = "{http://www.w3.org/ns/SMIL}"
    region = smil.find(f"{name}head/{name}layout/{name}region")
    sequence = smil.find(f"{name}body/{name}par/{name}seq")
    assert region is not None and sequence is not None
    assert is_turned([entry.attrib["src"] for entry in sequence], [base + href for href in hrefs])
    known = {region.attrib["{http://www.w3.org/XML/1998/namespace}id"], region.attrib["regionName"]}
    assert {entry.attrib["region"] for entry in sequence} <= known
    assert sorted(entry.attrib["dur"] for entry in sequence) == ["0.4s", "1s", "1s", "1s", "1s"]
