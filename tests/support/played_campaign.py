"""The campaign that ships, played out: ten days of March 2021 in a folder, on a clock that is moved by hand.

Documents are published each day by the real press; each screen plays what its document says and posts it. One street
screen fails on the 15th and comes back a day later, one roof loses numbers, the taxis' power is cut now and then.
"""

import json
import random
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from signage.config import load_config
from signage.evidence.play_ingest import PlayIngest
from signage.faults import FaultLocation
from signage.library.service import Library
from signage.model.screen import Screen
from signage.model.users import make_cli_actor
from signage.protocol.playlist import Playlist, decode_playlist
from signage.publish.load_snapshot import ScheduleRules
from signage.server import open_installation
from signage.services.campaigns.folder_watch import FolderWatcher
from signage.services.campaigns.simulation import create_forecast_provider
from signage.services.consents.consents import ConsentTerms, give_consent
from signage.services.context import AppContext
from signage.services.evidence.planned_periods import ForecastProvider
from signage.services.evidence.plays import find_published_document
from signage.services.incidents import incidents
from signage.services.publishing.publisher import Publisher
from signage.services.screens import registry as screens
from signage.services.settings import IncidentConfig
from signage.store import playlists
from tests.support.clocks import ManualClock
from tests.support.installation import ROOT

ZONE = ZoneInfo("Asia/Shanghai")
SCREENS = (
    *((f"taxi-{n:04}", "taxi-roof", "taxi-192x64", "taxi-company") for n in range(1, 5)),
    ("street-0001", "street", "street-1920x1080", "mall"),
    ("street-0002", "street", "street-1920x1080", "station"),
)
FAILED_SCREEN = "street-0002"
FIRST, DAYS = date(2021, 3, 10), 9


@dataclass
class PlayedCampaign:
    """The office after the campaign."""

    office: AppContext
    library: Library
    rules: ScheduleRules

    @property
    def forecasts(self) -> ForecastProvider:
        """What was planned."""
        return create_forecast_provider(self.office, self.rules, self.library)


def play_campaign(folder: Path, *, first: date = FIRST, days: int = DAYS, every: int = 1) -> PlayedCampaign:
    """Ten days, or fewer; *every*: of so many hours the screens are on for one, so that tests are short."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "config.toml", folder)
    for name in ("assets", "playlists"):
        shutil.copytree(ROOT / name, folder / name)
    config = load_config(folder / "config.toml")
    office, library = open_installation(config)
    clock = ManualClock(_get_midnight(first) - timedelta(hours=12))
    object.__setattr__(office, "clock", clock)
    FolderWatcher(office).scan()
    entries = [(Screen(name, kind, panel, ZONE.key, unit=unit), FaultLocation()) for name, kind, panel, unit in SCREENS]
    screens.create_screens(office, make_cli_actor("li"), entries)
    for unit in sorted({unit for *_, unit in SCREENS}):
        give_consent(office, make_cli_actor("li"), ConsentTerms(unit, "bureau", (f"unit:{unit}",)))
    rules = ScheduleRules(config.schedule_settings, config.calendars)
    press = Publisher(office, rules, library.create_resolver)
    _convert_clips(office, library, press)
    _play_days(office, clock, press, first, days, every)
    clock.set((_get_midnight(first) + timedelta(days=days)).isoformat())
    return PlayedCampaign(office, library, rules)


def _convert_clips(office: AppContext, library: Library, press: Publisher) -> None:
    library.start()
    end = time.monotonic() + 240
    try:
        while True:
            press.publish_changes()
            if "315-2021/film-public" in _get_playlist(office, "street-0001").items:
                return
            assert time.monotonic() < end, "the films were not converted"
            time.sleep(1)
    finally:
        library.stop()


def _play_days(office: AppContext, clock: ManualClock, press: Publisher, first: date, days: int, every: int) -> None:
    intake = PlayIngest(office.store, clock)
    chance = random.Random(315)
    numbers = dict.fromkeys((name for name, *_ in SCREENS), 0)
    for day in (first + timedelta(days=n) for n in range(days)):
        clock.set((_get_midnight(day) + timedelta(hours=6)).isoformat())
        press.publish_changes()
        down = _is_down(day)
        if down:
            clock.set((_get_midnight(day) + timedelta(hours=9, minutes=12)).isoformat())
            _report_outage(office, clock)
        clock.set((_get_midnight(day) + timedelta(hours=23)).isoformat())
        for name in numbers:
            found = (
                []
                if down and name == FAILED_SCREEN
                else list(_iter_plays(_get_playlist(office, name), day, every, chance))
            )
            numbers[name] = _submit_plays(intake, name, numbers[name], found, chance)
    intake.close()


def _is_down(day: date) -> bool:
    return day == date(2021, 3, 15)


def _report_outage(office: AppContext, clock: ManualClock) -> None:
    """Reported at 9:12, answered at 17:40."""
    duty, config = make_cli_actor("zhao"), IncidentConfig()
    number = incidents.report_incident(office, duty, config, "车站广场大屏黑屏，电源模块故障", FAILED_SCREEN)
    for step, minutes, note in (("dispatched", 8, ""), ("handled", 440, "更换电源模块"), ("answered", 60, "已恢复")):
        clock.move(minutes * 60)
        incidents.advance_incident(office, duty, config, number, step, note)


def _iter_plays(document: Playlist, day: date, every: int, chance: random.Random) -> Iterator[dict[str, object]]:
    """What a screen shows on a day, by its document."""
    for program in document.programs:
        if program.loop is None or program.from_.astimezone(ZONE).date() != day or "315" not in program.why:
            continue
        loop = document.loops[program.loop]
        at, place = program.from_, 0
        assert program.phase_ms == 0
        while at < program.until:
            item = document.items[loop.items[place % len(loop.items)]]
            length = min(item.duration_ms, (program.until - at) // timedelta(milliseconds=1))
            if at.hour % every == 0:
                cut = length < item.duration_ms or chance.random() < 0.002
                yield {
                    "item": loop.items[place % len(loop.items)],
                    "sha256": item.media[0].sha256,
                    "serial": document.serial,
                    "started_at": at.astimezone(ZONE).isoformat(timespec="milliseconds"),
                    "duration_ms": length if length < item.duration_ms or not cut else length // 2,
                    "result": "cut" if cut else "completed",
                }
            at += timedelta(milliseconds=item.duration_ms)
            place += 1


def _submit_plays(
    intake: PlayIngest, name: str, last: int, found: list[dict[str, object]], chance: random.Random
) -> int:
    plays = [{"seq": last + n, **one} for n, one in enumerate(found, 1)]
    if name == "taxi-0003" and len(plays) > 40:
        del plays[20 : 20 + chance.randint(1, 5)]
    for start in range(0, len(plays), 1000):
        intake.submit(name, json.dumps({"run": "r1", "plays": plays[start : start + 1000]}).encode())
    return last + len(found)


def _get_playlist(office: AppContext, name: str) -> Playlist:
    with office.store.read() as connection:
        (newest,) = [one for one in playlists.iter_current_playlists(connection) if one.screen == name]
        content = find_published_document(connection, name, newest.serial)
    assert content is not None
    return decode_playlist(content)


def _get_midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZONE)
