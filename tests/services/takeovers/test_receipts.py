"""The receipts of a takeover report what each screen proved, and nothing that follows from the time alone."""

import json
from datetime import timedelta

import pytest

from signage.evidence.play_ingest import PlayIngest
from signage.faults import FaultLocation
from signage.model.users import Actor, make_cli_actor
from signage.protocol.status import StatusMessage
from signage.publish.load_snapshot import ScheduleRules
from signage.schedule.calendars import OfficialCalendars
from signage.schedule.snapshot import ScheduleSettings
from signage.services.publishing.publisher import Publisher
from signage.services.screens import heartbeats
from signage.services.screens.registry import create_screens
from signage.services.settings import TakeoverConfig
from signage.services.takeovers.receipts import get_delivery, list_receipts
from signage.services.takeovers.takeovers import TakeoverRequest, start_takeover, stop_takeover
from signage.store import change_counter, playlists
from signage.store.campaigns import campaigns
from tests.publish.test_planner import StubItemSource, create_campaign, parse_time
from tests.support.app_context import create_app_context, make_screen
from tests.support.clocks import ManualClock

DUTY = Actor("wang", frozenset({"duty"}), channel="console")
AT = parse_time("2021-03-15T08:00:00+08:00")
ONE, TWO = "taxi-0001", "taxi-0002"


class City:
    """Two taxi roofs, and the publisher of their playlists."""

    def __init__(self, folder):
        self.clock = ManualClock("2021-03-15T08:00:00.750+08:00")
        self.context = create_app_context(folder, self.clock, takeover=TakeoverConfig(max_h=24))
        create_screens(
            self.context,
            make_cli_actor("root"),
            [(make_screen(ONE), FaultLocation()), (make_screen(TWO), FaultLocation())],
        )
        self.publisher = Publisher(self.context, ScheduleRules(ScheduleSettings(), OfficialCalendars()), StubItemSource)
        self.publisher.publish_changes()
        self.clock.move(60)

    def start(self, **content):
        """Start a takeover of all screens for ten minutes."""
        content = content or {"text": "台风红色预警"}
        return start_takeover(
            self.context, DUTY, TakeoverRequest(screens=("*",), why="storm", duration=timedelta(minutes=10), **content)
        )

    def publish(self):
        """Publish what has changed, three seconds later."""
        self.clock.move(3)
        self.publisher.publish_changes()

    def poll(self, name=ONE):
        """Record a poll that is answered with the current playlist."""
        with self.context.store.read() as connection:
            serial = playlists.get_current_serial(connection, name)
        heartbeats.record_polls(self.context, [(name, self.clock.now(), 1)], [(name, serial)])

    def contact(self, name=ONE):
        """Record a contact without a playlist, as when a screen posts plays or a screenshot."""
        self.clock.move(5)
        heartbeats.record_polls(self.context, [(name, self.clock.now(), 1)])

    def report(self, item, serial=None, name=ONE):
        """Record a status message."""
        status = StatusMessage(item=item) if serial is None else StatusMessage(item=item, serial=serial)
        heartbeats.record_status(self.context, name, status, self.clock.now())

    def add_campaign(self):
        """Publish a campaign that shows an item on all screens, with serial 2."""
        with self.context.store.write() as connection:
            number = campaigns.create_version(
                connection, create_campaign("315-2021", "诚信经营"), "", "console", "draft", AT, "li"
            )
            campaigns.set_version_state(connection, "315-2021", number, "approved", AT)
            change_counter.increment(connection, "campaigns")
        self.publish()

    def play(self, item, serial, name=ONE, run="r"):
        """Submit a play."""
        play = {"seq": 1, "item": item, "sha256": "0" * 64, "serial": serial, "duration_ms": 8000}
        play |= {"started_at": self.clock.now().isoformat(), "result": "completed"}
        play_ingest = PlayIngest(self.context.store, self.clock)
        play_ingest.submit(name, json.dumps({"run": run, "plays": [play]}).encode())
        play_ingest.close()

    def list_states(self, takeover):
        """List the states of the receipts, which agree with the counts and with the pages."""
        states = [receipt.state for receipt in list_receipts(self.context, takeover.id)]
        counts = get_delivery(self.context, takeover.id)[1]
        counted = (counts.shown, counts.fetched, counts.undelivered)
        assert counted == tuple(map(states.count, ("shown", "fetched", "silent")))
        paged = [*list_receipts(self.context, takeover.id, limit=1), *list_receipts(self.context, takeover.id, ONE, 1)]
        assert [receipt.state for receipt in paged] == states
        assert list_receipts(self.context, takeover.id, TWO) == []
        return states

    def list_ends(self, takeover):
        return [receipt.end for receipt in list_receipts(self.context, takeover.id)]


@pytest.fixture
def city(tmp_path):
    city = City(tmp_path)
    yield city
    city.context.store.close()


def test_a_screen_that_was_served_the_playlist_with_the_takeover_has_fetched_it(city):
    takeover = city.start()
    city.publish()
    assert city.list_states(takeover) == ["silent", "silent"]
    city.poll()
    assert city.list_states(takeover) == ["fetched", "silent"]
    city.report(f"_takeover/{takeover.id}")
    assert city.list_states(takeover) == ["shown", "silent"]


def test_a_screen_that_only_posts_plays_has_not_fetched_the_takeover(city):
    city.poll()
    takeover = city.start()
    city.publish()
    city.contact()
    assert city.list_states(takeover) == ["silent", "silent"]


def test_a_poll_answered_before_the_playlist_was_published_proves_nothing(city):
    takeover = city.start()
    city.clock.move(30)  # publishing takes a while
    city.poll()
    city.publish()
    assert city.list_states(takeover) == ["silent", "silent"]
    city.poll()
    assert city.list_states(takeover) == ["fetched", "silent"]


def test_a_screen_that_reports_the_serial_has_fetched_the_takeover(city):
    takeover = city.start()
    city.report("_still", serial=1)
    city.publish()
    assert city.list_states(takeover) == ["silent", "silent"]
    city.report("_still", serial=2)
    assert city.list_states(takeover) == ["fetched", "silent"]


def test_a_screen_dark_at_night_is_not_dark_by_the_takeover(city):
    takeover = city.start(blank=True)
    city.publish()
    city.report(None, serial=1)
    assert city.list_states(takeover) == ["silent", "silent"]
    city.report(None, serial=2)
    assert city.list_states(takeover) == ["shown", "silent"]


def test_the_first_playlist_with_a_takeover_contains_its_requested_end(city):
    takeover = city.start()
    city.publish()
    city.poll()
    city.clock.move(601)
    city.publish()
    assert city.list_ends(takeover) == ["told", "silent"]


def test_a_later_playlist_contains_the_stop(city):
    takeover = city.start()
    city.publish()
    city.poll()
    city.poll(TWO)
    city.clock.move(10)
    stop_takeover(city.context, DUTY, takeover.id)
    city.contact()
    city.poll()
    city.publish()
    assert city.list_ends(takeover) == ["silent", "silent"]
    city.poll()
    city.report("315-2021/slogan-01", name=TWO)
    assert city.list_ends(takeover) == ["told", "left"]


def test_a_play_of_the_takeover_proves_that_it_was_shown(city):
    takeover = city.start()
    city.publish()
    city.play(f"_takeover/{takeover.id}", 2, TWO)
    assert city.list_states(takeover) == ["silent", "shown"]


def test_a_state_stays_shown_when_the_screen_shows_something_else(city):
    takeover = city.start()
    city.publish()
    city.poll()
    city.report(f"_takeover/{takeover.id}")
    city.clock.move(601)
    city.publish()
    city.report("_still", serial=3)
    assert city.list_states(takeover) == ["shown", "silent"] and city.list_ends(takeover) == ["left", "silent"]


def test_a_campaign_item_counts_under_a_playlist_with_the_takeover(city):
    city.add_campaign()
    takeover = city.start(item="315-2021/i0")
    city.publish()
    city.play("315-2021/i0", 2, ONE)
    city.report("315-2021/i0", serial=2, name=TWO)
    assert city.list_states(takeover) == ["silent", "silent"]  # by the campaign
    city.play("315-2021/i0", 3, ONE, "s")
    city.report("315-2021/i0", serial=3, name=TWO)
    assert city.list_states(takeover) == ["shown", "shown"]


def test_a_campaign_item_counts_while_the_takeover_is_active(city):
    city.add_campaign()
    takeover = city.start(item="315-2021/i0")
    city.publish()
    city.clock.move(601)
    city.play("315-2021/i0", 3, ONE)
    city.report("315-2021/i0", serial=3, name=TWO)
    assert city.list_states(takeover) == ["silent", "fetched"]
