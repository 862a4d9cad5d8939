"""Benchmark: resolve the live content of a screen for a week, and look up what a compiled playlist shows."""

import random
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Any

from signage.bench.support.result_rows import create_row, get_peak_memory_mb, measure_best_s
from signage.faults import Fault
from signage.model.campaign import Campaign, Placement
from signage.model.daypart import Daypart
from signage.model.item import Item
from signage.model.screen import Screen
from signage.protocol import playlist as wire
from signage.protocol.playback import PlaylistTimeline
from signage.schedule.analysis.explain import explain
from signage.schedule.programs import PlannedProgram, plan_programs
from signage.schedule.resolve import list_content_intervals
from signage.schedule.rotation.rotation_cache import RotationCache
from signage.schedule.snapshot import ScheduleSnapshot

_BEGIN = datetime(2021, 3, 9, 16, tzinfo=UTC)
_WEEK = timedelta(days=7)
_DAYS = (("mon-fri",), ("sat", "sun"), (), ("workday",), ("holiday",))
_GOAL_AT_MS = 1.0


def run() -> list[dict[str, Any]]:
    """Return rows for 20 campaigns of 50 items, for 10 and 100 times as many, and for look-ups within a week."""
    rows = []
    for campaigns in (20, 200, 2000):
        installation, lengths = _build_snapshot(campaigns)
        screens = [_build_screen(n) for n in range(20 if campaigns < 2000 else 2)]
        first = measure_best_s(3, partial(_resolve_fresh, installation, screens[0], lengths))
        rows.append(
            create_row("resolve", f"a week of one screen, {campaigns} campaigns × 50, the first of all", first, "s")
        )
        each = measure_best_s(3, partial(_resolve_all, installation, screens, lengths)) / len(screens)
        walk = measure_best_s(3, partial(_visit_items, installation)) or 1e-9
        rows.append(
            create_row(
                "resolve", f"a week of each further screen, {campaigns} campaigns × 50", each, "s", yardstick=walk
            )
        )
    installation, lengths = _build_snapshot(20)
    screen, loops = _build_screen(0), RotationCache(lengths, 3_600_000)
    programs = partial(plan_programs, installation, screen, lengths, _BEGIN, _BEGIN + _WEEK, loops)
    programs()
    rows.append(create_row("resolve", "a week of programs, loops known", measure_best_s(3, programs), "s"))
    shows = PlaylistTimeline(
        _build_playlist(plan_programs(installation, screen, lengths, _BEGIN, _BEGIN + _WEEK, loops), loops, screen)
    )
    ask = measure_best_s(5, partial(_query_timeline, shows))  # seconds for a thousand look-ups are milliseconds for one
    rows.append(
        create_row("resolve", "what is on screen X at T, from its playlist", ask, "ms", yardstick=_GOAL_AT_MS, goal=1.0)
    )
    explain_s = measure_best_s(3, partial(explain, installation, screen, lengths, _BEGIN + timedelta(hours=60), loops))
    rows.append(create_row("resolve", "explain, with its trail", explain_s, "s"))
    rows.append(create_row("resolve", "peak memory", get_peak_memory_mb(), "MB"))
    return rows


def _build_snapshot(campaigns: int) -> tuple[ScheduleSnapshot, dict[str, int | Fault]]:
    rng = random.Random(7)
    generated_campaigns = tuple(_build_campaign(f"c{number:04}", rng) for number in range(campaigns))
    return ScheduleSnapshot(generated_campaigns), {
        f"{c.id}/{i.id}": 1000 * (5 + n % 11) for c in generated_campaigns for n, i in enumerate(c.items)
    }


def _build_campaign(name: str, rng: random.Random) -> Campaign:
    items = tuple(Item(f"i{n}", text="x", weight=1 + n % 3, tags=(f"t{n % 2}",)) for n in range(50))
    parts = tuple(
        Daypart(
            f"d{n}", rng.choice(_DAYS), (), time(rng.randrange(24), rng.choice((0, 15, 30))), time(rng.randrange(24))
        )
        for n in range(3)
    )
    group = f"group:g{rng.randrange(10)}"
    placements = (
        Placement(("kind:taxi-roof",), ("i*",), ("d0", "d1")),
        Placement((group, "!tag:depot"), ("tag:t0",), ("d2",), share=2),
    )
    begin = datetime.combine(datetime(2021, 3, 1, tzinfo=UTC).date(), time(0))
    until = begin + timedelta(days=rng.randrange(9, 40))
    return Campaign(name, name, "Asia/Shanghai", begin, until, items, placements, parts, priority=rng.choice((0, 0, 5)))


def _build_screen(number: int) -> Screen:
    return Screen(f"s{number}", "taxi-roof", "p", "Asia/Shanghai", groups=(f"g{number % 10}",))


def _resolve_fresh(installation: ScheduleSnapshot, screen: Screen, lengths: dict[str, int | Fault]) -> None:
    fresh = ScheduleSnapshot(installation.campaigns)
    list_content_intervals(fresh, screen, lengths, _BEGIN, _BEGIN + _WEEK)


def _resolve_all(installation: ScheduleSnapshot, screens: list[Screen], lengths: dict[str, int | Fault]) -> None:
    for screen in screens:
        list_content_intervals(installation, screen, lengths, _BEGIN, _BEGIN + _WEEK)


def _visit_items(installation: ScheduleSnapshot) -> int:
    """The yardstick: visit every item of the installation once."""
    return sum(len(item.id) for campaign in installation.campaigns for item in campaign.items)


def _build_playlist(programs: tuple[PlannedProgram, ...], loops: RotationCache, screen: Screen) -> wire.Playlist:
    named = {p.rotation.entries: f"l{n}" for n, p in enumerate(programs) if p.rotation}
    names = {name for entries in named for name in entries}
    return wire.Playlist(
        format=wire.PLAYLIST_FORMAT,
        screen=screen.id,
        serial=1,
        issued_at=_BEGIN,
        expires_at=_BEGIN + _WEEK,
        timezone=screen.timezone,
        poll_seconds=30,
        panel=wire.PlaylistPanel("p", 192, 64, "rgb"),
        items={
            n: wire.PlaylistItem(kind="slogan", duration_ms=loops.get_length_ms(n), media=()) for n in sorted(names)
        },
        loops={name: wire.Loop(sum(map(loops.get_length_ms, entries)), entries) for entries, name in named.items()},
        programs=tuple(_build_program(p, named) for p in programs),
        brightness=(),
        fallback=(),
    )


def _build_program(program: PlannedProgram, named: dict[tuple[str, ...], str]) -> wire.Program:
    loop = named[program.rotation.entries] if program.rotation else None
    return wire.Program(program.from_, program.until, loop, program.phase_ms, program.why)


def _query_timeline(shows: PlaylistTimeline) -> None:
    for number in range(1000):
        shows.get_now_showing(_BEGIN + timedelta(seconds=600 * number))
