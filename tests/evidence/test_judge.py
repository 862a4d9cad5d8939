import pytest

from signage.evidence.judge import PlayJudge, judge_play
from signage.protocol.playback import PlaylistTimeline
from tests.evidence.builders import OTHER_SHA, SHA, create_playlist, parse_instant

SHOWS = PlaylistTimeline(create_playlist())


def verdict(when, item="315-2021/a", sha256=SHA, ms=8000, result="completed"):
    return judge_play(SHOWS, item, sha256, parse_instant(f"2021-03-15T{when}+08:00"), ms, result)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"when": "06:00:00"}, "as-planned"),
        ({"when": "06:00:00.900"}, "as-planned"),
        ({"when": "06:00:23.500"}, "as-planned"),  # half a second before its turn
        ({"when": "06:00:08", "item": "315-2021/b"}, "as-planned"),
        ({"when": "06:00:03", "ms": 5000}, "late"),  # joined in the middle of its turn
        ({"when": "06:00:03", "ms": 2000}, "cut"),
        ({"when": "06:00:00", "ms": 3000, "result": "cut"}, "cut"),
        ({"when": "06:00:00", "ms": 12000}, "late"),  # went on into another's turn
        ({"when": "06:00:08"}, "extra"),
        ({"when": "05:00:00"}, "not-planned"),
        ({"when": "23:30:00"}, "not-planned"),  # dark by order
        ({"when": "06:00:00", "item": "315-2021/z"}, "not-planned"),
        ({"when": "06:00:00", "sha256": OTHER_SHA}, "not-approved"),
        ({"when": "06:00:00", "result": "failed", "ms": 0}, "not-shown"),
        ({"when": "06:00:00", "result": "skipped", "ms": 0}, "not-shown"),
        ({"when": "05:00:00", "item": "_signage/still", "ms": 10000}, "as-planned"),
    ],
)
def test_verdicts(said, expected):
    assert verdict(**said) == expected


def test_a_cut_in_the_playlist_is_as_planned():
    # 16 h hold 2400 turns of 24 s: 21:59:56 is in the middle of c's turn, which ends at 22:00:00
    shows = PlaylistTimeline(create_playlist(lengths={"315-2021/a": 7000}))
    start = parse_instant("2021-03-15T21:59:57+08:00")  # 57600 s = 8228 turns of 7 s and 4 s
    assert judge_play(shows, "315-2021/a", SHA, start.replace(second=56), 4000, "cut") == "as-planned"


def test_after_the_playlist_s_end_the_fallback_is_planned():
    assert (
        judge_play(SHOWS, "_signage/still", SHA, parse_instant("2021-03-17T08:00:03+08:00"), 10000, "completed")
        == "as-planned"
    )
    assert (
        judge_play(SHOWS, "315-2021/a", SHA, parse_instant("2021-03-17T08:00:00+08:00"), 8000, "completed")
        == "not-planned"
    )


def test_without_its_playlist_a_play_is_not_judged():
    judges = PlayJudge(lambda screen, serial: None)
    assert judges.get_verdict("s", 1, "a", SHA, parse_instant("2021-03-15T08:00:00Z"), 1, "completed") == "not-judged"
    assert judges.get_flags("s", 1, "a", SHA, parse_instant("2021-03-15T08:00:00Z")) == ("unknown-serial",)


def test_flags_of_unknown_serial_item_and_bytes():
    judges = PlayJudge(lambda screen, serial: create_playlist())
    when = parse_instant("2021-03-15T08:00:00+08:00")
    assert judges.get_flags("s", 7, "315-2021/a", SHA, when) == ()
    assert judges.get_flags("s", 7, "gone", SHA, when) == ("unknown-item",)
    assert judges.get_flags("s", 7, "315-2021/a", OTHER_SHA, when) == ("other-bytes",)
    assert judges.get_flags("s", 7, "315-2021/a", SHA, parse_instant("2021-03-14T08:00:00+08:00")) == ("before-issue",)
