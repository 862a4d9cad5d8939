"""What a view needs from the present request: its caller, the services behind it, its body and its language."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
from flask import Response, current_app, g, request

from signage.library.service import Library
from signage.messages import Language
from signage.model.permissions import is_allowed
from signage.model.users import Actor, User
from signage.publish.load_snapshot import ScheduleRules
from signage.services.context import AppContext
from signage.services.users.sessions import UserSession, find_session
from signage.web.dependencies import ServedPlaylist, WebDependencies
from signage.web.heartbeat_buffer import HeartbeatBuffer
from signage.web.http.body_places import BodySender
from signage.web.http.problems import parse_accept_language
from signage.web.http.request_body import BodyReader, check_identity, decode_gzip
from signage.web.loop_dates import LoopDates
from signage.web.security import cookies_csrf
from signage.web.security.screen_auth import ScreenAuthenticator

EXTENSION_KEY = "signage.web"


@dataclass(frozen=True, slots=True)
class WebRuntime:
    """The parts of this process that serve requests."""

    dependencies: WebDependencies
    authenticator: ScreenAuthenticator
    heartbeats: HeartbeatBuffer
    body_reader: BodyReader
    loop_dates: LoopDates


@dataclass(frozen=True, slots=True)
class RequestContext:
    """The authenticated caller of the present request, and the services behind it.

    *user_session*: the browser's session; None for a caller with an API token and for an anonymous one.
    """

    actor: Actor
    dependencies: WebDependencies
    user_session: UserSession | None = None

    @property
    def browser_session(self) -> UserSession:
        """The session, in a view that only a logged-in browser reaches."""
        assert self.user_session is not None
        return self.user_session

    @property
    def user(self) -> User:
        """The user of the browser's session."""
        return self.browser_session.user

    @property
    def app(self) -> AppContext:
        """The application context, the first argument of every service."""
        assert self.dependencies.context is not None
        return self.dependencies.context

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
        """The installation's time zone, for times without an offset."""
        return ZoneInfo(self.app.timezone)

    def is_allowed(self, permission: str) -> bool:
        """Whether the caller has the permission."""
        return is_allowed(self.actor, permission)


def get_runtime() -> WebRuntime:
    """Return the parts that serve the present request."""
    runtime = current_app.extensions[EXTENSION_KEY]
    assert isinstance(runtime, WebRuntime)
    return runtime


def get_dependencies() -> WebDependencies:
    """Return the services behind the present request."""
    return get_runtime().dependencies


def get_app_context() -> AppContext:
    """Return the application context behind the present request."""
    context = get_dependencies().context
    assert context is not None
    return context


def get_screen_playlist() -> ServedPlaylist:
    """Return the playlist of the screen that was authenticated."""
    served_playlist: ServedPlaylist = g.screen
    return served_playlist


def get_now() -> datetime:
    """Return the present instant."""
    return get_dependencies().clock.now()


def get_session() -> UserSession | None:
    """Return the browser's session, a second factor possibly still missing; looked up once per request."""
    if "user_session" not in g:
        secret = cookies_csrf.get_cookie(request, cookies_csrf.SESSION_COOKIE, is_https())
        g.user_session = secret and find_session(get_app_context(), get_dependencies().session_config, secret)
    session: UserSession | None = g.user_session or None
    return session


def get_full_session() -> UserSession | None:
    """Return the browser's session if its user is logged in completely, second factor included."""
    session = get_session()
    return session if session is not None and session.session.level == "full" else None


def get_request_context() -> RequestContext:
    """Return the context of a request whose user is logged in."""
    session = get_full_session()
    assert session is not None
    return RequestContext(session.actor, get_dependencies(), session)


def is_https() -> bool:
    """Whether the browser uses HTTPS, up to here or up to a proxy."""
    return cookies_csrf.is_https(request, get_dependencies().config.public_url)


def get_public_url() -> str:
    """Return the address under which people and screens reach this server: the configured one, else the request's."""
    return get_dependencies().config.public_url.rstrip("/") or request.host_url.rstrip("/")


def get_language() -> Language:
    """Return the language of problem details: the console's language cookie, else ``Accept-Language``."""
    language = request.cookies.get(cookies_csrf.LANGUAGE_COOKIE)
    if language in ("zh", "en"):
        return "en" if language == "en" else "zh"
    return parse_accept_language(request.headers.get("Accept-Language"))


def get_body_sender() -> BodySender:
    """Return who sends the present request's body: a known screen, a user who is logged in, or an address."""
    screen = g.get("screen")
    if screen is not None:
        return BodySender("screen", screen.screen)
    session = None if "caller" in g or get_dependencies().context is None else get_full_session()
    user_id = g.get("caller") or (session and session.user.id)
    return BodySender("user", user_id) if user_id else BodySender("anonymous", request.remote_addr or "")


def read_body(limit: int, *, gzip: bool = False) -> bytes:
    """Read the request body of at most *limit* bytes; content codings only where *gzip*. Raises BodyError."""
    encoding = request.headers.get("Content-Encoding")
    if not gzip:
        check_identity(encoding)
    raw = get_runtime().body_reader.read(request.environ, limit, get_body_sender())
    return decode_gzip(raw, encoding, limit) if gzip else raw


def respond_json(value: object, status: int = 200) -> Response:
    """Answer with *value* as JSON that no cache stores."""
    response = Response(msgspec.json.encode(value), status=status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
