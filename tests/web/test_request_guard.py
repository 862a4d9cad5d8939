"""Every route × every role × own and foreign objects: deny by default, held to the table of duties.

Nothing here knows what a page is for. It walks the tables of pages and operations, asks each as each role, and holds
the answer to what ``model.duties`` says: 403 where the role has not the duty, never 403 (for that reason) where it has.
"""

import base64
import io
import re

import pytest
from werkzeug.test import Client

from signage.model import permissions as duties
from signage.model.campaign import Campaign, Placement
from signage.model.campaign_file.write import format_campaign_file
from signage.model.item import Item
from signage.model.users import ROLES, SYSTEM_ACTOR, Actor
from signage.services.campaigns import drafts as campaign_drafts
from signage.services.incidents import incidents
from signage.services.screens import registry as screens
from signage.services.settings import IncidentConfig
from signage.services.users import accounts as people
from signage.web.api.routes import OPERATIONS
from signage.web.console.routes import PAGES
from signage.web.request_guard import PUBLIC, SECOND_FACTOR_PENDING
from tests.support.app_context import make_screen
from tests.support.clocks import parse_instant
from tests.support.console import ConsoleUser, InMemoryInstallation

OPEN = (PUBLIC, SECOND_FACTOR_PENDING)
CONSOLE = [page for subject in PAGES for page in subject.pages]


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    made = InMemoryInstallation(tmp_path_factory.mktemp("installation"))
    screens.create_screen(made.office, SYSTEM_ACTOR, make_screen("own", unit="bureau"))
    screens.create_screen(made.office, SYSTEM_ACTOR, make_screen("foreign", unit="station"))
    for name, unit in (("own", "bureau"), ("foreign", "station")):
        one = campaign(name, unit)
        campaign_drafts.save_draft(
            made.office, Actor("maker", frozenset({"operator"})), one, format_campaign_file(one), None
        )
        people.create_user(made.office, SYSTEM_ACTOR, name, ["operator"], unit)
        incidents.report_incident(made.office, Actor("maker", frozenset({"duty"}), unit), IncidentConfig(), "x")
    for role in ROLES:
        people.create_user(made.office, SYSTEM_ACTOR, f"p-{role}", [role], "bureau" if role != "auditor" else None)
    yield made
    made.close()


def campaign(name, unit):
    items, placements = (Item("s1", text="和谐社会 文明消费"),), (Placement(("*",), ("*",)),)
    begin, end = parse_instant("2021-03-10T00:00:00+08:00"), parse_instant("2021-03-19T00:00:00+08:00")
    return Campaign(name, name, "Asia/Shanghai", begin, end, items, placements, unit=unit)


@pytest.fixture
def everyone(installation):
    """Each role's person, logged in anew: what a walk does may end a session or a token."""
    return {role: ConsoleUser(installation, f"p-{role}") for role in ROLES}


def filled(path, name):
    """The address with something in each blank: *name* for what is called by an id, 1 for what has a number."""
    path = re.sub(r"<int:\w+>|<number>", "1", path)
    return re.sub(r"<(?:\w+:)?\w+>|{\w+}", name, path)


@pytest.mark.parametrize("page", CONSOLE, ids=lambda p: f"{p.method} {p.path}")
def test_a_page_opens_for_those_who_have_its_duty_alone(installation, everyone, page):
    for role, someone in everyone.items():
        if page.endpoint in ("login.log_out", "account.end_others"):
            continue
        allowed = page.permission in OPEN or role in duties.PERMISSIONS[page.permission]
        for name in ("own", "foreign"):
            path = filled(page.path, name)
            response = someone.get(path) if page.method == "GET" else someone.post(path, why="")
            response.get_data()
            if allowed:
                assert not (response.status_code == 403 and page.method == "GET"), (role, path, response.text[-1500:])
            else:
                assert response.status_code == 403, (role, path, response.status_code)
            assert response.status_code != 500, (role, path)


@pytest.mark.parametrize("page", [p for p in CONSOLE if p.method == "POST"], ids=lambda p: p.path)
def test_a_change_without_its_token_is_refused_and_nobody_is_sent_to_the_log_in(installation, everyone, page):
    path = filled(page.path, "own")
    for someone in everyone.values():
        assert someone.post(path, csrf=False).status_code == 403
        assert someone.browser.post(path, data={"csrf_token": "0" * 64}).status_code == 403
    stranger = Client(installation.app).post(path)
    assert stranger.status_code == (403 if page.permission == PUBLIC else 401)


@pytest.mark.parametrize(
    "page", [p for p in CONSOLE if p.method == "GET" and p.permission != PUBLIC], ids=lambda p: p.path
)
def test_nobody_sees_a_page_without_a_log_in(installation, page):
    response = Client(installation.app).get(filled(page.path, "own"))
    assert response.status_code == 303
    assert response.headers["Location"].startswith("/console/login")


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda o: f"{o.method} {o.path}")
def test_an_operation_is_for_those_who_have_its_duty_alone(installation, everyone, operation):
    for role, someone in everyone.items():
        allowed = operation.permission in OPEN or role in duties.PERMISSIONS[operation.permission]
        for name in ("own", "foreign"):
            response = someone.call_api(operation.method, filled(operation.path, name))
            assert response.status_code != 500, (role, operation.path)
            if not allowed:
                assert response.status_code == 403, (role, operation.path, response.status_code)
            elif response.status_code == 403:
                assert operation.method != "GET", (role, operation.path, response.text)
                assert "not-your-unit" in response.text or "token.revoke" in response.text, response.text
    stranger = Client(installation.app).open("/api/v1" + filled(operation.path, "own"), method=operation.method)
    assert stranger.status_code == (204 if operation.permission in OPEN else 401)


@pytest.mark.parametrize(
    ("role", "method", "path", "body"),
    [
        ("operator", "POST", "/campaigns/{}/submit", {}),
        ("operator", "POST", "/campaigns/{}/end", {"why": "x"}),
        ("operator", "POST", "/incidents/2/steps", {"step": "dispatched"}),
        ("admin", "PATCH", "/screens/{}", {"tags": ["x"]}),
        ("admin", "POST", "/screens/{}/revoke", None),
        ("admin", "POST", "/screens/{}/token", None),
        ("admin", "DELETE", "/screens/{}", None),
        ("admin", "POST", "/users/{}/link", None),
        ("admin", "PATCH", "/users/{}", {"roles": ["duty"]}),
        ("admin", "POST", "/users/{}/disable", None),
        ("admin", "POST", "/users/{}/confirm", None),
        ("approver", "POST", "/users/{}/confirm", None),
    ],
)
def test_what_is_another_units_is_not_changed(installation, everyone, role, method, path, body):
    response = everyone[role].call_api(method, path.format("foreign"), body)
    assert response.status_code == 403, response.text
    assert "not-your-unit" in response.text


@pytest.mark.parametrize(("unit", "status"), [("station", 403), ("Not A Unit!", 422), ("x" * 500, 422), ("bureau", 0)])
def test_a_clip_is_not_brought_for_another_unit(installation, everyone, unit, status):
    said = base64.b64encode(unit.encode()).decode()
    tus = {"Tus-Resumable": "1.0.0", "Upload-Length": "100", "Upload-Metadata": f"unit {said}"}
    form = {"data": {"file": (io.BytesIO(b"GIF89a"), "a.gif"), "unit": unit}, "content_type": "multipart/form-data"}
    begun = everyone["operator"].call_api("POST", "/uploads", headers=tus)
    sent = everyone["operator"].call_api("POST", "/clips", **form)
    assert begun.status_code == (status or 201), begun.text
    assert sent.status_code == (status or 422), sent.text
    assert (sent.json["faults"][0]["where"] == "unit") == bool(status), sent.text


def test_the_auditor_may_change_nothing_in_the_table():
    changing = {verb for verb, roles in duties.PERMISSIONS.items() if "auditor" in roles}
    changing -= {verb for verb in changing if verb.endswith((".view", ".export"))}
    own = {"token.add", "token.drop", "user.redeem", "user.password", "user.factor"}
    own |= {"session.open", "session.close", "session.refused"}
    assert changing <= own | {"report.make", "state.backup"}
