"""Who asks, and what a page stands on."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flask import g, request

from signage.library.service import Library
from signage.model import permissions as duties
from signage.model.users import Actor, Person
from signage.publish.load_snapshot import Rules
from signage.services.context import Office
from signage.services.users.sessions import Known
from signage.web.dependencies import Services
from signage.web.request_context import services
from signage.web.security import cookies_csrf as browser


@dataclass(frozen=True, slots=True)
class Here:
    """The person of the present request, logged in, and the rooms behind."""

    known: Known
    services: Services

    @property
    def actor(self) -> Actor:
        """The person as one who acts: what acts are called with."""
        return self.known.actor

    @property
    def person(self) -> Person:
        return self.known.person

    @property
    def office(self) -> Office:
        """What acts and questions are called with."""
        return the_office()

    @property
    def library(self) -> Library:
        assert self.services.library is not None
        return self.services.library

    @property
    def rules(self) -> Rules:
        assert self.services.rules is not None
        return self.services.rules

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which pages tell times."""
        return ZoneInfo(self.office.timezone)

    def may(self, verb: str) -> bool:
        """Whether the person has the duty."""
        return duties.may(self.actor, verb)


def here() -> Here:
    """The present request's. Only for pages that somebody is logged in to."""
    known = who()
    assert known is not None
    return Here(known, services())


def who() -> Known | None:
    """Who is logged in, if anybody."""
    known = session()
    return known if known is not None and known.session.level == "full" else None


def session() -> Known | None:
    """The browser's session, be it that a second factor is still to come."""
    found: Known | None = g.get("console_session")
    return found


def the_office() -> Office:
    """The office behind the present request."""
    office = services().office
    assert office is not None
    return office


def https() -> bool:
    """Whether the browser came by HTTPS."""
    return browser.is_https(request, services().config.public_url)


def secret() -> str | None:
    """The secret of the browser's cookie: the session's, else the guest's."""
    begun: str | None = g.get("console_secret")
    if begun is not None:
        return begun
    over = https()
    found = browser.cookie(request, browser.SESSION, over) if session() is not None else None
    return found or g.get("console_guest") or browser.cookie(request, browser.GUEST, over)


def csrf_token() -> str:
    """The token that a form of this answer carries."""
    known, found = secret(), session()
    if known is None:
        known = g.console_guest = browser.new_secret()
    if found is None:
        return browser.csrf_token(known)
    if browser_secret() is None:
        g.console_browser = browser.new_secret()
    return browser.csrf_token(known, browser.mark(browser_secret() or "", found.person.id))


def browser_secret() -> str | None:
    """The secret of the browser's that outlasts sessions."""
    found: str | None = g.get("console_browser")
    return found or browser.cookie(request, browser.BROWSER, https())
