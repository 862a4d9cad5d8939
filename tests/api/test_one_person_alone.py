"""One person alone cannot get an item onto a screen, whatever they hold but a duty's takeover, by any sequence.

A machine of states: one account (an operator who is approver and administrator as well) sends whatever it can think of
to the API; a colleague sits by and does nothing. After every step nothing of what the one made may be approved, and no
campaign of theirs may be among what shows. Another approver, and only that, lets it through (a check that the machine
could reach it at all).
"""

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from signage.acts import people
from signage.store import campaigns
from tests.support.console import House, Someone

IDS = st.sampled_from(["one", "two", "three"])
TEXTS = st.sampled_from(["和谐社会 文明消费", "诚信经营", "放心消费"])
VERSIONS = st.integers(1, 6)


def body(name, text, unit=None):
    made = {
        "id": name,
        "title": text,
        "timezone": "Asia/Shanghai",
        "from": "2021-03-10T00:00:00",
        "until": "2021-03-19T00:00:00",
        "item": [{"id": "s1", "text": text, "duration_s": 8}],
        "placement": [{"screens": ["*"], "items": ["*"]}],
    }
    return made if unit is None else {**made, "unit": unit}


class OnePersonAlone(RuleBasedStateMachine):
    """What one account may try."""

    @initialize()
    def a_house(self):
        self.folder = tempfile.TemporaryDirectory()
        self.house = House(Path(self.folder.name))
        self.one = self.house.person("one", "operator", "approver", "admin")
        self.house.person("colleague", "approver")
        self.names = ["one"]

    def teardown(self):
        if hasattr(self, "house"):
            self.house.close()
            self.folder.cleanup()

    @rule(name=IDS, text=TEXTS)
    def make(self, name, text):
        self.one.call("POST", "/campaigns", body(name, text))

    @rule(name=IDS, text=TEXTS, version=VERSIONS)
    def change(self, name, text, version):
        self.one.call("PUT", f"/campaigns/{name}?based_on={version}", body(name, text))

    @rule(name=IDS, other=IDS)
    def copy(self, name, other):
        self.one.call("POST", f"/campaigns/{name}/copy", {"id": other})

    @rule(name=IDS)
    def submit(self, name):
        self.one.call("POST", f"/campaigns/{name}/submit", {})

    @rule(name=IDS, what=st.sampled_from(["withdraw", "restore"]))
    def go_back(self, name, what):
        self.one.call("POST", f"/campaigns/{name}/{what}")

    @rule(name=IDS)
    def end(self, name):
        self.one.call("POST", f"/campaigns/{name}/end", {"why": "x"})

    @rule(name=IDS, version=st.none() | VERSIONS)
    def approve(self, name, version):
        seen = self.one.call("GET", f"/approvals/{name}").json
        if "seal" in seen:
            number = version or seen["version"]
            self.one.call("POST", f"/approvals/{name}/look", {"version": number, "items": ["s1"]})
            statement = {"version": number, "meaning": seen["meaning"], "seal": seen["seal"], "public_service": True}
            self.one.call("POST", f"/approvals/{name}/approve", statement)

    @rule(name=IDS)
    def send_back(self, name):
        seen = self.one.call("GET", f"/approvals/{name}").json
        if "seal" in seen:
            told = {"version": seen["version"], "meaning": seen["meaning"], "note": "x"}
            self.one.call("POST", f"/approvals/{name}/return", told)

    @rule(roles=st.lists(st.sampled_from(["operator", "approver", "duty", "admin"]), min_size=1, unique=True))
    def give_oneself_other_roles(self, roles):
        self.one.call("PATCH", "/users/one", {"roles": sorted({*roles, "admin", "operator", "approver"})})

    @rule(scope=st.sampled_from([[], ["campaign.*"], ["read"]]))
    def take_another_token(self, scope):
        made = self.one.call("POST", "/tokens", {"scope": scope})
        if made.status_code == 201 and scope != ["read"]:
            self.one.token = made.json["token"]

    @rule(name=IDS, text=TEXTS)
    def send_the_forms_of_the_console(self, name, text):
        for path in (f"/console/campaigns/{name}/submit", f"/console/approvals/{name}/approve"):
            fields = {"version": "1", "public_service": "1", "looked": "s1", "seal": "x", "meaning": "y"}
            self.one.post(path, **fields)

    @rule(name=IDS, roles=st.sampled_from([("approver",), ("operator",), ("admin",)]), puppet=st.integers(1, 3))
    def make_up_a_colleague_and_be_them(self, name, roles, puppet):
        """An account of one's own making submits what one approves, approves what one submits, or makes up another."""
        someone = self.puppet(f"puppet-{puppet}", roles)
        if someone is None:
            return
        someone.call("POST", f"/campaigns/{name}/submit", {})
        seen = someone.call("GET", f"/approvals/{name}").json
        if "seal" in seen and seen["made_by"] == "one":
            someone.call("POST", f"/approvals/{name}/look", {"version": seen["version"], "items": ["s1"]})
            statement = {key: seen[key] for key in ("version", "meaning", "seal")} | {"public_service": True}
            someone.call("POST", f"/approvals/{name}/approve", statement)

    def puppet(self, name, roles):
        made = self.one.call("POST", "/users", {"id": name, "roles": list(roles)})
        if made.status_code != 201:
            self.one.call("PATCH", f"/users/{name}", {"roles": list(roles)})
        if people.account(self.house.office, name) is None:
            return None
        return Someone(self.house, name)

    @rule(default=IDS)
    def make_it_a_screens_default(self, default):
        self.one.call("POST", "/screens", {"id": "taxi-1", "panel": "taxi-192x64"})
        self.one.call("PATCH", "/screens/taxi-1", {"default": default})

    @rule(seconds=st.integers(1, 3600))
    def wait(self, seconds):
        self.house.clock.move(seconds)

    @invariant()
    def nothing_of_theirs_is_approved(self):
        if hasattr(self, "house"):
            with self.house.office.store.read() as connection:
                assert campaigns.approved(connection) == ()


OnePersonAlone.TestCase.settings = settings(
    max_examples=60, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck)
)
TestOnePersonAlone = OnePersonAlone.TestCase


def test_a_second_person_lets_it_through(tmp_path):
    house = House(tmp_path)
    try:
        one, other = house.person("one", "operator", "approver"), house.person("other", "approver")
        _through(one, other)
        with house.office.store.read() as connection:
            assert [campaign.id for campaign in campaigns.approved(connection)] == ["one"]
    finally:
        house.close()


def _through(one: Someone, other: Someone):
    one.call("POST", "/campaigns", body("one", "诚信经营"))
    one.call("POST", "/campaigns/one/submit", {})
    seen = other.call("GET", "/approvals/one").json
    other.call("POST", "/approvals/one/look", {"version": 1, "items": ["s1"]})
    statement = {"version": 1, "meaning": seen["meaning"], "seal": seen["seal"], "public_service": True}
    assert other.call("POST", "/approvals/one/approve", statement).json == {"live": True}
