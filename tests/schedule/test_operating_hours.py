"""Operating hours and brightness: by the clock, by the sun, through the night and the jumps of the clock."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from signage.model.screen import BrightnessStep, OperatingHours
from signage.schedule.operating_hours import list_brightness_changes, list_lit_intervals
from signage.schedule.programs import plan_programs
from tests.schedule.builders import (
    build_campaign,
    build_lengths,
    build_loops,
    build_screen,
    build_snapshot,
    parse_instant,
)

SHANGHAI = (121.47, 31.23)


def format_intervals(spans: tuple[tuple[datetime, datetime], ...], zone: str = "Asia/Shanghai") -> list[str]:
    return [f"{a.astimezone(ZoneInfo(zone)):%d %H:%M}-{b.astimezone(ZoneInfo(zone)):%d %H:%M}" for a, b in spans]


def test_a_screen_without_hours_is_always_lit() -> None:
    begin, end = parse_instant("2021-03-15T00:00+08:00"), parse_instant("2021-03-16T00:00+08:00")
    assert list_lit_intervals(build_screen(), begin, end) == ((begin, end),)


def test_hours_over_midnight_belong_to_the_evening() -> None:
    roof = build_screen(hours=(OperatingHours(time(6, 30), time(1)),))
    begin, end = parse_instant("2021-03-15T00:00+08:00"), parse_instant("2021-03-17T00:00+08:00")
    assert format_intervals(list_lit_intervals(roof, begin, end)) == [
        "15 00:00-15 01:00", "15 06:30-16 01:00", "16 06:30-17 00:00",
    ]  # fmt: skip


def test_several_hours_are_joined() -> None:
    roof = build_screen(hours=(OperatingHours(time(6), time(12)), OperatingHours(time(11), time(14))))
    assert format_intervals(
        list_lit_intervals(roof, parse_instant("2021-03-15T00:00+08:00"), parse_instant("2021-03-16T00:00+08:00"))
    ) == ["15 06:00-15 14:00"]


def test_hours_are_read_from_the_clock_where_an_hour_comes_twice() -> None:
    berlin = build_screen(timezone="Europe/Berlin", hours=(OperatingHours(time(2), time(2, 30)),))
    result = list_lit_intervals(
        berlin, parse_instant("2021-10-31T00:00+02:00"), parse_instant("2021-11-01T00:00+01:00")
    )
    assert [f"{a:%H:%M}-{b:%H:%M}" for a, b in result] == ["00:00-00:30", "01:00-01:30"]


def test_from_sunset_to_a_clock_time_after_midnight() -> None:
    roof = build_screen(position=SHANGHAI, hours=(OperatingHours("sunset", time(1)),))
    result = list_lit_intervals(roof, parse_instant("2021-03-15T12:00+08:00"), parse_instant("2021-03-16T12:00+08:00"))
    assert format_intervals(result) == ["15 18:02-16 01:00"]


def test_without_a_position_or_a_sunrise_the_sun_keeps_office_hours() -> None:
    hours = (OperatingHours("sunrise", "sunset"),)
    begin, end = parse_instant("2021-06-21T00:00+02:00"), parse_instant("2021-06-22T00:00+02:00")
    assert format_intervals(list_lit_intervals(build_screen(hours=hours), begin, end)) == ["21 06:00-21 18:00"]
    polar = build_screen(hours=hours, timezone="Arctic/Longyearbyen", position=(15.6, 78.2))
    assert format_intervals(list_lit_intervals(polar, begin, end), "Arctic/Longyearbyen") == ["21 06:00-21 18:00"]


def test_brightness_says_what_holds_at_the_beginning_and_each_step_after() -> None:
    steps = (BrightnessStep(time(7), 100), BrightnessStep("sunset", 60), BrightnessStep(time(22), 30))
    roof = build_screen(position=SHANGHAI, brightness=steps)
    result = list_brightness_changes(
        roof, parse_instant("2021-03-15T00:00+08:00"), parse_instant("2021-03-16T00:00+08:00")
    )
    assert [(f"{a.astimezone(ZoneInfo('Asia/Shanghai')):%H:%M}", p) for a, p in result] == [
        ("00:00", 30), ("07:00", 100), ("18:02", 60), ("22:00", 30),
    ]  # fmt: skip
    assert list_brightness_changes(build_screen(), result[0][0], result[0][0] + timedelta(days=1)) == (
        (result[0][0], 100),
    )


def test_outside_its_hours_a_screen_is_dark_by_order() -> None:
    what = build_campaign("")
    lengths = build_lengths(what)
    roof = build_screen(hours=(OperatingHours(time(6), time(22)),))
    result = plan_programs(
        build_snapshot(what),
        roof,
        lengths,
        parse_instant("2021-03-15T00:00+08:00"),
        parse_instant("2021-03-16T00:00+08:00"),
        build_loops(lengths),
    )
    assert [(p.why, p.rotation is None) for p in result] == [
        ("operating hours", True), ("c", False), ("operating hours", True),
    ]  # fmt: skip
    assert result[1].from_ == datetime(2021, 3, 14, 22, tzinfo=UTC)
