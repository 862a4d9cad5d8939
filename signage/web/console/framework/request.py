"""Who asks, and what a page stands on."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flask import g, request

from signage.library.service import Library
from signage.model import permissions as duties
from signage.model.users import Actor, User
from signage.publish.load_snapshot import ScheduleRules
from signage.services.context import AppContext
from signage.services.users.sessions import UserSession
from signage.web.dependencies import WebDependencies
from signage.web.request_context import get_dependencies
from signage.web.security import cookies_csrf as browser


@dataclass(frozen=True, slots=True)
class RequestContext:
    """The person of the present request, logged in, and the rooms behind."""

    user_session: UserSession
    dependencies: WebDependencies

    @property
    def actor(self) -> Actor:
        """The person as one who acts: what acts are called with."""
        return self.user_session.actor

    @property
    def user(self) -> User:
        return self.user_session.person

    @property
    def context(self) -> AppContext:
        """What acts and questions are called with."""
        return app_context()

    @property
    def library(self) -> Library:
        assert self.dependencies.library is not None
        return self.dependencies.library

    @property
    def schedule_rules(self) -> ScheduleRules:
        assert self.dependencies.schedule_rules is not None
        return self.dependencies.schedule_rules

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which pages tell times."""
        return ZoneInfo(self.context.timezone)

    def is_allowed(self, verb: str) -> bool:
        """Whether the person has the duty."""
        return duties.is_allowed(self.actor, verb)


def current_request() -> RequestContext:
    """The present request's. Only for pages that somebody is logged in to."""
    known = current_user()
    assert known is not None
    return RequestContext(known, get_dependencies())


def current_user() -> UserSession | None:
    """Who is logged in, if anybody."""
    known = current_session()
    return known if known is not None and known.session.level == "full" else None


def current_session() -> UserSession | None:
    """The browser's session, be it that a second factor is still to come."""
    found: UserSession | None = g.get("console_session")
    return found


def app_context() -> AppContext:
    """The office behind the present request."""
    office = get_dependencies().context
    assert office is not None
    return office


def is_https() -> bool:
    """Whether the browser came by HTTPS."""
    return browser.is_https(request, get_dependencies().config.public_url)


def get_cookie_secret() -> str | None:
    """The secret of the browser's cookie: the session's, else the guest's."""
    begun: str | None = g.get("console_secret")
    if begun is not None:
        return begun
    over = is_https()
    found = browser.get_cookie(request, browser.SESSION_COOKIE, over) if current_session() is not None else None
    return found or g.get("console_guest") or browser.get_cookie(request, browser.GUEST_COOKIE, over)


def create_csrf_token() -> str:
    """The token that a form of this answer carries."""
    known, found = get_cookie_secret(), current_session()
    if known is None:
        known = g.console_guest = browser.create_secret()
    if found is None:
        return browser.create_csrf_token(known)
    if get_browser_secret() is None:
        g.console_browser = browser.create_secret()
    return browser.create_csrf_token(known, browser.create_form_mark(get_browser_secret() or "", found.person.id))


def get_browser_secret() -> str | None:
    """The secret of the browser's that outlasts sessions."""
    found: str | None = g.get("console_browser")
    return found or browser.get_cookie(request, browser.BROWSER_COOKIE, is_https())
