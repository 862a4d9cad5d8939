"""The publishing desk on a simulated clock: which documents change, and which never do."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from signage.faults import Fault
from signage.model.campaign import Campaign, Placement
from signage.model.item import Item as CampaignItem
from signage.model.panel import Panel
from signage.model.screen import Screen
from signage.model.takeover import Takeover
from signage.protocol import playlist as wire
from signage.protocol.playback import PlaylistTimeline
from signage.publish import document, serials
from signage.publish.group_compiler import PlannerInput
from signage.publish.planner import PublishPlanner
from signage.publish.screen_groups import ScreenGroups
from signage.schedule.live_content import parse_still_length
from signage.schedule.snapshot import ScheduleSnapshot

PANEL = Panel("taxi-192x64", 192, 64)
ZONE = ZoneInfo("Asia/Shanghai")


def parse_time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


class StubItemSource:
    """Items with a fixed length each; all media are made."""

    def __init__(self, installation: ScheduleSnapshot) -> None:
        self._lengths = {f"{c.id}/{i.id}": i.duration_ms or 8000 for c in installation.campaigns for i in c.items}
        self._texts = {f"{c.id}/{i.id}": i.text for c in installation.campaigns for i in c.items}
        for takeover in installation.takeovers:
            self._lengths[f"_takeover/{takeover.id}"] = 10_000
            self._texts[f"_takeover/{takeover.id}"] = takeover.text

    def get_lengths(self, panel: Panel) -> Mapping[str, int | Fault]:
        return self._lengths

    def request_missing(self) -> None:
        """Do nothing: all media are made."""

    def get_item(self, name: str, panel: Panel) -> wire.PlaylistItem:
        media = wire.PlaylistMedia("/media/0.png", "image/png", "0" * 64, 1, panel.width, panel.height)
        length = parse_still_length(name) or self._lengths[name]
        return wire.PlaylistItem(kind="slogan", text=self._texts.get(name) or "", duration_ms=length, media=(media,))


def create_campaign(name: str, *texts: str, screens: tuple[str, ...] = ("*",)) -> Campaign:
    items = tuple(CampaignItem(f"i{n}", text=text, duration_ms=8000) for n, text in enumerate(texts))
    window = datetime(2021, 3, 1), datetime(2021, 4, 1)  # noqa: DTZ001
    return Campaign(name, name, "Asia/Shanghai", *window, items, (Placement(screens, ("*",)),))


class PlannerHarness:
    """Runs planning rounds in memory and keeps what they publish."""

    def __init__(self, screens: int = 3) -> None:
        self.screens = [Screen(f"s{n}", "taxi-roof", PANEL.id, "Asia/Shanghai") for n in range(screens)]
        self.campaigns: tuple[Campaign, ...] = (create_campaign("a", "one", "two"),)
        self.takeovers: tuple[Takeover, ...] = ()
        self.shared_bodies: dict[str, bytes] = {}
        self.planner = PublishPlanner({PANEL.id: PANEL}, self.shared_bodies.get)
        self.published = 0

    def run_round(self, now: datetime) -> list[str]:
        installation = ScheduleSnapshot(self.campaigns, takeovers=self.takeovers)
        versions = {c.id: repr(hash(c)) for c in self.campaigns}
        result = self.planner.plan(
            PlannerInput(installation, versions, StubItemSource(installation), now), ScreenGroups(self.screens)
        )
        self.shared_bodies.update(result.shared_bodies)
        self.planner.mark_published(result.changes)
        self.next_at = result.next_plan_at
        return sorted(change.screen for change in result.changes)

    def get_playlist(self, screen: str) -> wire.Playlist:
        version = self.planner.current_versions[screen]
        return document.decode_document(
            document.encode_header(screen, version.serial, version.issued_at, ZONE),
            self.shared_bodies[version.body_sha256],
        )


@pytest.fixture
def harness() -> Iterator[PlannerHarness]:
    yield PlannerHarness()


NOON = parse_time("2021-03-15T12:00+08:00")


def test_first_round_gives_every_screen_a_playlist(harness):
    assert harness.run_round(NOON) == ["s0", "s1", "s2"]
    playlist = harness.get_playlist("s0")
    assert (
        playlist.serial == 1
        and playlist.issued_at == NOON
        and playlist.expires_at == parse_time("2021-03-22T00:00+08:00")
    )
    assert playlist.programs[0].from_ <= NOON < playlist.programs[0].until
    assert all(a.until == b.from_ for a, b in zip(playlist.programs, playlist.programs[1:], strict=False))


def test_second_round_without_changes_publishes_nothing(harness):
    harness.run_round(NOON)
    assert harness.run_round(NOON + timedelta(minutes=1)) == []


def test_an_edit_republishes_affected_screens_only(harness):
    harness.campaigns = (create_campaign("a", "one", "two"), create_campaign("b", "three", screens=("screen:s1",)))
    harness.run_round(NOON)
    harness.campaigns = (create_campaign("a", "one", "two"), create_campaign("b", "four", screens=("screen:s1",)))
    assert harness.run_round(NOON + timedelta(seconds=5)) == ["s1"]
    assert harness.get_playlist("s1").serial == 2


def test_an_edit_of_the_past_changes_no_playlist(harness):
    harness.run_round(NOON)
    past = Takeover(
        "t1", 1, ("*",), parse_time("2021-03-15T06:00+08:00"), parse_time("2021-03-15T07:00+08:00"), "x", "y", text="z"
    )
    harness.takeovers = (past,)
    assert harness.run_round(NOON + timedelta(seconds=5)) == []


def test_a_takeover_shortens_the_poll_and_ends_by_itself(harness):
    harness.run_round(NOON)
    start, end = NOON + timedelta(seconds=60), NOON + timedelta(seconds=660)
    harness.takeovers = (Takeover("t1", 1, ("screen:s0",), start, end, "x", "y", text="go"),)
    assert harness.run_round(start) == ["s0"]
    during = harness.get_playlist("s0")
    assert during.poll_seconds == 5 and harness.next_at <= end
    assert PlaylistTimeline(during).get_now_showing(start).item == "_takeover/t1"
    assert PlaylistTimeline(during).get_now_showing(end).item == "a/i" + str((660 // 8) % 2)
    assert harness.run_round(end) == ["s0"] and harness.get_playlist("s0").poll_seconds == 30


def test_a_stopped_takeover_leaves_at_once(harness):
    harness.run_round(NOON)
    takeover = Takeover("t1", 1, ("*",), NOON, NOON + timedelta(hours=1), "x", "y", text="go")
    harness.takeovers = (takeover,)
    harness.run_round(NOON + timedelta(seconds=1))
    stop = NOON + timedelta(seconds=90)
    harness.takeovers = (replace(takeover, stopped_at=stop),)
    assert harness.run_round(stop) == ["s0", "s1", "s2"]
    assert PlaylistTimeline(harness.get_playlist("s0")).get_now_showing(stop).item == "a/i1"


def test_a_daily_version_is_issued_at_night_and_shows_the_same(harness):
    harness.run_round(NOON)
    before = harness.get_playlist("s0")
    day = parse_time("2021-03-16T00:00+08:00")
    changed = [m for m in range(24 * 60) if "s0" in harness.run_round(day + timedelta(minutes=m))]
    assert changed == [serials.compute_daily_minute("s0")] and changed[0] < 360
    after = harness.get_playlist("s0")
    assert after.expires_at == parse_time("2021-03-23T00:00+08:00") and after.serial == 2
    old, new = PlaylistTimeline(before), PlaylistTimeline(after)
    for seconds in range(0, 5 * 86_400, 977):
        instant = after.issued_at + timedelta(seconds=seconds)
        assert old.get_now_showing(instant).item == new.get_now_showing(instant).item


def test_a_clock_set_back_and_forward_keeps_playlists_current_and_serials_rising(harness):
    harness.run_round(NOON)
    last = 1
    for now in (NOON - timedelta(hours=1), NOON + timedelta(days=1), NOON, NOON - timedelta(days=40)):
        assert harness.run_round(now) == ["s0", "s1", "s2"]
        playlist = harness.get_playlist("s0")
        assert playlist.serial > last and playlist.programs[0].from_ <= now < playlist.programs[0].until
        last = playlist.serial


def test_serial_is_higher_than_the_one_a_screen_reported(harness):
    harness.run_round(NOON)
    harness.planner.reported_serials = {"s1": 41}
    assert harness.run_round(NOON + timedelta(seconds=1)) == ["s1"]
    assert harness.get_playlist("s1").serial == 42


def test_last_modified_rises_by_a_second_with_two_edits_in_one_second(harness):
    harness.run_round(NOON)
    first = harness.planner.current_versions["s0"].modified_at
    harness.campaigns = (create_campaign("a", "other"),)
    harness.run_round(NOON)
    assert harness.planner.current_versions["s0"].modified_at == first + 1


def test_equivalent_screens_share_one_body(harness):
    harness.run_round(NOON)
    assert len(harness.shared_bodies) == 1
