"""A whole office with its console and API in memory, and people who use it."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from werkzeug.test import Client, TestResponse

from signage.library.service import Library
from signage.library.settings import LibraryConfig
from signage.model.users import SYSTEM_ACTOR, User
from signage.publish.load_snapshot import ScheduleRules
from signage.schedule.calendars import OfficialCalendars
from signage.schedule.snapshot import ScheduleSettings
from signage.services.bootstrap import attach_library
from signage.services.context import AppContext
from signage.services.settings import ApprovalConfig
from signage.services.users import accounts as people
from signage.services.users import api_tokens, sessions
from signage.web.api import register as api
from signage.web.app import create_app
from signage.web.console import register as console
from signage.web.dependencies import WebDependencies
from signage.web.security import cookies_csrf as browser
from tests.support.app_context import create_app_context
from tests.support.clocks import ManualClock
from tests.web.support import FakeInstallation

PASSWORD = "correct horse battery"
CSRF_PATTERN = re.compile(r'name="csrf_token" value="(\w+)"')


class InMemoryInstallation:
    """An installation without processes: the office, its library, the web application over both."""

    def __init__(self, root: Path, **approval: Any) -> None:
        self.clock = ManualClock()
        office = create_app_context(root, self.clock, approval=ApprovalConfig(**approval))
        library = Library(office.store, office.state, LibraryConfig(), self.clock)
        self._open(
            root,
            attach_library(office, library),
            library,
            ScheduleRules(ScheduleSettings(), OfficialCalendars()),
        )

    @classmethod
    def create_over(
        cls, root: Path, office: AppContext, library: Library, rules: ScheduleRules
    ) -> "InMemoryInstallation":
        """The console over an office that is there."""
        house = cls.__new__(cls)
        assert isinstance(office.clock, ManualClock)
        house.clock = office.clock
        house._open(root, office, library, rules)
        return house

    def _open(self, root: Path, office: AppContext, library: Library, rules: ScheduleRules) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self.root, self.office, self.library = root, office, library
        self.server = FakeInstallation(root)
        self.services: WebDependencies = replace(
            self.server.create_dependencies(),
            context=office,
            clock=self.clock,
            library=library,
            schedule_rules=rules,
            extensions=(console.register, api.register),
        )
        self.app = create_app(self.services)

    def override_services(self, **parts: Any) -> None:
        """Serve with these parts in place of the ones that are there."""
        self.services = replace(self.services, **parts)
        self.app = create_app(self.services)

    def create_user(self, name: str, *roles: str, unit: str | None = None) -> "ConsoleUser":
        """A new person, with a session in a browser of their own and a token for the API."""
        people.create_user(self.office, SYSTEM_ACTOR, name, roles, unit)
        return ConsoleUser(self, name)

    def close(self) -> None:
        """End what runs beside."""
        self.library.stop()
        self.office.store.close()
        self.server.enrolment_store.close()


class ConsoleUser:
    """A person at a browser (``get``, ``post``) and with a program (``call``)."""

    def __init__(self, house: InMemoryInstallation, name: str, token: str | None = None) -> None:
        self.installation, self.name = house, name
        self.browser = Client(house.app)
        account = people.find_account(house.office, name)
        assert account is not None
        self.person: User = account.user
        secret = sessions.start_session(
            house.office, house.services.session_config, self.person, "full", "127.0.0.1", "test"
        )
        self.session_secret = secret
        self.browser.set_cookie(browser.SESSION_COOKIE, secret)
        self.csrf = browser.create_csrf_token(secret)
        self.token = token or api_tokens.create_token(house.office, people.create_actor(self.person, "console"), name)

    def get(self, path: str, **more: Any) -> TestResponse:
        """Look at a page."""
        return self.browser.get(path, **more)

    def post(self, path: str, csrf: bool = True, **fields: Any) -> TestResponse:
        """Send a form."""
        return self.browser.post(path, data={**fields, **({"csrf_token": self.csrf} if csrf else {})})

    def call_api(self, method: str, path: str, json: Any = None, **more: Any) -> TestResponse:
        """Ask the API with the token."""
        headers = {"Authorization": f"Bearer {self.token}", "Accept-Language": "en", **more.pop("headers", {})}
        if json is not None:
            more["json"] = json
        return Client(self.installation.app).open("/api/v1" + path, method=method, headers=headers, **more)


def extract_csrf_token(page: str) -> str:
    """The CSRF token of a page's forms."""
    found = CSRF_PATTERN.search(page)
    assert found, page[:2000]
    return found[1]
