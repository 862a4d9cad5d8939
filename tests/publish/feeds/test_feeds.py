"""The loop of now as players that exist already are told it."""

import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from signage.protocol import playlist as pl
from signage.publish.feeds import FEED_FORMATS, get_current_loop
from signage.publish.feeds.current_loop import format_seconds, get_title
from tests.web.support import TOKEN, FakeInstallation, create_playlist, create_slogan

BASE = "http://signs.example:8080"
AT = datetime(2021, 3, 15, tzinfo=UTC)
XSPF, SMIL, MEDIA = "{http://xspf.org/ns/0/}", "{http://www.w3.org/ns/SMIL}", "{http://search.yahoo.com/mrss/}"
TITLES = ['签合同, 留凭证 & "不贪多" <1>', "第一行\n第二行", "#EXTM3U http://example.invalid/x ]]> 🎬"]


def write(form: str, document: pl.Playlist, at: datetime = AT) -> bytes:
    return FEED_FORMATS[form].encode(get_current_loop(document, at), BASE, 1615766400)


def places(form: str, document: pl.Playlist, at: datetime = AT) -> list[str]:
    """The addresses in the order of the feed."""
    told = write(form, document, at)
    if form == "m3u8":
        return [line for line in told.decode().split("\n") if line and not line.startswith("#")]
    root = ET.fromstring(told)
    if form == "xspf":
        return [found.text or "" for found in root.iter(XSPF + "location")]
    if form == "smil":
        return [found.attrib["src"] for found in root.iter() if "src" in found.attrib]
    return [found.attrib["url"] for found in root.iter(MEDIA + "content")]


def titles(form: str, document: pl.Playlist) -> list[str]:
    told = write(form, document)
    if form == "m3u8":
        return [line.partition(",")[2] for line in told.decode().split("\n") if line.startswith("#EXTINF:")]
    root = ET.fromstring(told)
    if form == "xspf":
        return [found.findtext(XSPF + "title") or "" for found in root.iter(XSPF + "track")]
    if form == "smil":
        return [found.attrib["title"] for found in root.iter() if "src" in found.attrib]
    return [found.findtext("title") or "" for found in root.iter("item")]


def three() -> pl.Playlist:
    items = {f"c/{name}": create_slogan(name, 10_000) for name in "abc"}
    return create_playlist(items, ["c/a", "c/b", "c/a", "c/c"])


def address(name: str) -> str:
    return BASE + create_slogan(name).media[0].href


@pytest.mark.parametrize("form", sorted(FEED_FORMATS))
@pytest.mark.parametrize(
    ("after_s", "order"), [(0, "abac"), (9.999, "abac"), (10, "baca"), (25, "acab"), (39, "caba"), (40, "abac")]
)
def test_it_begins_at_the_very_item_that_shows_and_keeps_one_that_comes_twice(
    form: str, after_s: float, order: str
) -> None:
    assert places(form, three(), AT + timedelta(seconds=after_s)) == [address(name) for name in order]


@pytest.mark.parametrize("form", sorted(FEED_FORMATS))
def test_titles_are_exact_and_on_one_line(form: str) -> None:
    document = create_playlist({f"c/t{i}": create_slogan(text) for i, text in enumerate(TITLES)})
    assert titles(form, document) == [text.replace("\n", " ") for text in TITLES]
    if form == "m3u8":
        lines = write(form, document).decode().splitlines()
        assert [line for line in lines if not line.startswith("#")] == places(form, document)
        for number, line in enumerate(lines):
            if line.startswith("#EXTINF:8,"):
                assert lines[number + 1].startswith(BASE + "/media/")
        assert b"#EXT-X-" not in write(form, document)


@pytest.mark.parametrize("form", sorted(FEED_FORMATS))
@pytest.mark.parametrize("bad", ["\x00", "\x1b", "\ud800", "\ufffe", "\u2028", "\x0b", "\r\n", "\x85"])
def test_characters_that_no_feed_can_hold_do_not_break_it(form: str, bad: str) -> None:
    found = titles(
        form,
        create_playlist(
            {
                "c/a": create_slogan("x").__class__(
                    kind="slogan", text=f"前{bad}后", duration_ms=8000, media=create_slogan("x").media
                )
            }
        ),
    )
    assert found in (["前\ufffd后"], ["前 后"])


def test_titles_fall_back_to_what_there_is() -> None:
    assert get_title("c/a", msgspec.structs.replace(create_slogan("x"), text="", title="片名")) == "片名"
    assert get_title("c/a", msgspec.structs.replace(create_slogan("x"), text=" \n ")) == "c/a"


def test_seconds_are_whole_where_they_are() -> None:
    assert [format_seconds(ms) for ms in (8000, 28_800, 28_804, 100_000, 1)] == ["8", "28.8", "28.804", "100", "0.001"]


def moving() -> pl.Playlist:
    still = create_slogan("x").media[0]
    strip = msgspec.structs.replace(still, motion=pl.Motion("scroll-left", px_per_s=60), width=1920)
    clip = pl.PlaylistMedia("/media/" + "b" * 64 + ".mp4", "video/mp4", "b" * 64, 45678, 192, 64)
    return create_playlist(
        {"c/long": create_slogan("long", 28_804, strip, clip), "c/short": create_slogan("short", 8000, still)}
    )


def test_a_scrolling_slogan_goes_out_as_its_film_and_stills_say_how_long() -> None:
    for form in FEED_FORMATS:
        assert places(form, moving())[0].endswith(".mp4")
    m3u8 = write("m3u8", moving()).decode().split("\n")
    assert m3u8[1].startswith("#EXTINF:28.804,long")
    assert m3u8[3] == "#EXTVLCOPT:image-duration=8"
    smil = ET.fromstring(write("smil", moving()))
    assert [(e.tag.removeprefix(SMIL), e.attrib["dur"]) for e in smil.iter() if "src" in e.attrib] == [
        ("video", "28.804s"),
        ("img", "8s"),
    ]
    xspf = ET.fromstring(write("xspf", moving()))
    assert [found.text for found in xspf.iter(XSPF + "duration")] == ["28804", "8000"]
    rss = ET.fromstring(write("rss", moving()))
    told = [found.attrib for found in rss.iter(MEDIA + "content")]
    assert (told[0]["type"], told[0]["fileSize"], told[0]["duration"]) == ("video/mp4", "45678", "28.804")


def test_smil_has_no_begin_and_repeats_for_ever() -> None:
    root = ET.fromstring(write("smil", three(), AT + timedelta(hours=5)))
    assert not [found for found in root.iter() if "begin" in found.attrib or "end" in found.attrib]
    assert [found.attrib for found in root.iter(SMIL + "seq")] == [{"repeatCount": "indefinite"}]
    refresh = next(m for m in root.iter(SMIL + "meta") if m.get("http-equiv") == "Refresh")
    assert refresh.attrib["content"] == "30"
    nearly = ET.fromstring(write("smil", three(), AT + timedelta(days=1, seconds=-7)))
    assert next(m for m in nearly.iter(SMIL + "meta") if m.get("http-equiv")).attrib["content"] == "8"


def test_rss_has_a_guid_of_its_own_for_every_place() -> None:
    first = ET.fromstring(write("rss", three()))
    later = ET.fromstring(write("rss", three(), AT + timedelta(seconds=10)))
    guids = [found.text for found in first.iter("guid")]
    assert len(set(guids)) == 4
    assert {found.text for found in later.iter("guid")} == set(guids)
    assert guids[0] == create_slogan("a").media[0].sha256 + "-0"


def dark() -> pl.Playlist:
    document = three()
    return msgspec.structs.replace(
        document, programs=(msgspec.structs.replace(document.programs[0], loop=None, why="operating hours"),)
    )


@pytest.mark.parametrize("form", sorted(FEED_FORMATS))
def test_dark_by_order_is_empty_and_outside_all_programs_the_fallback_shows(form: str) -> None:
    assert places(form, dark()) == []
    assert places(form, three(), AT - timedelta(days=1)) == [address("a")]


def parted() -> pl.Playlist:
    """Two programs: until noon, and from noon on the other way round."""
    document = three()
    noon = AT + timedelta(hours=12)
    first = msgspec.structs.replace(document.programs[0], until=noon)
    second = msgspec.structs.replace(document.programs[0], from_=noon, loop="l2")
    loops = {**document.loops, "l2": pl.Loop(20_000, ("c/c", "c/a"))}
    return msgspec.structs.replace(document, loops=loops, programs=(first, second))


@pytest.mark.parametrize("form", sorted(FEED_FORMATS))
def test_tag_and_date_stay_over_items_and_move_at_boundaries_and_changes(server: FakeInstallation, form: str) -> None:
    server.put_playlist(parted())
    client = server.create_client()
    path = f"/s/{TOKEN}/playlist.{form}"

    def tags() -> tuple[str, str]:
        answer = client.get(path)
        assert answer.status_code == 200
        assert answer.content_type == FEED_FORMATS[form].content_type
        assert answer.headers["Content-Length"] == str(len(answer.data))
        return answer.headers["ETag"], answer.headers["Last-Modified"]

    first = tags()
    server.clock.move(15)
    assert tags() == first
    for headers in ({"If-None-Match": first[0]}, {"If-Modified-Since": first[1]}):
        for method in ("GET", "HEAD"):
            answer = client.open(path, method=method, headers=headers)
            assert (answer.status_code, answer.data) == (304, b"")
    server.clock.at = datetime(2021, 3, 15, 12, tzinfo=UTC)
    boundary = tags()
    server.put_playlist(msgspec.structs.replace(parted(), serial=2), modified_at=int(server.clock.at.timestamp()))
    edited = tags()
    server.put_playlist(msgspec.structs.replace(parted(), serial=3), modified_at=int(server.clock.at.timestamp()) + 1)
    again = tags()
    assert len({first, boundary, edited, again}) == 4
    for old, new in ((first, boundary), (boundary, edited), (edited, again)):
        assert old[0] != new[0] and old[1] != new[1]
        assert client.get(path, headers={"If-Modified-Since": old[1]}).status_code == 200
    assert client.get(path, headers={"If-Modified-Since": again[1]}).status_code == 304
    for nonsense in ("Fri, 01 Jan 2100 00:00:00 GMT", "yesterday"):
        assert client.get(path, headers={"If-Modified-Since": nonsense}).status_code == 200


@pytest.mark.parametrize(
    ("headers", "public", "base"),
    [
        ({"Host": "10.0.0.5:8080"}, "", "http://10.0.0.5:8080"),
        ({"Host": "[fd00::1]:80"}, "", "http://[fd00::1]:80"),
        ({"Host": "signs.example"}, "https://public.example/", "https://public.example"),
        ({"Host": 'evil"><x'}, "", "http://localhost:80"),
        ({"Host": "a b"}, "", "http://localhost:80"),
    ],
)
def test_addresses_are_absolute_by_the_name_that_was_asked(
    server: FakeInstallation, headers: dict[str, str], public: str, base: str
) -> None:
    from signage.web.settings import WebConfig

    server.config = WebConfig(public_url=public)
    answer = server.create_client().get(f"/s/{TOKEN}/playlist.m3u8", environ_overrides={"HTTP_HOST": headers["Host"]})
    assert [line for line in answer.text.split("\n") if line.startswith(base + "/media/")]
