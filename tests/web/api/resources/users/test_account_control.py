"""One person alone cannot get an item onto a screen, except by a duty officer's takeover, by any sequence of requests.

A state machine: one account (operator, approver and administrator) creates further accounts, takes over existing ones,
and sends every request as any of them; it may also hand an account over to the person it names, who has it confirmed.
After every step nothing may be approved. The tests at the end show that a second person can approve.
"""

import atexit
import contextlib
import functools
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from signage.faults import Refused
from signage.model.users import make_cli_actor
from signage.services.campaigns.content_seal import compute_content_seal
from signage.services.users import accounts, api_tokens, confirmation
from signage.store.campaigns import approval_decisions, campaigns, review_views
from tests.support.clocks import ManualClock
from tests.support.console import ConsoleUser, InMemoryInstallation

NAMES = ("one", "two")
IDS = st.sampled_from(NAMES)
SELVES = st.sampled_from(["one", "b", "c", "d", "e", "colleague"])
PUPPETS = st.sampled_from(["b", "c", "d", "e", "f", "g"])
EVERYBODY = st.sampled_from(["one", "b", "c", "d", "e", "colleague", "colleague"])
ROLES = st.lists(st.sampled_from(["operator", "approver", "admin"]), min_size=1, unique=True)
TEXTS = st.sampled_from(["和谐社会 文明消费", "诚信经营", "放心消费"])
VERSIONS = st.integers(1, 6)


def create_body(name, text, unit=None):
    campaign = {
        "id": name,
        "title": text,
        "timezone": "Asia/Shanghai",
        "from": "2021-03-10T00:00:00",
        "until": "2021-03-19T00:00:00",
        "item": [{"id": "s1", "text": text, "duration_s": 8}],
        "placement": [{"screens": ["*"], "items": ["*"]}],
    }
    return campaign if unit is None else {**campaign, "unit": unit}


FIRST_ACCOUNTS = {
    "one": ("operator", "approver", "admin"),
    "colleague": ("approver", "admin", "operator"),
    "witness": ("approver",),
    "b": ("operator",),
    "c": ("approver",),
    "d": ("admin", "approver", "operator"),
}
"""The accounts at the beginning; ``one`` creates ``b``, ``c`` and ``d`` and logs in as them."""


@dataclass(frozen=True)
class Template:
    """One installation for all examples: its database with the first accounts, and their API tokens."""

    installation: InMemoryInstallation
    database: bytes
    tokens: dict[str, str]

    def restore(self) -> None:
        """Put the database and the clock back to the beginning."""
        self.installation.office.store.close()
        path = self.installation.office.store.path
        for ending in ("-wal", "-shm"):
            path.with_name(path.name + ending).unlink(missing_ok=True)
        path.write_bytes(self.database)
        self.installation.clock.instant = ManualClock().instant


@functools.cache
def create_template() -> Template:
    """Create the installation with the first accounts, in memory where there is a file system for that."""
    memory = Path("/dev/shm")
    folder = tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None)
    atexit.register(folder.cleanup)
    installation = InMemoryInstallation(Path(folder.name))
    users = {name: installation.create_user(name, *FIRST_ACCOUNTS[name]) for name in ("one", "colleague", "witness")}
    for name in ("b", "c", "d"):
        users[name] = create_account(installation, users["one"], name, *FIRST_ACCOUNTS[name])
    installation.office.store.close()
    tokens = {name: user.token for name, user in users.items()}
    return Template(installation, installation.office.store.path.read_bytes(), tokens)


def create_account(installation: InMemoryInstallation, admin: ConsoleUser, name: str, *roles: str) -> ConsoleUser:
    """Create an account as *admin* through the API, and use its one-time link."""
    link = admin.call_api("POST", "/users", {"id": name, "roles": roles}).json["link"]
    accounts.redeem_link(installation.office, link.rpartition("/")[2], "hash")
    return ConsoleUser(installation, name)


class OnePersonAlone(RuleBasedStateMachine):
    """What the person behind one account may try, as itself and as every account that it can log in as."""

    @initialize()
    def open_installation(self):
        template = create_template()
        template.restore()
        self.installation = template.installation
        self.passwords = {"one", "b", "c", "d"}
        self.selves = {
            name: ConsoleUser(self.installation, name, template.tokens[name]) for name in ("one", "b", "c", "d")
        }
        self.witness = accounts.create_actor(accounts.find_account(self.context, "witness").user, "console")

    @property
    def context(self):
        return self.installation.office

    def call(self, who, method, path, body=None):
        """Call the API as *who* where the person can log in as that account; else as ``one``."""
        return self.selves.get(who, self.selves["one"]).call_api(method, path, body)

    def log_in(self, name, answer):
        """Log in as *name*, where the answer has a one-time link."""
        if answer.status_code in (200, 201):
            accounts.redeem_link(self.context, answer.json["link"].rpartition("/")[2], "hash")
            self.selves[name] = ConsoleUser(self.installation, name)
            self.passwords.add(name)

    # -- accounts -------------------------------------------------------------------------------------------------

    @rule(who=SELVES, name=PUPPETS, roles=ROLES)
    def create_account(self, who, name, roles):
        self.log_in(name, self.call(who, "POST", "/users", {"id": name, "roles": roles}))

    @rule(who=SELVES, name=EVERYBODY)
    def create_link(self, who, name):
        self.log_in(name, self.call(who, "POST", f"/users/{name}/link"))

    @rule(who=SELVES, name=EVERYBODY.filter(lambda name: name != "one"), again=st.booleans())
    def disable(self, who, name, again):
        self.call(who, "POST", f"/users/{name}/disable")
        if again:
            self.log_in(name, self.call(who, "POST", f"/users/{name}/enable"))

    @rule(who=SELVES, name=EVERYBODY, roles=ROLES)
    def change_roles(self, who, name, roles):
        held = {*roles, "admin", "operator", "approver"} if name == "one" else {*roles}
        self.call(who, "PATCH", f"/users/{name}", {"roles": sorted(held)})

    @rule(who=SELVES, name=EVERYBODY, scope=st.sampled_from([[], ["campaign.*", "approval.*"], ["read"]]))
    def create_token(self, who, name, scope):
        made = self.call(who, "POST", "/tokens", {"user": name, "scope": scope})
        if made.status_code == 201:
            known = self.selves.setdefault(name, ConsoleUser(self.installation, name, made.json["token"]))
            known.token = made.json["token"] if scope != ["read"] else known.token

    @rule(who=SELVES, name=EVERYBODY, at_a_page=st.booleans())
    def confirm(self, who, name, at_a_page):
        """A confirmation ends sessions and tokens; where the person knows the password, they log in again."""
        if at_a_page:
            answer = self.selves.get(who, self.selves["one"]).post(f"/console/users/{name}/confirm")
        else:
            answer = self.call(who, "POST", f"/users/{name}/confirm")
        known = self.selves[name] if name in self.passwords else None
        if answer.status_code in (200, 303) and known and not api_tokens.authenticate_token(self.context, known.token):
            self.selves[name] = ConsoleUser(self.installation, name)

    @rule(name=EVERYBODY)
    def confirm_by_all(self, name):
        for who in list(self.selves):
            self.confirm(who, name, at_a_page=False)

    @rule(name=PUPPETS, work=IDS, other=PUPPETS, roles=ROLES)
    def hand_over_and_have_it_confirmed(self, name, work, other, roles):
        """Somebody else sets the password of *name*; every other access of ``one`` to it is tried afterwards."""
        self.create_campaign(name, work, "放心消费")
        self.submit(name, work)
        self.create_account(name, other, roles)
        context, admin = self.context, accounts.create_actor(self.selves["one"].person, "console")
        with contextlib.suppress(Refused):
            accounts.redeem_link(context, accounts.create_link(context, admin, name), "their own")
            self.passwords.discard(name)
            confirmation.confirm_account(context, self.witness, name)
        for who in sorted(self.selves):
            self.approve(who, work, None)

    @rule(who=SELVES, name=EVERYBODY)
    def reset_second_factors(self, who, name):
        self.selves.get(who, self.selves["one"]).post(f"/console/users/{name}/forget-factors")

    # -- campaigns ------------------------------------------------------------------------------------------------

    @rule(who=SELVES, name=IDS, text=TEXTS)
    def create_campaign(self, who, name, text):
        self.call(who, "POST", "/campaigns", create_body(name, text))

    @rule(who=SELVES, name=IDS, text=TEXTS)
    def submit_and_approve_by_all(self, who, name, text):
        """One account creates and submits a campaign; all others try to approve it."""
        self.create_campaign(who, name, text)
        self.submit(who, name)
        for other in sorted(self.selves.keys() - {who}):
            self.approve(other, name, None)

    @rule(who=SELVES, name=IDS, text=TEXTS, version=VERSIONS)
    def change_campaign(self, who, name, text, version):
        self.call(who, "PUT", f"/campaigns/{name}?based_on={version}", create_body(name, text))

    @rule(who=SELVES, name=IDS, other=IDS)
    def copy_campaign(self, who, name, other):
        self.call(who, "POST", f"/campaigns/{name}/copy", {"id": other})

    @rule(who=SELVES, name=IDS)
    def submit(self, who, name):
        self.call(who, "POST", f"/campaigns/{name}/submit", {})

    @rule(who=SELVES, name=IDS, what=st.sampled_from(["withdraw", "restore"]))
    def withdraw_or_restore(self, who, name, what):
        self.call(who, "POST", f"/campaigns/{name}/{what}")

    @rule(who=SELVES, name=IDS)
    def end_campaign(self, who, name):
        self.call(who, "POST", f"/campaigns/{name}/end", {"why": "x"})

    def get_review(self, name):
        """The version, hashes and items of a campaign as its reviewers see them; None where it does not exist."""
        with self.context.store.read() as connection:
            campaign = campaigns.get_campaign(connection, name)
            return campaign and campaigns.get_version(connection, name, campaign.current_version)

    @rule(who=SELVES, name=IDS, version=st.none() | VERSIONS)
    def approve(self, who, name, version):
        """Approve as *who*, who counts as having viewed every item; with *version*, another number than the newest."""
        newest = self.get_review(name)
        if newest is not None:
            number = version or newest.version
            user, now = self.selves.get(who, self.selves["one"]), self.context.clock.now()
            with self.context.store.write() as connection:
                for item in ("s1", review_views.VERSION_OPENED):
                    review_views.record_view(connection, name, number, user.name, item, now)
            statement = {"version": number, "meaning": newest.version_hash, "public_service": True}
            statement["seal"] = compute_content_seal(newest.campaign)
            self.call(who, "POST", f"/approvals/{name}/approve", statement)

    @rule(who=SELVES, name=IDS)
    def return_version(self, who, name):
        newest = self.get_review(name)
        if newest is not None:
            note = {"version": newest.version, "meaning": newest.version_hash, "note": "x"}
            self.call(who, "POST", f"/approvals/{name}/return", note)

    @rule(who=SELVES, name=IDS)
    def send_console_forms(self, who, name):
        for path in (f"/console/campaigns/{name}/submit", f"/console/approvals/{name}/approve"):
            fields = {"version": "1", "public_service": "1", "looked": "s1", "seal": "x", "meaning": "y"}
            self.selves.get(who, self.selves["one"]).post(path, **fields)

    # -- screens and time ----------------------------------------------------------------------------------------------

    @rule(who=SELVES, default=IDS)
    def make_it_the_default_of_a_screen(self, who, default):
        self.call(who, "POST", "/screens", {"id": "taxi-1", "panel": "taxi-192x64"})
        self.call(who, "PATCH", "/screens/taxi-1", {"default": default})

    @rule(seconds=st.integers(1, 3600))
    def wait(self, seconds):
        self.installation.clock.move(seconds)

    @invariant()
    def nothing_is_approved(self):
        if hasattr(self, "installation"):
            with self.context.store.read() as connection:
                assert campaigns.list_approved_campaigns(connection) == ()
                decisions = [
                    row.decision for name in NAMES for row in approval_decisions.list_decisions(connection, name, 1)
                ]
                assert "approved" not in decisions


OnePersonAlone.TestCase.settings = settings(
    max_examples=80, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck)
)
TestOnePersonAlone = pytest.mark.slow(OnePersonAlone.TestCase)


@pytest.fixture
def installation(tmp_path):
    installation = InMemoryInstallation(tmp_path)
    yield installation
    installation.close()


def list_approved_campaigns(installation):
    with installation.office.store.read() as connection:
        return [campaign.id for campaign in campaigns.list_approved_campaigns(connection)]


def test_a_second_person_can_approve(installation):
    one, other = installation.create_user("one", "operator", "approver"), installation.create_user("other", "approver")
    assert approve_campaign(one, other).json == {"live": True}
    assert list_approved_campaigns(installation) == ["one"]


@pytest.mark.parametrize("door", ["api", "page", "machine"])
def test_an_account_that_a_second_person_confirmed_can_approve(installation, door):
    """An administrator creates an operator and an approver; the approver counts once somebody else confirmed them."""
    admin, colleague = installation.create_user("boss", "admin"), installation.create_user("colleague", "approver")
    li, wu = (
        create_account(installation, admin, "li", "operator"),
        create_account(installation, admin, "wu", "approver"),
    )
    refused = approve_campaign(li, wu)
    assert (refused.status_code, list_approved_campaigns(installation)) == (403, [])
    assert "signage users confirm wu" in refused.text and "boss" in refused.text
    assert admin.call_api("GET", "/users/wu").json["let_in_by"] == ["boss"]
    assert admin.call_api("POST", "/users/wu/confirm").status_code == 403
    if door == "api":
        assert colleague.call_api("POST", "/users/wu/confirm").json["let_in_by"] == []
    elif door == "page":
        assert colleague.post("/console/users/wu/confirm").status_code == 303
    else:
        confirmation.confirm_account(installation.office, make_cli_actor("root"), "wu")
    assert wu.call_api("GET", "/approvals/one").status_code == 401, "former access ended"
    assert approve_campaign(None, ConsoleUser(installation, "wu")).json == {"live": True}
    assert list_approved_campaigns(installation) == ["one"]


def approve_campaign(author: ConsoleUser | None, reviewer: ConsoleUser):
    """*author* creates and submits the campaign ``one``, *reviewer* views and approves it; the last answer."""
    if author is not None:
        author.call_api("POST", "/campaigns", create_body("one", "诚信经营"))
        author.call_api("POST", "/campaigns/one/submit", {})
    review = reviewer.call_api("GET", "/approvals/one").json
    reviewer.call_api("POST", "/approvals/one/look", {"version": 1, "items": ["s1"]})
    statement = {"version": 1, "meaning": review["meaning"], "seal": review["seal"], "public_service": True}
    return reviewer.call_api("POST", "/approvals/one/approve", statement)
