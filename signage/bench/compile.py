"""A city compiled: from what is stored to the answers of polls, at one, ten and a hundred times a small town.

Everything is real (database, rounds, log, shelf) but the media, which stand for renditions that are there already.
"""

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from signage.bench.support.play_rows import peak_mb, row
from signage.faults import Fault
from signage.model.campaign import Campaign, Placement, format_item_ref
from signage.model.item import Item
from signage.model.panel import PRESET_PANELS, Panel
from signage.model.screen import Screen
from signage.protocol import playlist as wire
from signage.protocol.playback import PlaylistTimeline
from signage.publish.load_snapshot import ScheduleRules
from signage.publish.playlist_cache import PlaylistCache
from signage.schedule.calendars import OfficialCalendars
from signage.schedule.live_content import parse_still_length
from signage.schedule.snapshot import ScheduleSettings, ScheduleSnapshot
from signage.services.bootstrap import open_store
from signage.services.context import AppContext
from signage.services.publishing.publisher import Publisher
from signage.services.publishing.signing_keys import get_signing_keys
from signage.store import change_counter as revision
from signage.store import playlists
from signage.store.campaigns import campaigns
from signage.store.screens import screens
from signage.store.settings import StorageConfig

_NOW = datetime(2021, 3, 15, 4, tzinfo=UTC)
_GROUPS, _CAMPAIGNS, _ITEMS = 200, 20, 50


class _Clock:
    def __init__(self) -> None:
        self.at = _NOW

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()


class _Ready:
    """Contents with all media made."""

    def __init__(self, installation: ScheduleSnapshot) -> None:
        self._items = {format_item_ref(c.id, i.id): i for c in installation.campaigns for i in c.items}
        self._lengths: dict[str, int | Fault] = {name: i.duration_ms or 8000 for name, i in self._items.items()}

    def get_lengths(self, panel: Panel) -> Mapping[str, int | Fault]:
        return self._lengths

    def get_item(self, name: str, panel: Panel) -> wire.PlaylistItem:
        sha256 = "0" * 64
        media = wire.PlaylistMedia(f"/media/{sha256}.png", "image/png", sha256, 12_345, panel.width, panel.height)
        item = self._items.get(name)
        length = parse_still_length(name) or (item.duration_ms if item else None) or 8000
        return wire.PlaylistItem(
            kind="slogan", text=(item.text if item else None) or "", duration_ms=length, media=(media,)
        )


def run() -> list[dict[str, Any]]:
    """Rows for 1,000, 10,000 and 100,000 screens; the goals are those of 100,000."""
    rows = []
    for factor in (1, 10, 100):
        with tempfile.TemporaryDirectory() as folder:
            rows += _Town(Path(folder), 1000 * factor).rows(judged=factor == 100)
    rows.append(row("compile", "peak memory", peak_mb(), "MB", goal=1000))
    return rows


class _Town:
    def __init__(self, folder: Path, count: int) -> None:
        self._count = count
        self._clock = _Clock()
        panels = {p.id: p for p in PRESET_PANELS}
        store = open_store(folder, StorageConfig())
        self._office = AppContext(store, self._clock, folder, folder, panels=panels)
        get_signing_keys(self._office)
        with store.write() as connection:
            screens.create_screens(connection, [(_screen(n), f"{n:064x}") for n in range(count)], _NOW)
            for number in range(_CAMPAIGNS):
                self._keep(connection, _campaign(number))
            revision.increment(connection, "screens", "campaigns")
        self._press = Publisher(self._office, ScheduleRules(ScheduleSettings(), OfficialCalendars()), _Ready)
        self._shelf = PlaylistCache(store)
        self._shelf.refresh()

    def rows(self, judged: bool) -> list[dict[str, Any]]:
        first, _ = self._to_the_polls()
        what = f"{self._count:,} screens, {self._playlists()} distinct playlists: "
        one, touched = self._edit(_campaign(0, "changed"))
        every, all_touched = self._edit(_campaign(_CAMPAIGNS - 1, "changed"))
        goal = (lambda s: s) if judged else (lambda s: None)
        return [
            row("compile", what + "first full compile to the polls", first, "s", goal=goal(20.0)),
            row("compile", what + f"an edit that touches one group ({touched} screens)", one, "s", goal=goal(1.0)),
            row("compile", what + f"an edit that touches all ({all_touched} screens)", every, "s", goal=goal(10.0)),
            row("compile", what + "what is on a screen at an instant", self._question(), "ms", goal=goal(1.0)),
        ]

    def _edit(self, campaign: Campaign) -> tuple[float, int]:
        self._clock.at += timedelta(seconds=10)
        with self._office.store.write() as connection:
            self._keep(connection, campaign)
            revision.increment(connection, "campaigns")
        return self._to_the_polls()

    def _to_the_polls(self) -> tuple[float, int]:
        begin = perf_counter()
        before = self._shelf.last_number
        self._press.publish_changes()
        self._shelf.refresh()
        return perf_counter() - begin, self._shelf.last_number - before

    def _playlists(self) -> int:
        with self._office.store.read() as connection:
            return len({one.body_sha256 for one in playlists.iter_current_playlists(connection)})

    def _question(self) -> float:
        shelved = self._shelf.find_by_screen("screen-000000")
        assert shelved is not None
        shows = PlaylistTimeline(shelved.playlist)
        begin = perf_counter()
        for second in range(1000):
            shows.get_now_showing(self._clock.at + timedelta(seconds=second * 300))
        return perf_counter() - begin

    def _keep(self, connection: Any, campaign: Campaign) -> None:
        number = campaigns.create_version(connection, campaign, "", "console", "draft", self._clock.at, "bench")
        campaigns.set_version_state(connection, campaign.id, number, "approved", self._clock.at)


def _screen(number: int) -> Screen:
    panel = PRESET_PANELS[number % _GROUPS % len(PRESET_PANELS)].id
    return Screen(f"screen-{number:06}", "taxi-roof", panel, "Asia/Shanghai", groups=(f"g{number % _GROUPS:03}",))


def _campaign(number: int, word: str = "slogan") -> Campaign:
    """Campaign *number* names one group for the first, all screens for the last, some tenth of the groups else."""
    window = datetime(2021, 3, 1), datetime(2021, 4, 1)  # noqa: DTZ001
    items = tuple(Item(f"i{n}", text=f"{word} {n}", duration_ms=8000 + 1000 * (n % 5)) for n in range(_ITEMS))
    where: tuple[str, ...] = (f"group:g*{number % 10}",) if number % 2 else (f"group:g*{number // 2 % 10}?",)
    if number == 0:
        where = ("group:g107",)
    elif number == _CAMPAIGNS - 1:
        where = ("*",)
    placement = Placement(where, ("*",), share=1 + number % 3)
    campaign = Campaign(f"c{number:02}", "bench", "Asia/Shanghai", *window, items, (placement,))
    return replace(campaign, priority=0)
