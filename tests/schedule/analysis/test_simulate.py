"""A campaign on paper: counted over whole loops, equal play for play to what a player steps through."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signage.model.campaign import Campaign
from signage.model.screen import OperatingHours, Screen
from signage.model.takeover import Takeover
from signage.schedule.analysis.loop_counts import PlayCount, count_loop_plays
from signage.schedule.analysis.simulate import ScreenForecast, assume_approved, iter_planned_programs, simulate
from signage.schedule.live_content import Rotation
from signage.schedule.rotation.rotation_cache import RotationCache
from signage.schedule.snapshot import ScheduleSnapshot
from tests.schedule.builders import (
    build_campaign,
    build_lengths,
    build_loops,
    build_screen,
    build_snapshot,
    parse_instant,
    parse_local_time,
    rotate_in_order,
)
from tests.schedule.strategies import build_snapshot_and_oracle, oracle_examples, oracle_inputs
from tests.support.examples import examples

MS = timedelta(milliseconds=1)
DAY = (parse_instant("2021-03-10T00:00+08:00"), parse_instant("2021-03-11T00:00+08:00"))
ONE_DAY = {"from": parse_local_time("2021-03-10"), "until": parse_local_time("2021-03-11")}
SPOTS = "".join(f'[[item]]\nid = "p{n}"\n' for n in range(1, 7))


def compute_forecast(simulated: Campaign, target: Screen, *, here: ScheduleSnapshot | None = None) -> ScreenForecast:
    here = here or build_snapshot(simulated, screens=(target,))
    known = build_lengths(*here.campaigns)
    return next(simulate(here, simulated, *DAY, lambda panel: build_loops(known)))


def count_by_stepping(rotation: Rotation, length: dict[str, int], position: int, span: int) -> dict[str, PlayCount]:
    """A player: it begins inside an item, plays one after the other, and is cut at the end."""
    found = {name: PlayCount() for name in rotation.entries}
    at_ms = -position
    number = 0
    while at_ms < span:
        name = rotation.entries[number % len(rotation.entries)]
        end = at_ms + length[name]
        shown = min(end, span) - max(at_ms, 0)
        if shown > 0:
            whole = at_ms >= 0 and end <= span
            found[name] += PlayCount(int(whole), int(not whole), shown)
        at_ms, number = end, number + 1
    return found


names = st.sampled_from(["a", "b", "c"])


@examples(200)
@given(st.lists(names, min_size=1, max_size=6), st.integers(0, 10_000), st.integers(1, 300))
def test_a_tally_counts_what_a_player_steps_through(entries: list[str], position: int, span: int) -> None:
    length = {"a": 1, "b": 7, "c": 20}
    loop_ms = sum(length[name] for name in entries)
    rotation = Rotation(tuple(entries), loop_ms)
    assert count_loop_plays(rotation, length.__getitem__, position % loop_ms, span) == count_by_stepping(
        rotation, length, position % loop_ms, span
    )


def test_shares_are_kept_over_the_day() -> None:
    shares = (2000, 400, 200, 200, 600, 200)
    placed = "".join(f'[[placement]]\nitems = ["p{n}"]\nshare = {share}\n' for n, share in enumerate(shares, 1))
    found = compute_forecast(build_campaign(SPOTS + placed, **ONE_DAY), build_screen())
    assert [one.count.plays for one in found.items] == [4800, 960, 480, 480, 1440, 480]
    assert all(abs(one.share_asked - one.share_got) < 1e-9 and not one.starved for one in found.items)
    assert not found.off_air_intervals and [note.code for note in found.notes] == ["item-follows-itself"]


def test_weights_are_kept_over_the_day() -> None:
    weighted = "".join(f'[[item]]\nid = "p{n}"\nweight = {w}\n' for n, w in enumerate((10, 2, 1, 1, 3, 1), 1))
    found = compute_forecast(build_campaign(weighted, **ONE_DAY), build_screen())
    assert [one.count.plays for one in found.items] == [4800, 960, 480, 480, 1440, 480]


def test_a_limit_is_each_screens_own() -> None:
    simulated = build_campaign(
        """
        [[item]]
        id = "a"
        [[item]]
        id = "b"
        [[placement]]
        items = ["a"]
        max_per_hour = 2
        [[placement]]
        items = ["b"]
        """,
        **ONE_DAY,
    )
    here = build_snapshot(simulated, screens=tuple(build_screen(f"case-roof-{n}") for n in range(3)))
    known = build_lengths(simulated)
    papers = list(simulate(here, simulated, *DAY, lambda panel: build_loops(known)))
    assert [p.screen for p in papers] == ["case-roof-0", "case-roof-1", "case-roof-2"]
    for found in papers:
        assert 46 <= found.items[0].count.plays <= 48
        assert sum(one.count.ms for one in found.items) == 86_400_000


def format_clock(when: datetime) -> str:
    return f"{when + timedelta(hours=8):%H:%M}"


def test_silence_is_named_with_what_stands_above() -> None:
    simulated = build_campaign(
        """
        [daypart.day]
        from = 08:00:00
        until = 20:00:00
        [[placement]]
        dayparts = ["day"]
        """,
        "low",
        **ONE_DAY,
    )
    above = build_campaign(
        """
        priority = 5
        [daypart.noon]
        from = 12:00:00
        until = 13:00:00
        [[placement]]
        dayparts = ["noon"]
        """,
        "high",
        **ONE_DAY,
    )
    roof = build_screen(
        hours=(
            OperatingHours(parse_local_time("2021-03-10T06:00").time(), parse_local_time("2021-03-10T19:00").time()),
        )
    )
    order = Takeover(
        "t1",
        1,
        ("*",),
        parse_instant("2021-03-10T09:00+08:00"),
        parse_instant("2021-03-10T09:30+08:00"),
        "duty",
        "test",
        blank=True,
    )
    found = compute_forecast(
        simulated, roof, here=build_snapshot(simulated, above, screens=(roof,), takeovers=(order,))
    )
    intervals = [
        (f"{format_clock(s.from_)}-{format_clock(s.until)}", s.kind, s.instead) for s in found.off_air_intervals
    ]
    assert intervals == [
        ("00:00-06:00", "not-due", "operating hours"),
        ("06:00-08:00", "not-due", "fallback"),
        ("09:00-09:30", "takeover", "takeover: t1"),
        ("12:00-13:00", "priority", "high / noon"),
        ("19:00-20:00", "hours", "operating hours"),
        ("20:00-00:00", "not-due", "operating hours"),
    ]  # fmt: skip
    assert found.get_off_air_ms("priority") == 3_600_000


def test_an_item_that_never_shows_is_starved_and_one_that_is_not_due_is_not() -> None:
    low = build_campaign('[[item]]\nid = "a"\n[[item]]\nid = "b"\nfrom = 2021-03-20T00:00:00', "low", **ONE_DAY)
    high = build_campaign("priority = 1", "high", **ONE_DAY)
    found = compute_forecast(low, build_screen(), here=build_snapshot(low, high, screens=(build_screen(),)))
    assert [(one.item, one.starved) for one in found.items] == [("low/a", True), ("low/b", False)]


def test_a_campaign_that_waits_is_rehearsed_as_if_it_were_approved() -> None:
    simulated = build_campaign("", **ONE_DAY)
    here = ScheduleSnapshot((), frozenset({"c"}), screens=(build_screen(),))
    found = compute_forecast(simulated, build_screen(), here=assume_approved(here, simulated))
    assert found.items[0].count.plays == 8640


def test_days_are_counted_apart() -> None:
    simulated = build_campaign("")
    here, known = build_snapshot(simulated, screens=(build_screen(),)), build_lengths(simulated)
    begin = parse_instant("2021-03-10T23:00+08:00")
    found = next(simulate(here, simulated, begin, begin + timedelta(hours=3), lambda panel: build_loops(known)))
    assert {day.isoformat(): counts["c/a"].plays for day, counts in found.by_day.items()} == {
        "2021-03-10": 360, "2021-03-11": 720,
    }  # fmt: skip


@pytest.mark.slow
@oracle_examples(60)
@given(oracle_inputs())
def test_a_forecast_counts_what_players_step_through(inputs: dict[str, Any]) -> None:
    here, _ = build_snapshot_and_oracle(inputs)
    known = inputs["lengths"]
    rotations = RotationCache(known, 3_600_000, rotate_in_order)
    begin, end = inputs["day"] - timedelta(hours=31), inputs["day"] + timedelta(hours=29)
    for simulated in here.campaigns:
        for found in simulate(here, simulated, begin, end, lambda panel: rotations):
            target = next(s for s in here.screens if s.id == found.screen)
            plays, shown = count_screen_plays(here, target, rotations, begin, end)
            for one in found.items:
                assert (one.count.plays, one.count.ms) == (plays[one.item], shown[one.item])
            total = sum((s.until - s.from_) // MS for s in found.off_air_intervals)
            ours = sum(shown[one.item] for one in found.items)
            inside = (min(end, simulated.ends_at) - max(begin, simulated.starts_at)) // MS
            assert ours <= max(inside, 0) + sum(shown.values()) and total <= max(inside, 0)


def count_screen_plays(
    here: ScheduleSnapshot, target: Screen, rotations: RotationCache, begin: datetime, end: datetime
) -> tuple[Counter[str], Counter[str]]:
    plays: Counter[str] = Counter()
    shown: Counter[str] = Counter()
    for program in iter_planned_programs(here, target, rotations, begin, end):
        first = max(program.from_, begin)
        if program.rotation is not None:
            length = {name: rotations.get_length_ms(name) for name in program.rotation.entries}
            span = (program.until - first) // MS
            for name, count in count_by_stepping(
                program.rotation, length, program.get_position_ms(first), span
            ).items():
                plays[name] += count.plays
                shown[name] += count.ms
    return plays, shown
