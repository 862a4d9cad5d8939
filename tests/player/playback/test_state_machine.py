"""Recorded plays of the state machine alone, with clocks of every kind."""

import itertools
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from signage.player.playback.state_machine import LocalRendition, PlaybackStateMachine
from signage.player.storage.play_log import FinishedPlay
from signage.protocol.playback import PlaylistTimeline
from signage.protocol.playlist import Program
from tests.support.player_harness import NOON, create_duration, create_reading
from tests.support.screen_server import create_playlist, create_png

RED, GREEN, BLUE = create_png((255, 0, 0)), create_png((0, 255, 0)), create_png((0, 0, 255))


def ready(shows: PlaylistTimeline, item: str) -> LocalRendition:
    return LocalRendition(shows.playlist.items[item].media[0].sha256, "ready")


class Run:
    """A state machine whose plays are collected."""

    def __init__(self, medium=ready) -> None:
        self.machine = PlaybackStateMachine(medium)
        self.plays: list[FinishedPlay] = []

    def step(self, shows: PlaylistTimeline, at, steady=None, **facts):
        step = self.machine.step(shows, create_reading(at, steady, **facts))
        self.plays += step.ended_plays
        return step.command

    def go(self, shows: PlaylistTimeline, begin, end, every=0.1):
        at = begin
        while at <= end:
            cue = self.step(shows, at)
            at += create_duration(every)
        return cue

    def told(self):
        return [(p.item, p.duration_ms, p.result) for p in self.plays]


def test_the_last_of_three_items_shows_as_long_as_the_others():
    shows = PlaylistTimeline(
        create_playlist({"i1": (RED, 10_000), "i2": (GREEN, 10_000), "i3": (BLUE, 10_000)}, begin=NOON)
    )
    run = Run()
    seen = {s: run.step(shows, NOON + create_duration(s)).slot.item for s in range(61)}
    assert [seen[s] for s in (0, 9, 10, 19, 20, 29, 30, 59)] == ["i1", "i1", "i2", "i2", "i3", "i3", "i1", "i3"]
    assert run.told() == [(i, 10_000, "completed") for i in ("i1", "i2", "i3", "i1", "i2", "i3")]


def test_a_single_image_is_one_play_per_slot():
    shows = PlaylistTimeline(create_playlist({"only": (RED, 8000)}, begin=NOON))
    run = Run()
    run.go(shows, NOON, NOON + create_duration(40))
    assert run.told() == [("only", 8000, "completed")] * 5
    assert [p.started_at for p in run.plays] == [NOON + create_duration(8 * n) for n in range(5)]


def test_a_withdrawn_item_ends_at_the_switch_and_is_recorded_with_its_shown_duration():
    before = PlaylistTimeline(create_playlist({"a": (RED, 600_000), "b": (GREEN, 10_000)}, begin=NOON))
    after = PlaylistTimeline(create_playlist({"b": (GREEN, 10_000)}, begin=NOON, serial=2))
    run = Run()
    run.go(before, NOON, NOON + create_duration(125))
    cue = run.step(after, NOON + create_duration(125.3))
    assert cue.slot.item == "b"
    assert run.told() == [("a", 125_300, "cut")]
    assert run.plays[0].serial == 1


def test_a_new_playlist_with_the_same_content_cuts_nothing():
    before = PlaylistTimeline(create_playlist({"a": (RED, 10_000)}, begin=NOON))
    after = PlaylistTimeline(create_playlist({"a": (RED, 10_000)}, begin=NOON, serial=2, days=2))
    run = Run()
    run.step(before, NOON)
    run.step(after, NOON + create_duration(4))
    run.step(after, NOON + create_duration(10))
    assert run.told() == [("a", 10_000, "completed")]


def test_the_running_item_is_cut_at_the_end_of_a_program():
    noon, half = NOON, NOON + create_duration(25)
    programs = (Program(noon, half, "a", 0, "x"), Program(half, noon + timedelta(days=1), "a", 0, "y"))
    shows = PlaylistTimeline(create_playlist({"a": (RED, 10_000)}, begin=NOON, programs=programs))
    run = Run()
    run.go(shows, NOON, NOON + create_duration(36))
    assert run.told() == [("a", 10_000, "completed")] * 2 + [("a", 5000, "cut"), ("a", 10_000, "completed")]


def test_an_item_joined_in_the_middle_is_not_completed():
    shows = PlaylistTimeline(create_playlist({"a": (RED, 10_000)}, begin=NOON))
    run = Run()
    run.step(shows, NOON + create_duration(7))
    run.step(shows, NOON + create_duration(10))
    assert run.told() == [("a", 3000, "cut")]
    assert run.plays[0].started_at == NOON + create_duration(7)


def test_stopping_the_player_cuts_the_running_item():
    shows = PlaylistTimeline(create_playlist({"a": (RED, 10_000)}, begin=NOON))
    run = Run()
    run.step(shows, NOON)
    assert [(p.duration_ms, p.result) for p in run.machine.stop(create_reading(NOON + create_duration(4)))] == [
        (4000, "cut")
    ]


def test_slots_missed_during_a_short_stall_are_skipped():
    shows = PlaylistTimeline(create_playlist({"a": (RED, 10_000), "b": (GREEN, 5000)}, begin=NOON))
    run = Run()
    run.step(shows, NOON)
    run.step(shows, NOON + create_duration(31))
    assert run.told() == [("a", 31_000, "completed"), ("b", 0, "skipped"), ("a", 0, "skipped"), ("b", 0, "skipped")]


def test_hours_of_suspend_record_no_flood_of_skipped_plays():
    shows = PlaylistTimeline(create_playlist({"a": (RED, 10_000)}, begin=NOON))
    run = Run()
    run.step(shows, NOON)
    run.step(shows, NOON + create_duration(20_000))
    assert len(run.plays) == 1


def test_a_clock_step_ends_the_play_with_the_duration_really_shown():
    shows = PlaylistTimeline(create_playlist({"a": (RED, 10_000), "b": (GREEN, 10_000)}, begin=NOON))
    run = Run()
    run.step(shows, NOON, 100.0)
    cue = run.step(shows, NOON + create_duration(3600 + 13), 104.0)
    assert cue.slot.item == "b"
    assert run.told() == [("a", 4000, "cut")]


def test_an_unset_clock_shows_the_fallback_and_dates_plays_with_it():
    shows = PlaylistTimeline(create_playlist({"a": (RED, 10_000)}, begin=NOON))
    run = Run()
    boot = NOON.replace(year=1970)
    assert run.step(shows, boot, 5.0, heard=False).slot.item == "_signage/still"
    cue = run.step(shows, NOON + create_duration(20), 9.0)
    assert cue.slot.item == "a"
    assert run.told() == [("_signage/still", 4000, "cut")]
    assert run.plays[0].started_at.year == 1970


def test_a_dark_program_records_no_play():
    programs = (Program(NOON, NOON + timedelta(days=1), None, 0, "operating hours"),)
    shows = PlaylistTimeline(create_playlist({"a": (RED, 10_000)}, begin=NOON, programs=programs))
    cue = Run().step(shows, NOON)
    assert cue.dark and cue.slot is None


def test_the_fallback_replaces_a_missing_item_and_the_slot_is_recorded_once():
    def medium(shows, item):
        return LocalRendition("x", "missing") if item == "b" else ready(shows, item)

    shows = PlaylistTimeline(create_playlist({"a": (RED, 10_000), "b": (GREEN, 10_000)}, begin=NOON))
    run = Run(medium)
    run.go(shows, NOON, NOON + create_duration(20))
    assert run.told() == [
        ("a", 10_000, "completed"), ("b", 0, "skipped"), ("_signage/still", 10_000, "completed"),
    ]  # fmt: skip


def test_media_that_arrive_during_their_slot_wait_for_the_next_one():
    here: list[str] = []

    def medium(shows, item):
        return ready(shows, item) if item != "b" or here else LocalRendition(ready(shows, "b").sha256, "missing")

    shows = PlaylistTimeline(create_playlist({"a": (RED, 10_000), "b": (GREEN, 10_000)}, begin=NOON))
    run = Run(medium)
    run.go(shows, NOON, NOON + create_duration(15))
    here.append("now")
    assert run.step(shows, NOON + create_duration(16)).slot.item == "_signage/still"
    run.go(shows, NOON + create_duration(20), NOON + create_duration(40))
    assert run.told()[-1] == ("b", 10_000, "completed")
    assert [p for p in run.told() if p[0] == "b"] == [("b", 0, "skipped"), ("b", 10_000, "completed")]


def test_an_item_that_breaks_while_it_runs_is_failed():
    broken: list[str] = []

    def medium(shows, item):
        return LocalRendition(ready(shows, item).sha256, "broken" if item in broken else "ready")

    shows = PlaylistTimeline(create_playlist({"a": (RED, 10_000), "b": (GREEN, 10_000)}, begin=NOON))
    run = Run(medium)
    run.step(shows, NOON)
    broken.append("a")
    run.machine.mark_failed()
    run.step(shows, NOON + create_duration(0.02))
    run.step(shows, NOON + create_duration(10))
    assert run.told()[0] == ("a", 0, "failed")
    assert run.told()[1][0] == "_signage/still"


@given(
    st.lists(st.integers(200, 20_000), min_size=1, max_size=6),
    st.lists(st.integers(1, 3000), min_size=1, max_size=120),
)
def test_plays_cover_the_time_without_gap_or_overlap(durations, steps):
    entries = {f"i{n}": (RED, ms) for n, ms in enumerate(durations)}
    shows = PlaylistTimeline(create_playlist(entries, begin=NOON))
    run = Run()
    at = NOON
    for step in steps:
        run.step(shows, at)
        at += timedelta(milliseconds=step)
    run.step(shows, at)
    run.plays += run.machine.stop(create_reading(at))
    shown = [p for p in run.plays if p.result in ("completed", "cut")]
    total = sum(p.duration_ms for p in shown)
    assert abs(total - (at - NOON) / timedelta(milliseconds=1)) <= 50 * (len(shown) + 1)
    for a, b in itertools.pairwise(shown):
        gap = (b.started_at - a.started_at) / timedelta(milliseconds=1) - a.duration_ms
        assert abs(gap) <= 100
    turns = [(p.item, p.started_at) for p in run.plays]
    assert len(set(turns)) == len(turns)
