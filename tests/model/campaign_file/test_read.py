"""Reading campaign files: all faults at once, each with its line and key."""

from datetime import UTC, datetime, time, timedelta, timezone
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signage.faults import Refused
from signage.messages import has_message, render_fault, render_hint
from signage.model.campaign_file.partial_campaign import ClipKind, FileCheckContext
from signage.model.campaign_file.read import check_campaign_file, read_campaign
from signage.model.item import Style

GOOD = """\
format = "signage.campaign/1"
id = "315-2021"
title = "2021年3·15国际消费者权益日"
timezone = "Asia/Shanghai"
from = 2021-03-10T00:00:00
until = 2021-03-19T00:00:00

[[item]]
id = "slogan-01"
text = "和谐社会 文明消费"
tags = ["theme"]

[daypart.daytime]
days = ["mon-fri"]

[[placement]]
screens = ["kind:taxi-roof"]
items = ["slogan-*"]
dayparts = ["daytime"]
"""
Place = tuple[int | None, str, str]


def found(
    text: str | bytes, context: FileCheckContext = FileCheckContext(), name: str = "playlists/315-2021.toml"
) -> list[Place]:
    faults = check_campaign_file(name, text, context).faults
    for fault in faults:
        assert fault.location.file == name
        assert has_message(fault.code), fault.code
        for language in ("zh", "en"):
            sentence = render_fault(fault, language) + render_hint(fault, language)
            assert "{" not in sentence.replace("{…}", ""), sentence
    return [(f.location.line, f.location.key, f.code) for f in faults]


def changed(old: str, new: str) -> list[Place]:
    assert old in GOOD
    return found(GOOD.replace(old, new, 1))


def test_a_valid_file_is_read() -> None:
    campaign = read_campaign("playlists/315-2021.toml", GOOD)
    assert campaign.get_item("slogan-01").text == "和谐社会 文明消费"
    assert campaign.starts_at == datetime(2021, 3, 9, 16, tzinfo=UTC)
    assert found(GOOD) == []


def test_every_key_is_read() -> None:
    campaign = read_campaign(
        "315-2021.toml",
        """
        format = "signage.campaign/1"
        id = "315-2021"
        title = "2021年3·15国际消费者权益日"
        theme = "守护安全 畅通消费"
        unit = "bureau"
        timezone = "Asia/Shanghai"
        from = 2021-03-10T00:00:00
        until = 2021-03-19T00:00:00+08:00
        priority = 10
        report_due = 2021-03-18T18:00:00
        color = "#FF2A00"
        background = "#000000"
        [[item]]
        id = "slogan-01"
        text = "一行\\n二行"
        duration_s = 8.5
        weight = 2
        tags = ["theme"]
        title = "第一"
        source = "办公室"
        effect = "scroll"
        size_px = 48
        px_per_s = 60
        [[item]]
        id = "film"
        sha256 = "00000000000000000000000000000000000000000000000000000000000000ff"
        from = 2021-03-12T00:00:00
        until = 2021-03-16T00:00:00
        fit = "blur"
        [daypart.daytime]
        days = ["mon-fri", "2021-03-13", "2021-03-13/2021-03-15", "workday"]
        except = ["2021-03-12"]
        from = 06:30:00
        until = 22:00:00
        [daypart.monthly]
        rrule = "FREQ=MONTHLY;BYMONTHDAY=15"
        [[placement]]
        screens = ["kind:taxi-*", "group:buses", "tag:centre", "unit:bureau", "screen:taxi-000?", "*", "!tag:depot"]
        items = ["tag:theme", "film"]
        dayparts = ["daytime", "monthly"]
        share = 3
        max_per_hour = 30
        min_gap_s = 60
        """,
    )
    slogan, film = campaign.items
    assert (slogan.duration_ms, slogan.weight, slogan.look) == (8500, 2, Style("scroll", None, None, 48, 60))
    assert (film.from_, film.look.fit) == (datetime(2021, 3, 12), "blur")  # noqa: DTZ001
    assert campaign.get_daypart("daytime").from_ == time(6, 30)
    assert campaign.until == datetime(2021, 3, 19, tzinfo=timezone(timedelta(hours=8)))
    assert campaign.look.color == "#ff2a00"
    (placement,) = campaign.placements
    assert (placement.share, placement.order, placement.min_gap_ms) == (3, "fair", 60_000)


def test_all_faults_are_reported_at_once_by_line() -> None:
    assert found(
        """\
format = "signage.campaign/1"
id = "315-2020"
titel = "three"
timezone = "Asia/Shanhai"
from = 2021-03-10
until = 2021-02-30T00:00:00
priority = true

[[item]]
id = "a"
text = "x"
duration_s = nan
weight = 0

[[item]]
id = "a"
text = "x"
file = "/etc/passwd"
tags = ["the theme"]

[[item]]
id = "Ü"

[daypart.daytime]
days = ["monday", "2021-02-30",
  2021-03-12]
from = "06:30"
until = 6:30
rrule = "FREQ=SECONDLY"

[[placement]]
screens = ["taxi-0001", "knd:roof", "!group:the buses"]
items = []
dayparts = ["daytme"]
share = 2.0
order = "lsted"
max_per_hour = 0

[[placement]]
items = "a"
"""
    ) == [
        (1, "title", "key-missing"),
        (2, "id", "id-not-file-name"),
        (3, "titel", "key-unknown"),
        (4, "timezone", "zone-unknown"),
        (5, "from", "moment-without-time"),
        (6, "until", "date-impossible"),
        (7, "priority", "not-whole"),
        (12, "item[1].duration_s", "not-number"),
        (13, "item[1].weight", "not-whole"),
        (16, "item[2].id", "item-twice"),
        (18, "item[2].file", "file-absolute"),
        (18, "item[2].file", "content-several"),
        (19, "item[2].tags", "not-word"),
        (21, "item[3]", "content-none"),
        (22, "item[3].id", "not-id"),
        (25, "daypart.daytime.days", "day-near"),
        (25, "daypart.daytime.days", "day-unreadable"),
        (26, "daypart.daytime.days", "day-not-quoted"),
        (27, "daypart.daytime.from", "not-time"),
        (28, "daypart.daytime.until", "toml-line"),
        (29, "daypart.daytime.rrule", "rrule-not-days"),
        (32, "placement[1].screens", "selector-without-field"),
        (32, "placement[1].screens", "selector-field-unknown"),
        (32, "placement[1].screens", "selector-unreadable"),
        (33, "placement[1].items", "list-empty"),
        (34, "placement[1].dayparts", "daypart-unknown"),
        (35, "placement[1].share", "not-whole"),
        (36, "placement[1].order", "not-one-of-near"),
        (37, "placement[1].max_per_hour", "not-whole"),
        (39, "placement[2].screens", "key-missing"),
        (40, "placement[2].items", "not-list"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('format = "signage.campaign/1"\n', "", [(1, "format", "key-missing")]),
        ('"signage.campaign/1"', '"signage.campaign/2"', [(1, "format", "format-unknown")]),
        ('id = "315-2021"', 'id = "315_2021"', [(2, "id", "not-id")]),
        ('title = "2021', 'title = "  " #', [(3, "title", "text-blank")]),
        ('"Asia/Shanghai"', '"Mars/Olympus"', [(4, "timezone", "zone-unknown-far")]),
        ('"Asia/Shanghai"', '"/etc/localtime"', [(4, "timezone", "zone-unknown")]),
        ('"Asia/Shanghai"', '"Asia"', [(4, "timezone", "zone-unknown")]),
        ("2021-03-10T00:00:00", '"2021-03-10T00:00:00"', [(5, "from", "moment-quoted")]),
        ("2021-03-10T00:00:00", "2021-03-10T00:00", [(5, "from", "time-without-seconds")]),
        ("2021-03-10T00:00:00", "2021-03-10T00:00:00.5", [(5, "from", "fraction-of-second")]),
        ("2021-03-10T00:00:00", "0001-01-01T00:00:00", [(5, "from", "year-out-of-range")]),
        ("2021-03-10T00:00:00", "2021-13-10T00:00:00", [(5, "from", "date-impossible")]),
        ("2021-03-10T00:00:00", "", [(5, "from", "value-missing")]),
        ("2021-03-19T00:00:00", "2021-03-10T00:00:00", [(6, "until", "until-not-after-from")]),
        ("2021-03-19T00:00:00", "2021-03-19T24:00:00", [(6, "until", "date-impossible")]),
        ("2021-03-19T00:00:00", "9999-12-31T23:59:59-23:00", [(6, "until", "year-out-of-range")]),
        ("\n[[item]]", "report_due = 2021-03-01T00:00:00\n[[item]]", [(7, "report_due", "report-before-from")]),
        ("\n[[item]]", "priority = 1001\n[[item]]", [(7, "priority", "not-whole")]),
        ("\n[[item]]", 'color = "red"\n[[item]]', [(7, "color", "not-color")]),
        ("[[item]]", "[item]", [(8, "item", "not-tables")]),
        ('text = "和谐社会 文明消费"', "", [(8, "item[1]", "content-none")]),
        ('text = "和谐社会 文明消费"', "text = 12315", [(10, "item[1].text", "not-text")]),
        ('text = "和谐社会 文明消费"', 'text = "a\\u202Eb"', [(10, "item[1].text", "character-forbidden")]),
        ('text = "和谐社会 文明消费"', 'text = "a\\u0007b"', [(10, "item[1].text", "character-forbidden")]),
        ('text = "和谐社会 文明消费"', f'text = "{"字" * 501}"', [(10, "item[1].text", "text-too-long")]),
        ('text = "和谐社会 文明消费"', 'text = "unclosed', [(10, "item[1].text", "toml-line")]),
        ('text = "和谐社会 文明消费"', 'text = "a"\ntext = "b"', [(11, "item[1].text", "key-twice")]),
        ('tags = ["theme"]', "duration_s = true", [(11, "item[1].duration_s", "not-number")]),
        ('tags = ["theme"]', "duration_s = inf", [(11, "item[1].duration_s", "not-number")]),
        ('tags = ["theme"]', "duration_s = 3601", [(11, "item[1].duration_s", "not-number")]),
        ('tags = ["theme"]', "weight = 10001", [(11, "item[1].weight", "not-whole")]),
        ('tags = ["theme"]', "from = 2021-03-19T00:00:00", [(11, "item[1].from", "item-outside-window")]),
        ('tags = ["theme"]', "until = 2021-03-10T00:00:00", [(11, "item[1].until", "item-outside-window")]),
        ('tags = ["theme"]', "until = 2021-03-20T00:00:00", [(11, "item[1].until", "item-window-cut")]),
        ("daypart.daytime", "daypart._", [
            (13, "daypart._", "not-id"),
            (19, "placement[1].dayparts", "daypart-unknown-far"),
        ]),
        ("[daypart.daytime]", '[[daypart]]\nid = "daytime"', [(13, "daypart", "daypart-not-named")]),
        ('days = ["mon-fri"]', 'days = ["Mon-Fri"]', [(14, "daypart.daytime.days", "day-near")]),
        ('days = ["mon-fri"]', "days = [2021-03-12]", [(14, "daypart.daytime.days", "day-not-quoted")]),
        ('days = ["mon-fri"]', 'days = ["2021-03-15/2021-03-13"]', [(14, "daypart.daytime.days", "day-unreadable")]),
        ('days = ["mon-fri"]', 'days = ["2021-W10-1"]', [(14, "daypart.daytime.days", "day-unreadable")]),
        ('days = ["mon-fri"]', 'rrule = "every day"', [(14, "daypart.daytime.rrule", "rrule-unreadable")]),
        ('days = ["mon-fri"]', 'rrule = "FREQ=DAILY;BYHOUR=8"', [(14, "daypart.daytime.rrule", "rrule-not-days")]),
        ('"kind:taxi-roof"', '"kind:"', [(17, "placement[1].screens", "selector-unreadable")]),
        ('"kind:taxi-roof"', '"!*"', [(17, "placement[1].screens", "screens-none-left")]),
        ('"kind:taxi-roof"', '"screen:[a-z]"', [(17, "placement[1].screens", "selector-unreadable")]),
        ('"kind:taxi-roof"', '"groups:buses"', [(17, "placement[1].screens", "selector-field-unknown")]),
        ('"slogan-*"', '"slogan-02"', [(18, "placement[1].items", "items-match-none")]),
        ('"slogan-*"', '"slogan-*", "tag:them"', [(18, "placement[1].items", "items-match-none")]),
        ('"slogan-*"', '"slogan-*",\n"film-*"', [(19, "placement[1].items", "items-match-none-far")]),
        ('dayparts = ["daytime"]\n', "", [(13, "daypart.daytime", "daypart-unused")]),
        ('dayparts = ["daytime"]', "share = 0\nmin_gap_s = 43201", [
            (13, "daypart.daytime", "daypart-unused"),
            (19, "placement[1].share", "not-whole"),
            (20, "placement[1].min_gap_s", "not-number"),
        ]),
        ("[[placement]]", "[[placments]]", [
            (1, "placement", "placements-none"),
            (13, "daypart.daytime", "daypart-unused"),
            (16, "placments", "key-unknown"),
        ]),
    ],
)  # fmt: skip
def test_one_fault(old: str, new: str, expected: list[Place]) -> None:
    assert changed(old, new) == expected


def test_weights_in_a_listed_order() -> None:
    text = GOOD.replace('tags = ["theme"]', "weight = 2") + 'order = "listed"\n'
    assert found(text) == [(11, "item[1].weight", "weight-when-listed")]


def test_a_repeated_daypart_hides_no_other_fault() -> None:
    text = GOOD + 'shares = 2\n[daypart.daytime]\ndays = ["sat"]\n'
    assert found(text) == [(20, "placement[1].shares", "key-unknown"), (21, "daypart.daytime", "table-twice")]


def test_the_kind_of_a_clip_decides_about_its_duration() -> None:
    def kind(name: str) -> ClipKind | None:
        return "film" if name.startswith("f") else "picture" if name.startswith("p") else "animation"

    def item(file: str, more: str = "") -> str:
        return GOOD.replace('text = "和谐社会 文明消费"', f'file = "{file}"\n{more}')

    context = FileCheckContext(clip_kind=kind)
    assert found(item("film.gif", "duration_s = 5"), context) == [(11, "item[1].duration_s", "film-with-duration")]
    assert found(item("film.gif"), context) == []
    assert found(item("picture.png"), context) == [(8, "item[1].duration_s", "picture-without-duration")]
    assert found(item("picture.png", "duration_s = 5"), context) == []
    assert found(item("animated.gif"), context) == []
    assert found(item("animated.gif", "duration_s = 5"), context) == []
    assert found(item("a.mp4", "duration_s = 5")) == [(11, "item[1].duration_s", "film-with-duration")]
    assert found(item("a.jpg")) == [(8, "item[1].duration_s", "picture-without-duration")]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/etc/passwd", "file-absolute"),
        ("C:/film.mp4", "file-absolute"),
        ("http://example.org/a.mp4", "file-absolute"),
        ("../film.mp4", "file-leaves"),
        ("assets/../../film.mp4", "file-leaves"),
        ("assets\\\\film.mp4", "file-backslash"),
        ("assets/gone.mp4", "file-not-there"),
        ("assets/link.mp4", "file-leaves"),
        ("assets/folder", "file-not-regular"),
        ("", "text-blank"),
    ],
)
def test_a_file_must_be_in_the_installations_folder(path: str, code: str) -> None:
    states = {"assets/link.mp4": "leaves", "assets/folder": "no-file", "assets/film.mp4": "there"}
    context = FileCheckContext(file_state=lambda name: states.get(name, "missing"))  # type: ignore[arg-type,return-value]
    text = GOOD.replace('text = "和谐社会 文明消费"', f'file = "{path}"')
    assert found(text, context) == [(10, "item[1].file", code)]
    assert found(text.replace(f'"{path}"', '"assets/film.mp4"'), context) == []


def test_an_unknown_clip() -> None:
    text = GOOD.replace('text = "和谐社会 文明消费"', f'sha256 = "{"ab" * 32}"')
    assert found(text) == []
    assert found(text, FileCheckContext(clip_kind=lambda _: None)) == [(10, "item[1].sha256", "item-clip-unknown")]
    assert found(text.replace("ab" * 32, "AB" * 32)) == [(10, "item[1].sha256", "not-sha256")]


def test_a_file_name_that_is_no_id() -> None:
    assert found(GOOD, name="playlists/活动.toml") == [(2, "id", "file-name-no-id")]
    assert check_campaign_file("", GOOD).campaign is not None


def test_files_of_other_editors() -> None:
    assert found(GOOD.encode("utf-8-sig")) == found(GOOD.replace("\n", "\r\n").encode()) == []
    assert found(GOOD.encode("utf-16")) == found(GOOD.encode("utf-16-le")) == [(1, "", "encoding-wrong")]
    assert found(GOOD.encode("gb18030")) == [(3, "", "encoding-wrong")]
    assert found(GOOD.replace("\n", "\r").encode()) == [(1, "", "line-ends-cr")]
    assert found(b"\xff" + GOOD.encode()) == [(1, "", "not-utf-8")]
    assert found(b"")[0][2] == "key-missing"


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 10_000_000,
        "a = " + "[" * 2000 + "]" * 2000,
        "a = " + "{a=" * 2000,
        ".".join(["a"] * 1_000_000) + " = 1",
        '"a".' * 100_000 + "b = 1",
        "[" + ".".join(["a"] * 100_000) + "]",
        "x" * 10_000_000,
        'a = "' + "x" * 3_000_000,
        "\n".join(f"k{n} = 1" for n in range(150_000)),
        "[[item]]\n" * 200_000,
        "a = [" + "1," * 1_000_000 + "]",
        '[[placement]]\nscreens = ["*"]\nitems = [' + '"a*b*c",' * 300_000 + "]",
        'a = """' + "\\\n" * 500_000,
    ],
    ids=range(13),
)  # fmt: skip
def test_hostile_files_are_refused_in_bounded_time(text: str) -> None:
    began = process_time()
    faults = check_campaign_file("playlists/a.toml", text).faults
    assert 0 < len(faults) <= 1000
    assert process_time() - began < 20


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_mutant_of_a_good_file_is_refused_or_read(data: st.DataObject) -> None:
    content = bytearray(GOOD.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content)))
        cut = data.draw(st.integers(0, 12))
        content[at : at + cut] = data.draw(
            st.binary(max_size=6) | st.sampled_from([b"\n", b'"', b"[", b"]", b"=", b"{"])
        )
    _refused_or_read(bytes(content))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_noise_is_refused(noise: bytes) -> None:
    with pytest.raises(Refused) as refused:
        read_campaign("playlists/315-2021.toml", noise)
    assert refused.value.faults


def _refused_or_read(content: bytes) -> None:
    try:
        read_campaign("playlists/315-2021.toml", content)
    except Refused as refused:
        assert refused.faults
        for fault in refused.faults:
            assert fault.location.line is None or 1 <= fault.location.line <= content.count(b"\n") + 1
            assert has_message(fault.code)
