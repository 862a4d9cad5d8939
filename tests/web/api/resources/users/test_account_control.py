"""One person alone cannot get an item onto a screen, whatever they hold but a duty's takeover, by any sequence.

A machine of states: one account (an operator who is approver and administrator as well) lets in further accounts, takes
over the one that is there, and sends whatever it can think of as any of them; it may also give one of them away, to a
person who does nothing with it, and have that confirmed. After every step nothing may be approved. Another person, and
only that, lets it through (a check that the machine could reach it at all).
"""

import contextlib
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from signage.faults import Refused
from signage.model.users import make_cli_actor
from signage.services.users import accounts as people
from signage.services.users import api_tokens
from signage.services.users import confirmation as confirming
from signage.store.campaigns import approval_decisions, campaigns
from tests.support.console import ConsoleUser, InMemoryInstallation

NAMES = ("one", "two", "three")
IDS = st.sampled_from(NAMES)
SELVES = st.sampled_from(["one", "b", "c", "d", "e", "colleague"])
PUPPETS = st.sampled_from(["b", "c", "d", "e", "f", "g"])
EVERYBODY = st.sampled_from(["one", "b", "c", "d", "e", "colleague", "colleague"])
ROLES = st.lists(st.sampled_from(["operator", "approver", "admin"]), min_size=1, unique=True)
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
    """What one account may try, as itself and as any account into which it let itself."""

    @initialize()
    def a_house(self):
        self.folder = tempfile.TemporaryDirectory()
        self.installation = InMemoryInstallation(Path(self.folder.name))
        self.passwords: set[str] = {"one"}
        self.selves = {"one": self.installation.create_user("one", "operator", "approver", "admin")}
        self.installation.create_user("colleague", "approver", "admin", "operator")
        self.witness = people.create_actor(self.installation.create_user("witness", "approver").person, "console")
        for name, roles in (("b", ["operator"]), ("c", ["approver"]), ("d", ["admin", "approver", "operator"])):
            self.let_in("one", name, roles)

    def teardown(self):
        if hasattr(self, "installation"):
            self.installation.close()
            self.folder.cleanup()

    def call(self, who, method, path, body=None):
        """Ask as *who*, where that is somebody whom the one can be; else as the one."""
        return self.selves.get(who, self.selves["one"]).call_api(method, path, body)

    def come_in(self, name, answer):
        """Be *name* from now on, where the answer holds a link for them."""
        if answer.status_code in (200, 201):
            people.redeem_link(self.installation.office, answer.json["link"].rpartition("/")[2], "hash")
            self.selves[name] = ConsoleUser(self.installation, name)
            self.passwords.add(name)

    # -- people ---------------------------------------------------------------------------------------------------

    @rule(who=SELVES, name=PUPPETS, roles=ROLES)
    def let_in(self, who, name, roles):
        self.come_in(name, self.call(who, "POST", "/users", {"id": name, "roles": roles}))

    @rule(who=SELVES, name=EVERYBODY)
    def give_a_link(self, who, name):
        self.come_in(name, self.call(who, "POST", f"/users/{name}/link"))

    @rule(who=SELVES, name=EVERYBODY.filter(lambda name: name != "one"), again=st.booleans())
    def disable(self, who, name, again):
        self.call(who, "POST", f"/users/{name}/disable")
        if again:
            self.come_in(name, self.call(who, "POST", f"/users/{name}/enable"))

    @rule(who=SELVES, name=EVERYBODY, roles=ROLES)
    def give_other_roles(self, who, name, roles):
        held = {*roles, "admin", "operator", "approver"} if name == "one" else {*roles}
        self.call(who, "PATCH", f"/users/{name}", {"roles": sorted(held)})

    @rule(who=SELVES, name=EVERYBODY, scope=st.sampled_from([[], ["campaign.*", "approval.*"], ["read"]]))
    def take_a_token(self, who, name, scope):
        made = self.call(who, "POST", "/tokens", {"user": name, "scope": scope})
        if made.status_code == 201:
            known = self.selves.setdefault(name, ConsoleUser(self.installation, name, made.json["token"]))
            known.token = made.json["token"] if scope != ["read"] else known.token

    @rule(who=SELVES, name=EVERYBODY, at_a_page=st.booleans())
    def confirm(self, who, name, at_a_page):
        """A confirmation ends what let them in; where the password is known, they come in again."""
        if at_a_page:
            answer = self.selves.get(who, self.selves["one"]).post(f"/console/users/{name}/confirm")
        else:
            answer = self.call(who, "POST", f"/users/{name}/confirm")
        known = self.selves[name] if name in self.passwords else None
        if (
            answer.status_code in (200, 303)
            and known
            and not api_tokens.authenticate_token(self.installation.office, known.token)
        ):
            self.selves[name] = ConsoleUser(self.installation, name)

    @rule(name=EVERYBODY)
    def everybody_confirms(self, name):
        for who in list(self.selves):
            self.confirm(who, name, at_a_page=False)

    @rule(name=PUPPETS, work=IDS, other=PUPPETS, roles=ROLES)
    def give_it_to_whom_it_names_and_another_confirms(self, name, work, other, roles):
        """The person sets a password of their own; whatever else let the one in is kept and tried further."""
        self.make(name, work, "放心消费")
        self.submit(name, work)
        self.let_in(name, other, roles)
        office, admin = self.installation.office, people.create_actor(self.selves["one"].person, "console")
        with contextlib.suppress(Refused):
            people.redeem_link(office, people.create_link(office, admin, name), "their own")
            self.passwords.discard(name)
            confirming.confirm_account(office, self.witness, name)
        for who in sorted(self.selves):
            self.approve(who, work, None)

    @rule(who=SELVES, name=EVERYBODY)
    def take_the_second_step_away(self, who, name):
        self.selves.get(who, self.selves["one"]).post(f"/console/users/{name}/forget-factors")

    # -- campaigns ------------------------------------------------------------------------------------------------

    @rule(who=SELVES, name=IDS, text=TEXTS)
    def make(self, who, name, text):
        self.call(who, "POST", "/campaigns", body(name, text))

    @rule(who=SELVES, name=IDS, text=TEXTS)
    def try_it(self, who, name, text):
        """One of them makes and submits it; all of them try to approve."""
        self.make(who, name, text)
        self.submit(who, name)
        for other in sorted(self.selves.keys() - {who}):
            self.approve(other, name, None)

    @rule(who=SELVES, name=IDS, text=TEXTS, version=VERSIONS)
    def change(self, who, name, text, version):
        self.call(who, "PUT", f"/campaigns/{name}?based_on={version}", body(name, text))

    @rule(who=SELVES, name=IDS, other=IDS)
    def copy(self, who, name, other):
        self.call(who, "POST", f"/campaigns/{name}/copy", {"id": other})

    @rule(who=SELVES, name=IDS)
    def submit(self, who, name):
        self.call(who, "POST", f"/campaigns/{name}/submit", {})

    @rule(who=SELVES, name=IDS, what=st.sampled_from(["withdraw", "restore"]))
    def go_back(self, who, name, what):
        self.call(who, "POST", f"/campaigns/{name}/{what}")

    @rule(who=SELVES, name=IDS)
    def end(self, who, name):
        self.call(who, "POST", f"/campaigns/{name}/end", {"why": "x"})

    @rule(who=SELVES, name=IDS, version=st.none() | VERSIONS)
    def approve(self, who, name, version):
        seen = self.call(who, "GET", f"/approvals/{name}").json
        if "seal" in seen:
            number = version or seen["version"]
            self.call(who, "POST", f"/approvals/{name}/look", {"version": number, "items": ["s1"]})
            statement = {"version": number, "meaning": seen["meaning"], "seal": seen["seal"], "public_service": True}
            self.call(who, "POST", f"/approvals/{name}/approve", statement)

    @rule(who=SELVES, name=IDS)
    def send_back(self, who, name):
        seen = self.call(who, "GET", f"/approvals/{name}").json
        if "seal" in seen:
            told = {"version": seen["version"], "meaning": seen["meaning"], "note": "x"}
            self.call(who, "POST", f"/approvals/{name}/return", told)

    @rule(who=SELVES, name=IDS)
    def send_the_forms_of_the_console(self, who, name):
        for path in (f"/console/campaigns/{name}/submit", f"/console/approvals/{name}/approve"):
            fields = {"version": "1", "public_service": "1", "looked": "s1", "seal": "x", "meaning": "y"}
            self.selves.get(who, self.selves["one"]).post(path, **fields)

    # -- the rest -------------------------------------------------------------------------------------------------

    @rule(who=SELVES, default=IDS)
    def make_it_a_screens_default(self, who, default):
        self.call(who, "POST", "/screens", {"id": "taxi-1", "panel": "taxi-192x64"})
        self.call(who, "PATCH", "/screens/taxi-1", {"default": default})

    @rule(seconds=st.integers(1, 3600))
    def wait(self, seconds):
        self.installation.clock.move(seconds)

    @invariant()
    def nothing_is_approved(self):
        if hasattr(self, "installation"):
            with self.installation.office.store.read() as connection:
                assert campaigns.list_approved_campaigns(connection) == ()
                verdicts = [
                    one.decision for name in NAMES for one in approval_decisions.list_decisions(connection, name, 1)
                ]
                assert "approved" not in verdicts


OnePersonAlone.TestCase.settings = settings(
    max_examples=60, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck)
)
TestOnePersonAlone = OnePersonAlone.TestCase


@pytest.fixture
def installation(tmp_path):
    made = InMemoryInstallation(tmp_path)
    yield made
    made.close()


def shown(installation):
    with installation.office.store.read() as connection:
        return [campaign.id for campaign in campaigns.list_approved_campaigns(connection)]


def test_a_second_person_lets_it_through(installation):
    one, other = installation.create_user("one", "operator", "approver"), installation.create_user("other", "approver")
    assert approved(one, other).json == {"live": True}
    assert shown(installation) == ["one"]


@pytest.mark.parametrize("door", ["api", "page", "machine"])
def test_whom_a_second_person_confirmed_lets_it_through(installation, door):
    """The administrator lets two in, submits as neither; the approver counts once somebody else confirmed them."""
    admin, colleague = installation.create_user("boss", "admin"), installation.create_user("colleague", "approver")
    li, wu = let_in(installation, admin, "li", "operator"), let_in(installation, admin, "wu", "approver")
    refused = approved(li, wu)
    assert (refused.status_code, shown(installation)) == (403, [])
    assert "signage users confirm wu" in refused.text and "boss" in refused.text
    assert admin.call_api("GET", "/users/wu").json["let_in_by"] == ["boss"]
    assert admin.call_api("POST", "/users/wu/confirm").status_code == 403
    if door == "api":
        assert colleague.call_api("POST", "/users/wu/confirm").json["let_in_by"] == []
    elif door == "page":
        assert colleague.post("/console/users/wu/confirm").status_code == 303
    else:
        confirming.confirm_account(installation.office, make_cli_actor("root"), "wu")
    assert wu.call_api("GET", "/approvals/one").status_code == 401, "what could be another's ended"
    assert approved(None, ConsoleUser(installation, "wu")).json == {"live": True}
    assert shown(installation) == ["one"]


def let_in(installation: InMemoryInstallation, admin: ConsoleUser, name: str, *roles: str) -> ConsoleUser:
    link = admin.call_api("POST", "/users", {"id": name, "roles": roles}).json["link"]
    people.redeem_link(installation.office, link.rpartition("/")[2], "hash")
    return ConsoleUser(installation, name)


def approved(one: ConsoleUser | None, other: ConsoleUser):
    """*one* makes and submits it, *other* looks and approves; the last answer."""
    if one is not None:
        one.call_api("POST", "/campaigns", body("one", "诚信经营"))
        one.call_api("POST", "/campaigns/one/submit", {})
    seen = other.call_api("GET", "/approvals/one").json
    other.call_api("POST", "/approvals/one/look", {"version": 1, "items": ["s1"]})
    statement = {"version": 1, "meaning": seen["meaning"], "seal": seen["seal"], "public_service": True}
    return other.call_api("POST", "/approvals/one/approve", statement)
