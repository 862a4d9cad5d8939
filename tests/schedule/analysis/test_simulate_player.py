"""The campaign of 15 March 2021: the paper says, play for play, what the player plays by a right clock.

The player is the real one's loop, led from turn to turn by a clock that is moved by hand. It reads one document a day,
each from its issue after midnight to the next, as screens do.
"""

import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest

from signage.model.campaign import Campaign
from signage.model.campaign_file.read import read_campaign
from signage.model.panel import Panel
from signage.model.screen import OperatingHours, Screen
from signage.model.takeover import Takeover
from signage.player.clock import ClockReading
from signage.player.playback.state_machine import LocalRendition, PlaybackStateMachine
from signage.player.storage.play_log import FinishedPlay
from signage.protocol import playlist as wire
from signage.protocol.playback import PlaylistTimeline
from signage.publish import document
from signage.publish.compile import compile_body
from signage.schedule.analysis.simulate import iter_planned_programs, simulate
from signage.schedule.rotation.rotation_cache import RotationCache
from signage.schedule.snapshot import ScheduleSnapshot
from tests.cli.command_runner import CommandRunner
from tests.schedule.builders import build_lengths, parse_instant

ROOT = Path(__file__).parents[3]
FILE = ROOT / "playlists" / "315-2021.toml"
ZONE = ZoneInfo("Asia/Shanghai")
MS = timedelta(milliseconds=1)
DAYS = [date(2021, 3, 10) + timedelta(days=n) for n in range(9)]
FILMS = {"film-rights": 12_400, "film-12315": 10_000, "film-public": 12_400, "strip-rights": 9_960}
SCREENS = (
    Screen("taxi-1", "taxi-roof", "p", ZONE.key),
    Screen("street-1", "street", "p", ZONE.key, hours=(OperatingHours("sunrise", time(21)),)),
    Screen("strip-1", "strip", "p", ZONE.key),
)
ORDER = Takeover(
    "t1",
    1,
    ("kind:street",),
    parse_instant("2021-03-12T10:00:05+08:00"),
    parse_instant("2021-03-12T10:31:17+08:00"),
    "d",
    "t",
    text="x",
)


class Play(NamedTuple):
    item: str
    started_at: datetime
    duration_ms: int
    result: str


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), ZONE).astimezone(UTC)


def collect_plays(documents: Callable[[date], wire.Playlist]) -> list[Play]:
    """What the player says it has shown in those days, led from the end of each turn to the next."""
    machine = PlaybackStateMachine(lambda shows, item: LocalRendition("", "ready"))
    shown: list[FinishedPlay] = []
    start = midnight(DAYS[0])

    def reading(now: datetime) -> ClockReading:
        return ClockReading(now, (now - start).total_seconds(), True)

    for day in DAYS:
        shows, now = PlaylistTimeline(documents(day)), midnight(day)
        while now < midnight(day + timedelta(days=1)):
            step = machine.step(shows, reading(now))
            shown += step.ended_plays
            now += step.command.remaining_ms * MS
    shown += machine.stop(reading(midnight(DAYS[-1] + timedelta(days=1))))
    return [Play(p.item, p.started_at, p.duration_ms, p.result) for p in shown]


def iter_planned_plays(snapshot: ScheduleSnapshot, screen: Screen, rotations: RotationCache) -> Iterator[Play]:
    """The planned programs, written out turn by turn."""
    for program in iter_planned_programs(
        snapshot, screen, rotations, midnight(DAYS[0]), midnight(DAYS[-1] + timedelta(days=1))
    ):
        now = program.from_
        while program.rotation is not None and now < program.until:
            name, into = find_current_entry(program.rotation.entries, rotations, program.get_position_ms(now))
            shown = min(rotations.get_length_ms(name) - into, (program.until - now) // MS)
            whole = shown == rotations.get_length_ms(name)
            yield Play(name, now, shown, "completed" if whole else "cut")
            now += shown * MS


def find_current_entry(entries: Iterable[str], rotations: RotationCache, position: int) -> tuple[str, int]:
    for name in entries:
        if position < rotations.get_length_ms(name):
            return name, position
        position -= rotations.get_length_ms(name)
    raise AssertionError("beyond the loop's end")


def compile_playlist(snapshot: ScheduleSnapshot, screen: Screen, rotations: RotationCache, day: date) -> wire.Playlist:
    def item(name: str) -> wire.PlaylistItem:
        return wire.PlaylistItem(kind="slogan", duration_ms=rotations.get_length_ms(name), media=())

    body = compile_body(snapshot, screen, Panel("p", 192, 64), day, rotations, item)
    head = document.encode_header(screen.id, 1, midnight(day), ZONE)
    return wire.decode_playlist(document.join(head, document.encode_shared_body(body, midnight(day), 30)))


def count_plays(plays: Iterable[Play]) -> Counter[tuple[str, str]]:
    """Plays under (item, result), and ms under (item, ``ms``)."""
    shown: Counter[tuple[str, str]] = Counter()
    for play in plays:
        shown[play.item, play.result] += 1
        shown[play.item, "ms"] += play.duration_ms
    return shown


def compute_lengths(campaign: Campaign) -> dict[str, Any]:
    return (
        build_lengths(campaign) | {f"{campaign.id}/{name}": ms for name, ms in FILMS.items()} | {"_takeover/t1": 7000}
    )


@pytest.mark.slow
@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.id)
def test_the_paper_is_play_for_play_what_the_player_plays(screen: Screen) -> None:
    """With hours that follow the sun, and a takeover that cuts what runs and ends in the middle of a turn."""
    campaign = read_campaign(FILE.name, FILE.read_bytes())
    snapshot = ScheduleSnapshot((campaign,), takeovers=(ORDER,), screens=(screen,))
    rotations = RotationCache(compute_lengths(campaign), 3_600_000)
    plays = collect_plays(lambda day: compile_playlist(snapshot, screen, rotations, day))
    assert plays == list(iter_planned_plays(snapshot, screen, rotations))
    paper = next(simulate(snapshot, campaign, campaign.starts_at, campaign.ends_at, lambda panel: rotations))
    counts = count_plays(plays)
    assert sum(one.count.plays for one in paper.items) > 1000
    for one in paper.items:
        got = (one.count.plays, one.count.cut, one.count.ms)
        assert got == tuple(counts[one.item, kind] for kind in ("completed", "cut", "ms")), one.item
    for day, items in paper.by_day.items():
        today = count_plays(p for p in plays if p.started_at.astimezone(ZONE).date() == day)
        for name, count in items.items():
            assert (count.plays, count.ms) == (today[name, "completed"], today[name, "ms"]), (day, name)


@pytest.mark.slow
def test_the_commands_say_what_the_player_plays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The installation that ships, films and all: ``signage simulate`` beside the documents of ``signage playlist``."""
    shell = CommandRunner(tmp_path, capsys)
    for name in ("assets", "playlists"):
        shutil.copytree(ROOT / name, tmp_path / name, dirs_exist_ok=True)
    shutil.copy(ROOT / "config.toml", tmp_path)
    panels = {"taxi-roof": "taxi-192x64", "street": "wall-640x384", "strip": "strip-640x32"}
    for kind, panel in panels.items():
        assert shell("screens", "add", f"{kind}-1", "--kind", kind, "--panel", panel).status == 0
    assert shell("screens", "set", "street-1", "--hours", "07:00-21:00").status == 0
    for day in DAYS:
        ran = shell("playlist", "--all", "--at", f"{day}T00:00:00", "-o", str(tmp_path / str(day)))
        assert ran.status == 0, ran.err
    told = shell("simulate", "315-2021", "--json").json["screens"]
    assert [one["screen"] for one in told] == sorted(f"{kind}-1" for kind in panels)
    for one in told:
        plays = collect_plays(
            lambda day, name=one["screen"]: wire.decode_playlist((tmp_path / str(day) / f"{name}.json").read_bytes())
        )
        counts = count_plays(plays)
        assert {play.item for play in plays if play.item.startswith("315-2021/")} == {i["item"] for i in one["items"]}
        for item in one["items"]:
            got = (counts[item["item"], "completed"], counts[item["item"], "ms"] / 1000)
            assert got == (item["plays"], item["seconds"]), (one["screen"], item["item"])
            assert item["plays"] > 100
