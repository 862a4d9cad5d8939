"""A takeover shows until its end what its item was at its start, whatever happens to campaign, file or clip."""

import io
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO, cast

import pytest
from PIL import Image

from signage.faults import FaultLocation, Refused
from signage.library.service import Library
from signage.library.settings import LibraryConfig
from signage.model.campaign import Campaign, Placement
from signage.model.item import Item
from signage.model.panel import Panel
from signage.model.users import FOLDER_ACTOR, Actor, make_cli_actor
from signage.publish.load_snapshot import ScheduleRules, load_current_snapshot
from signage.schedule.calendars import OfficialCalendars
from signage.schedule.snapshot import ScheduleSettings, ScheduleSnapshot
from signage.services.context import AppContext
from signage.services.library import clip_uploads
from signage.services.library import clips as clip_library
from signage.services.screens.registry import create_screens
from signage.services.takeovers.takeovers import TakeoverRequest, start_takeover
from signage.store.campaigns import campaigns
from tests.support.app_context import create_app_context, make_screen
from tests.support.clocks import ManualClock, parse_instant

DUTY = Actor("wang", frozenset({"duty"}), channel="console")
OPERATOR = Actor("li", frozenset({"operator"}), channel="console")
PANEL = Panel("taxi-192x64", 192, 64)
FROM, UNTIL = parse_instant("2021-03-10T00:00:00+08:00"), parse_instant("2021-03-19T00:00:00+08:00")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock("2021-03-15T08:00:00+08:00")


@pytest.fixture
def context(tmp_path: Path, clock: ManualClock) -> AppContext:
    context = create_app_context(tmp_path, clock)
    create_screens(context, make_cli_actor("root"), [(make_screen(), FaultLocation())])
    return context


@pytest.fixture
def library(context: AppContext):
    library = Library(context.store, context.state, LibraryConfig(reserve_mb=0), context.clock)
    yield library
    library.sandbox.close()


def store_campaign(context: AppContext, *items: Item) -> None:
    campaign = Campaign("bug-43", "bug", "Asia/Shanghai", FROM, UNTIL, items, (Placement(("*",), ("*",)),))
    with context.store.write() as connection:
        number = campaigns.create_version(connection, campaign, "", "file", "approved", context.clock.now(), "folder")
        campaigns.set_version_state(connection, "bug-43", number, "approved", context.clock.now())


def end_campaign(context: AppContext) -> None:
    with context.store.write() as connection:
        campaigns.set_campaign_status(connection, "bug-43", "ended", context.clock.now())


def start(context: AppContext) -> str:
    request = TakeoverRequest(("*",), "storm", duration=timedelta(minutes=10), item="bug-43/w")
    return start_takeover(context, DUTY, request).id


def load_snapshot(context: AppContext) -> ScheduleSnapshot:
    rules = ScheduleRules(ScheduleSettings(), OfficialCalendars())
    with context.store.read() as connection:
        return load_current_snapshot(connection, rules).snapshot


def get_shown_text(context: AppContext, library: Library) -> str:
    snapshot = load_snapshot(context)
    name = snapshot.takeovers[0].item_ref
    assert name is not None
    resolver = library.create_resolver(snapshot)
    assert isinstance(resolver.get_lengths(PANEL)[name], int)
    return str(resolver.get_item(name, PANEL).text)


def test_a_takeover_outlives_the_campaign_of_its_item(context: AppContext, library: Library) -> None:
    store_campaign(context, Item("w", text="台风红色预警"))
    start(context)
    end_campaign(context)
    assert get_shown_text(context, library) == "台风红色预警"
    assert load_snapshot(context).takeovers[0].item_ref == "bug-43/w"


def test_a_new_version_of_the_campaign_does_not_change_a_running_takeover(
    context: AppContext, library: Library
) -> None:
    store_campaign(context, Item("w", text="台风红色预警"))
    takeover_id = start(context)
    store_campaign(context, Item("w", text="晴"))
    assert get_shown_text(context, library) == "台风红色预警"
    assert load_snapshot(context).takeovers[0].item_ref == f"_takeover/{takeover_id}"
    resolver = library.create_resolver(load_snapshot(context))
    assert resolver.get_item("bug-43/w", PANEL).text == "晴"


def test_the_clip_of_a_running_takeover_is_not_deleted(
    context: AppContext, library: Library, clock: ManualClock
) -> None:
    target = io.BytesIO()
    Image.new("RGB", (64, 32), "navy").save(target, "PNG")
    stream = cast(BinaryIO, io.BytesIO(target.getvalue()))
    sha256 = clip_uploads.add_clip(context, library, FOLDER_ACTOR, stream, "a.png").sha256
    operator = replace(OPERATOR, unit=None)
    store_campaign(context, Item("w", sha256=sha256, duration_ms=8000))
    start(context)
    end_campaign(context)
    assert clip_library.find_uses(context, [sha256]) == {sha256: ["bug-43/w"]}
    with pytest.raises(Refused) as refused:
        clip_library.delete_clip(context, operator, sha256)
    assert [fault.code for fault in refused.value.faults] == ["clip-in-takeover"]
    clock.move(601)
    assert clip_library.find_uses(context, [sha256]) == {sha256: []}
    clip_library.delete_clip(context, operator, sha256)
