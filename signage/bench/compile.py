"""Benchmark: compile a city, from stored campaigns to the answers of polls, at 1, 10 and 100 times a small town.

Everything is real (database, planner rounds, log, playlist cache) except the media: all renditions exist already.
"""

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from signage.bench.support.result_rows import create_row, get_peak_memory_mb
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
_GROUP_COUNT, _CAMPAIGN_COUNT, _ITEM_COUNT = 200, 20, 50


class _SteppedClock:
    def __init__(self) -> None:
        self.at = _NOW

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()


class _StubItemResolver:
    """Item resolver for which every rendition exists."""

    def __init__(self, installation: ScheduleSnapshot) -> None:
        self._items = {format_item_ref(c.id, i.id): i for c in installation.campaigns for i in c.items}
        self._lengths: dict[str, int | Fault] = {name: i.duration_ms or 8000 for name, i in self._items.items()}

    def get_lengths(self, panel: Panel) -> Mapping[str, int | Fault]:
        return self._lengths

    def request_missing(self) -> None:
        """Do nothing: all media exist."""

    def get_item(self, name: str, panel: Panel) -> wire.PlaylistItem:
        sha256 = "0" * 64
        media = wire.PlaylistMedia(f"/media/{sha256}.png", "image/png", sha256, 12_345, panel.width, panel.height)
        item = self._items.get(name)
        length = parse_still_length(name) or (item.duration_ms if item else None) or 8000
        return wire.PlaylistItem(
            kind="slogan", text=(item.text if item else None) or "", duration_ms=length, media=(media,)
        )


def run() -> list[dict[str, Any]]:
    """Return rows for 1,000, 10,000 and 100,000 screens; the goals apply to 100,000."""
    rows = []
    for factor in (1, 10, 100):
        with tempfile.TemporaryDirectory() as folder:
            rows += _CityBenchmark(Path(folder), 1000 * factor).measure_rows(has_goals=factor == 100)
    rows.append(create_row("compile", "peak memory", get_peak_memory_mb(), "MB", goal=1000))
    return rows


class _CityBenchmark:
    def __init__(self, folder: Path, count: int) -> None:
        self._screen_count = count
        self._clock = _SteppedClock()
        panels = {p.id: p for p in PRESET_PANELS}
        store = open_store(folder, StorageConfig())
        self._context = AppContext(store, self._clock, folder, folder, panels=panels)
        get_signing_keys(self._context)
        with store.write() as connection:
            screens.create_screens(connection, [(_build_screen(n), f"{n:064x}") for n in range(count)], _NOW)
            for number in range(_CAMPAIGN_COUNT):
                self._store_campaign(connection, _build_campaign(number))
            revision.increment(connection, "screens", "campaigns")
        self._publisher = Publisher(
            self._context, ScheduleRules(ScheduleSettings(), OfficialCalendars()), _StubItemResolver
        )
        self._playlist_cache = PlaylistCache(store)
        self._playlist_cache.refresh()

    def measure_rows(self, has_goals: bool) -> list[dict[str, Any]]:
        first, _ = self._measure_publishing()
        what = f"{self._screen_count:,} screens, {self._count_playlists()} distinct playlists: "
        one, touched = self._measure_edit(_build_campaign(0, "changed"))
        every, all_touched = self._measure_edit(_build_campaign(_CAMPAIGN_COUNT - 1, "changed"))
        goal = (lambda s: s) if has_goals else (lambda s: None)
        return [
            create_row("compile", what + "first full compile to the polls", first, "s", goal=goal(20.0)),
            create_row(
                "compile", what + f"an edit that touches one group ({touched} screens)", one, "s", goal=goal(1.0)
            ),
            create_row(
                "compile", what + f"an edit that touches all ({all_touched} screens)", every, "s", goal=goal(10.0)
            ),
            create_row(
                "compile", what + "what is on a screen at an instant", self._measure_lookup_ms(), "ms", goal=goal(1.0)
            ),
        ]

    def _measure_edit(self, campaign: Campaign) -> tuple[float, int]:
        self._clock.at += timedelta(seconds=10)
        with self._context.store.write() as connection:
            self._store_campaign(connection, campaign)
            revision.increment(connection, "campaigns")
        return self._measure_publishing()

    def _measure_publishing(self) -> tuple[float, int]:
        begin = perf_counter()
        before = self._playlist_cache.last_number
        self._publisher.publish_changes()
        self._playlist_cache.refresh()
        return perf_counter() - begin, self._playlist_cache.last_number - before

    def _count_playlists(self) -> int:
        with self._context.store.read() as connection:
            return len({one.body_sha256 for one in playlists.iter_current_playlists(connection)})

    def _measure_lookup_ms(self) -> float:
        shelved = self._playlist_cache.find_by_screen("screen-000000")
        assert shelved is not None
        shows = PlaylistTimeline(shelved.playlist)
        begin = perf_counter()
        for second in range(1000):
            shows.get_now_showing(self._clock.at + timedelta(seconds=second * 300))
        return perf_counter() - begin

    def _store_campaign(self, connection: Any, campaign: Campaign) -> None:
        number = campaigns.create_version(connection, campaign, "", "console", "draft", self._clock.at, "bench")
        campaigns.set_version_state(connection, campaign.id, number, "approved", self._clock.at)


def _build_screen(number: int) -> Screen:
    panel = PRESET_PANELS[number % _GROUP_COUNT % len(PRESET_PANELS)].id
    return Screen(f"screen-{number:06}", "taxi-roof", panel, "Asia/Shanghai", groups=(f"g{number % _GROUP_COUNT:03}",))


def _build_campaign(number: int, word: str = "slogan") -> Campaign:
    """Build campaign *number*: the first addresses one group, the last all screens, others a tenth of the groups."""
    window = datetime(2021, 3, 1), datetime(2021, 4, 1)  # noqa: DTZ001
    items = tuple(Item(f"i{n}", text=f"{word} {n}", duration_ms=8000 + 1000 * (n % 5)) for n in range(_ITEM_COUNT))
    where: tuple[str, ...] = (f"group:g*{number % 10}",) if number % 2 else (f"group:g*{number // 2 % 10}?",)
    if number == 0:
        where = ("group:g107",)
    elif number == _CAMPAIGN_COUNT - 1:
        where = ("*",)
    placement = Placement(where, ("*",), share=1 + number % 3)
    campaign = Campaign(f"c{number:02}", "bench", "Asia/Shanghai", *window, items, (placement,))
    return replace(campaign, priority=0)
