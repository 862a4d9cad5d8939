"""What a page offers, its reader may do: no form, button or link leads to what would be refused."""

from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from werkzeug.routing import Map, Rule

from signage.model import permissions as duties
from signage.model.users import ROLES, SYSTEM_ACTOR
from signage.services.users import accounts as people
from signage.web.console.routes import PAGES
from signage.web.request_guard import PUBLIC, SECOND_FACTOR_PENDING
from tests.support.console import ConsoleUser
from tests.support.populated_installation import PopulatedInstallation, list_page_paths

CONSOLE = [page for subject in PAGES for page in subject.pages]
DUTY = {(page.method, page.endpoint): page.permission for page in CONSOLE}
RULES = [Rule(page.path, endpoint=page.endpoint, methods=[page.method]) for page in CONSOLE]
ADDRESSES = Map(RULES, strict_slashes=False).bind("x")
OPEN = {PUBLIC, SECOND_FACTOR_PENDING}
OWN = {"token.add", "token.drop", "user.password", "user.factor", "session.close"}
"""What everybody does for themselves."""


class Offered(HTMLParser):
    """Where the forms, buttons and links of a page lead: method and address."""

    def __init__(self, address: str, page: str) -> None:
        super().__init__()
        self.address, self.found, self._form = address, set[tuple[str, str]](), ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        if tag == "form":
            self._form = (known.get("action") or self.address) if known.get("method") == "post" else ""
        if tag == "button" and known.get("type") != "button" and (self._form or known.get("formaction")):
            self._add("POST", known.get("formaction") or self._form)
        if tag == "a" and (known.get("href") or "").startswith("/console/"):
            self._add("GET", known["href"] or "")

    def _add(self, method: str, address: str) -> None:
        self.found.add((method, address.partition("?")[0].partition("#")[0]))


@pytest.fixture(scope="module")
def populated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PopulatedInstallation]:
    made = PopulatedInstallation(tmp_path_factory.mktemp("office"))
    for role in ROLES:
        people.create_user(made.office, SYSTEM_ACTOR, f"p-{role}", [role])
    yield made
    made.close()


def offered(populated: PopulatedInstallation, role: str) -> dict[str, set[tuple[str, str]]]:
    """For each page that *role* may open, the methods and duties of all that it leads to."""
    someone = ConsoleUser(populated.installation, f"p-{role}")
    found = {}
    for path in list_page_paths(populated):
        answer = someone.get(f"/console/{path}")
        assert answer.status_code in (200, 403), path
        if answer.status_code == 200:
            sent = Offered(f"/console/{path}", answer.text).found
            found[path] = {(method, DUTY[method, ADDRESSES.match(to, method)[0]]) for method, to in sent}
    return found


@pytest.mark.parametrize("role", ROLES)
def test_nothing_is_offered_that_would_be_refused(populated, role):
    wrong = {
        path: refused
        for path, asked in offered(populated, role).items()
        if (refused := {one for one in asked if one[1] not in OPEN and role not in duties.PERMISSIONS[one[1]]})
    }
    assert wrong == {}


def test_an_auditor_is_offered_no_change(populated):
    found = offered(populated, "auditor")
    assert {"today", "log/entries", "log/plays", "campaigns/running/report/page", "users"} <= set(found)
    changes = {duty for asked in found.values() for method, duty in asked if method == "POST"}
    assert changes - OWN - OPEN == {"report.make"}
