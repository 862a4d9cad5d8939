"""The receipts of a takeover say of each screen what is known, and nothing by the time alone."""

import json
from datetime import timedelta

import pytest

from signage.evidence.play_ingest import PlayIngest
from signage.model.users import Actor, make_cli_actor
from signage.protocol.status import StatusMessage
from signage.publish.load_snapshot import ScheduleRules
from signage.schedule.calendars import OfficialCalendars
from signage.schedule.snapshot import ScheduleSettings
from signage.services.publishing.publisher import Publisher
from signage.services.screens import heartbeats as contacts
from signage.services.screens.registry import create_screens
from signage.services.screens.screens_csv import FaultLocation
from signage.services.settings import TakeoverConfig
from signage.services.takeovers.receipts import get_delivery, list_receipts
from signage.services.takeovers.takeovers import TakeoverRequest, start_takeover, stop_takeover
from signage.store import change_counter as revision
from signage.store import playlists
from signage.store.campaigns import campaigns
from tests.publish.test_desk import Made, at, campaign
from tests.support.app_context import create_app_context, make_screen
from tests.support.clocks import ManualClock

DUTY = Actor("wang", frozenset({"duty"}), channel="console")
AT = at("2021-03-15T08:00:00+08:00")
ONE, TWO = "taxi-0001", "taxi-0002"


class City:
    """Two taxis of which one polls, and what is published to them."""

    def __init__(self, folder):
        self.clock = ManualClock("2021-03-15T08:00:00.750+08:00")
        self.office = create_app_context(folder, self.clock, takeover=TakeoverConfig(max_h=24))
        create_screens(
            self.office,
            make_cli_actor("root"),
            [(make_screen(ONE), FaultLocation()), (make_screen(TWO), FaultLocation())],
        )
        self.press = Publisher(self.office, ScheduleRules(ScheduleSettings(), OfficialCalendars()), Made)
        self.press.publish_changes()
        self.clock.move(60)

    def order(self, **what):
        more = what or {"text": "台风红色预警"}
        return start_takeover(
            self.office, DUTY, TakeoverRequest(screens=("*",), why="storm", duration=timedelta(minutes=10), **more)
        )

    def publish(self):
        self.clock.move(3)
        self.press.publish_changes()

    def polls(self, name=ONE):
        """It polls, and is served the document of now."""
        with self.office.store.read() as connection:
            serial = playlists.get_current_serial(connection, name)
        contacts.record_polls(self.office, [(name, self.clock.now(), 1)], [(name, serial)])

    def heard(self, name=ONE):
        """It sends plays, or a picture: it is heard of, and is served no document."""
        self.clock.move(5)
        contacts.record_polls(self.office, [(name, self.clock.now(), 1)])

    def says(self, item, serial=None, name=ONE):
        said = StatusMessage(item=item) if serial is None else StatusMessage(item=item, serial=serial)
        contacts.record_status(self.office, name, said, self.clock.now())

    def campaign(self):
        """A campaign that shows an item everywhere, published with serial 2."""
        with self.office.store.write() as connection:
            number = campaigns.create_version(
                connection, campaign("315-2021", "诚信经营"), "", "console", "draft", AT, "li"
            )
            campaigns.set_version_state(connection, "315-2021", number, "approved", AT)
            revision.increment(connection, "campaigns")
        self.publish()

    def plays(self, item, serial, name=ONE, run="r"):
        play = {"seq": 1, "item": item, "sha256": "0" * 64, "serial": serial, "duration_ms": 8000}
        play |= {"started_at": self.clock.now().isoformat(), "result": "completed"}
        intake = PlayIngest(self.office.store, self.clock)
        intake.submit(name, json.dumps({"run": run, "plays": [play]}).encode())
        intake.close()

    def states(self, order):
        """The receipts, which the page counts alike, and which come in pages alike."""
        found = [one.state for one in list_receipts(self.office, order.id)]
        landed = get_delivery(self.office, order.id)[1]
        counted = (landed.shown, landed.fetched, landed.undelivered)
        assert counted == tuple(map(found.count, ("shown", "fetched", "silent")))
        paged = [*list_receipts(self.office, order.id, limit=1), *list_receipts(self.office, order.id, ONE, 1)]
        assert [one.state for one in paged] == found and list_receipts(self.office, order.id, TWO) == []
        return found

    def ends(self, order):
        return [one.end for one in list_receipts(self.office, order.id)]


@pytest.fixture
def city(tmp_path):
    city = City(tmp_path)
    yield city
    city.office.store.close()


def test_who_was_served_the_document_with_the_order_has_fetched_it(city):
    order = city.order()
    city.publish()
    assert city.states(order) == ["silent", "silent"]
    city.polls()
    assert city.states(order) == ["fetched", "silent"]
    city.says(f"_takeover/{order.id}")
    assert city.states(order) == ["shown", "silent"]


def test_a_screen_that_only_sends_plays_has_not_fetched_it(city):
    city.polls()
    order = city.order()
    city.publish()
    city.heard()
    assert city.states(order) == ["silent", "silent"]


def test_a_poll_that_was_answered_before_the_document_was_published_is_no_receipt(city):
    order = city.order()
    city.clock.move(30)  # the round takes its time
    city.polls()
    city.publish()
    assert city.states(order) == ["silent", "silent"]
    city.polls()
    assert city.states(order) == ["fetched", "silent"]


def test_a_screen_that_tells_of_the_serial_has_fetched_it(city):
    order = city.order()
    city.says("_still", serial=1)
    city.publish()
    assert city.states(order) == ["silent", "silent"]
    city.says("_still", serial=2)
    assert city.states(order) == ["fetched", "silent"]


def test_dark_at_night_is_not_dark_by_the_order(city):
    order = city.order(blank=True)
    city.publish()
    city.says(None, serial=1)
    assert city.states(order) == ["silent", "silent"]
    city.says(None, serial=2)
    assert city.states(order) == ["shown", "silent"]


def test_an_order_that_ran_out_has_told_its_end_from_the_first(city):
    order = city.order()
    city.publish()
    city.polls()
    city.clock.move(601)
    city.publish()
    assert city.ends(order) == ["told", "silent"]


def test_of_a_stop_it_was_told_by_a_later_document(city):
    order = city.order()
    city.publish()
    city.polls()
    city.polls(TWO)
    city.clock.move(10)
    stop_takeover(city.office, DUTY, order.id)
    city.heard()
    city.polls()
    city.publish()
    assert city.ends(order) == ["silent", "silent"]
    city.polls()
    city.says("315-2021/slogan-01", name=TWO)
    assert city.ends(order) == ["told", "left"]


def test_a_play_of_the_order_is_a_receipt(city):
    order = city.order()
    city.publish()
    city.plays(f"_takeover/{order.id}", 2, TWO)
    assert city.states(order) == ["silent", "shown"]


def test_what_was_shown_once_stays_shown_when_the_screen_goes_on(city):
    order = city.order()
    city.publish()
    city.polls()
    city.says(f"_takeover/{order.id}")
    city.clock.move(601)
    city.publish()
    city.says("_still", serial=3)
    assert city.states(order) == ["shown", "silent"] and city.ends(order) == ["left", "silent"]


def test_a_campaigns_item_is_shown_by_the_order_under_a_document_with_it(city):
    city.campaign()
    order = city.order(item="315-2021/i0")
    city.publish()
    city.plays("315-2021/i0", 2, ONE)
    city.says("315-2021/i0", serial=2, name=TWO)
    assert city.states(order) == ["silent", "silent"]  # by the campaign
    city.plays("315-2021/i0", 3, ONE, "s")
    city.says("315-2021/i0", serial=3, name=TWO)
    assert city.states(order) == ["shown", "shown"]


def test_a_campaigns_item_is_shown_by_the_order_while_it_holds(city):
    city.campaign()
    order = city.order(item="315-2021/i0")
    city.publish()
    city.clock.move(601)
    city.plays("315-2021/i0", 3, ONE)
    city.says("315-2021/i0", serial=3, name=TWO)
    assert city.states(order) == ["silent", "fetched"]
