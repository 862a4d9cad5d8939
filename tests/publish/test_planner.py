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


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


class Made:
    """Contents in which every slogan lasts as long as its text says."""

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


def campaign(name: str, *texts: str, screens: tuple[str, ...] = ("*",)) -> Campaign:
    items = tuple(CampaignItem(f"i{n}", text=text, duration_ms=8000) for n, text in enumerate(texts))
    window = datetime(2021, 3, 1), datetime(2021, 4, 1)  # noqa: DTZ001
    return Campaign(name, name, "Asia/Shanghai", *window, items, (Placement(screens, ("*",)),))


class City:
    """An office in memory: rounds are run and what they publish is kept."""

    def __init__(self, screens: int = 3) -> None:
        self.screens = [Screen(f"s{n}", "taxi-roof", PANEL.id, "Asia/Shanghai") for n in range(screens)]
        self.campaigns: tuple[Campaign, ...] = (campaign("a", "one", "two"),)
        self.takeovers: tuple[Takeover, ...] = ()
        self.tails: dict[str, bytes] = {}
        self.desk = PublishPlanner({PANEL.id: PANEL}, self.tails.get)
        self.published = 0

    def round(self, now: datetime) -> list[str]:
        installation = ScheduleSnapshot(self.campaigns, takeovers=self.takeovers)
        versions = {c.id: repr(hash(c)) for c in self.campaigns}
        result = self.desk.plan(
            PlannerInput(installation, versions, Made(installation), now), ScreenGroups(self.screens)
        )
        self.tails.update(result.shared_bodies)
        self.desk.mark_published(result.changes)
        self.next_at = result.next_plan_at
        return sorted(change.screen for change in result.changes)

    def playlist(self, screen: str) -> wire.Playlist:
        issue = self.desk.current_versions[screen]
        return document.decode_document(
            document.encode_header(screen, issue.serial, issue.issued_at, ZONE), self.tails[issue.body_sha256]
        )


@pytest.fixture
def city() -> Iterator[City]:
    yield City()


NOON = at("2021-03-15T12:00+08:00")


def test_a_first_round_gives_every_screen_a_document(city):
    assert city.round(NOON) == ["s0", "s1", "s2"]
    found = city.playlist("s0")
    assert found.serial == 1 and found.issued_at == NOON and found.expires_at == at("2021-03-22T00:00+08:00")
    assert found.programs[0].from_ <= NOON < found.programs[0].until
    assert all(a.until == b.from_ for a, b in zip(found.programs, found.programs[1:], strict=False))


def test_a_second_look_changes_nothing(city):
    city.round(NOON)
    assert city.round(NOON + timedelta(minutes=1)) == []


def test_an_edit_reaches_the_screens_that_it_touches_and_no_other(city):
    city.campaigns = (campaign("a", "one", "two"), campaign("b", "three", screens=("screen:s1",)))
    city.round(NOON)
    city.campaigns = (campaign("a", "one", "two"), campaign("b", "four", screens=("screen:s1",)))
    assert city.round(NOON + timedelta(seconds=5)) == ["s1"]
    assert city.playlist("s1").serial == 2


def test_an_edit_of_what_is_already_past_changes_no_document(city):
    city.round(NOON)
    past = Takeover("t1", 1, ("*",), at("2021-03-15T06:00+08:00"), at("2021-03-15T07:00+08:00"), "x", "y", text="z")
    city.takeovers = (past,)
    assert city.round(NOON + timedelta(seconds=5)) == []


def test_a_takeover_shortens_the_poll_and_ends_by_itself(city):
    city.round(NOON)
    start, end = NOON + timedelta(seconds=60), NOON + timedelta(seconds=660)
    city.takeovers = (Takeover("t1", 1, ("screen:s0",), start, end, "x", "y", text="go"),)
    assert city.round(start) == ["s0"]
    during = city.playlist("s0")
    assert during.poll_seconds == 5 and city.next_at <= end
    assert PlaylistTimeline(during).get_now_showing(start).item == "_takeover/t1"
    assert PlaylistTimeline(during).get_now_showing(end).item == "a/i" + str((660 // 8) % 2)
    assert city.round(end) == ["s0"] and city.playlist("s0").poll_seconds == 30


def test_a_stopped_takeover_leaves_at_once(city):
    city.round(NOON)
    takeover = Takeover("t1", 1, ("*",), NOON, NOON + timedelta(hours=1), "x", "y", text="go")
    city.takeovers = (takeover,)
    city.round(NOON + timedelta(seconds=1))
    stop = NOON + timedelta(seconds=90)
    city.takeovers = (replace(takeover, stopped_at=stop),)
    assert city.round(stop) == ["s0", "s1", "s2"]
    assert PlaylistTimeline(city.playlist("s0")).get_now_showing(stop).item == "a/i1"


def test_once_a_day_in_the_small_hours_and_showing_the_same(city):
    city.round(NOON)
    before = city.playlist("s0")
    day = at("2021-03-16T00:00+08:00")
    changed = [m for m in range(24 * 60) if "s0" in city.round(day + timedelta(minutes=m))]
    assert changed == [serials.compute_daily_minute("s0")] and changed[0] < 360
    after = city.playlist("s0")
    assert after.expires_at == at("2021-03-23T00:00+08:00") and after.serial == 2
    old, new = PlaylistTimeline(before), PlaylistTimeline(after)
    for seconds in range(0, 5 * 86_400, 977):
        instant = after.issued_at + timedelta(seconds=seconds)
        assert old.get_now_showing(instant).item == new.get_now_showing(instant).item


def test_a_clock_set_back_and_forward_gives_documents_of_now_and_serials_that_rise(city):
    city.round(NOON)
    last = 1
    for now in (NOON - timedelta(hours=1), NOON + timedelta(days=1), NOON, NOON - timedelta(days=40)):
        assert city.round(now) == ["s0", "s1", "s2"]
        found = city.playlist("s0")
        assert found.serial > last and found.programs[0].from_ <= now < found.programs[0].until
        last = found.serial


def test_a_serial_that_a_screen_reported_is_never_undercut(city):
    city.round(NOON)
    city.desk.reported_serials = {"s1": 41}
    assert city.round(NOON + timedelta(seconds=1)) == ["s1"]
    assert city.playlist("s1").serial == 42


def test_last_modified_rises_by_a_second_with_two_edits_in_one_second(city):
    city.round(NOON)
    first = city.desk.current_versions["s0"].modified_at
    city.campaigns = (campaign("a", "other"),)
    city.round(NOON)
    assert city.desk.current_versions["s0"].modified_at == first + 1


def test_screens_alike_share_one_tail(city):
    city.round(NOON)
    assert len(city.tails) == 1
