"""The guard in front of every console page and API operation: authentication, CSRF check, permission, errors.

1. The caller is the user of the browser's session, or of an API token. Without one, only a ``PUBLIC`` route is open;
   ``SECOND_FACTOR_PENDING`` is open to a session whose second factor is still missing.
2. A change carries the CSRF token of the caller's cookie, else 403; a caller with an API token needs none.
3. The caller has the route's permission, else 403. The service checks the permission again.
4. A path value longer than any identifier is an unknown address (404).
5. Every exception becomes an answer of the same form (``signage.web.errors``); every answer has security headers.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, g, request
from werkzeug.exceptions import NotFound

from signage.faults import refuse
from signage.model import permissions
from signage.model.users import Actor
from signage.web.errors import ErrorReply, describe_error
from signage.web.request_context import RequestContext, get_dependencies, get_session, is_https
from signage.web.security import cookies_csrf
from signage.web.session_cookies import get_csrf_secret

PUBLIC = "public"
"""The permission of routes that are open to everybody, such as the login."""
SECOND_FACTOR_PENDING = "half"
"""The permission of routes that are open once the password was right and the second factor is still missing."""
MAX_PATH_VALUE_LENGTH = 200
ANONYMOUS = Actor("nobody", frozenset(), channel="api")


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardedRoute:
    """An address and a method with the one permission that opens it (a key of ``permissions.PERMISSIONS``)."""

    endpoint: str
    method: str
    path: str
    permission: str
    view: Callable[..., Any]

    def __post_init__(self) -> None:
        if self.permission not in permissions.PERMISSIONS and self.permission not in (PUBLIC, SECOND_FACTOR_PENDING):
            raise LookupError(f"{self.permission} is not a permission: add it to signage.model.permissions")

    @property
    def is_change(self) -> bool:
        """Whether the method may change something."""
        return self.method not in cookies_csrf.SAFE_METHODS


class RequestGuard(ABC):
    """The view function of a guarded route. A subclass for each face says how requests are read and answered."""

    def __init__(self, route: GuardedRoute) -> None:
        self.route = route
        self.__name__ = route.endpoint.replace(".", "_")

    def __call__(self, **path_values: Any) -> Response:
        try:
            response = self._respond(path_values)
        except Exception as error:
            response = self.respond_error(describe_error(error))
        return cookies_csrf.add_security_headers(response, is_https())

    def _respond(self, path_values: Mapping[str, Any]) -> Response:
        self.read_form()
        context = self.authenticate()
        if isinstance(context, Response):
            return context
        if context.actor is not ANONYMOUS:
            g.caller = context.actor.id
        if self.route.is_change and self.requires_csrf_token(context) and not self._is_csrf_valid():
            return self.respond_csrf_failure(context)
        self._check_permission(context.actor)
        if any(len(str(value)) > MAX_PATH_VALUE_LENGTH for value in path_values.values()):
            raise NotFound
        return self.call_view(context, path_values)

    def authenticate(self) -> RequestContext | Response:
        """Return the caller, or the answer to a caller who has to authenticate first (rule 1)."""
        session, dependencies = get_session(), get_dependencies()
        if session is not None and (session.session.level == "full" or self.route.permission == SECOND_FACTOR_PENDING):
            return RequestContext(session.actor, dependencies, session)
        if self.route.permission == PUBLIC:
            return RequestContext(ANONYMOUS, dependencies)
        return self.respond_unauthenticated()

    def _is_csrf_valid(self) -> bool:
        public_url = get_dependencies().config.public_url
        return cookies_csrf.is_csrf_valid(request, get_csrf_secret(), self.get_form_token(), public_url)

    def _check_permission(self, actor: Actor) -> None:
        permission = self.route.permission
        if permission in (PUBLIC, SECOND_FACTOR_PENDING) or permissions.is_allowed(actor, permission):
            return
        needed = ", ".join(sorted(permissions.PERMISSIONS[permission]))
        raise refuse("duty-missing", permission, who=actor.id, verb=permission, needed=needed)

    def read_form(self) -> None:  # noqa: B027 (optional hook)
        """Read the request body before authentication, where the route needs it then."""

    def requires_csrf_token(self, context: RequestContext) -> bool:
        """Whether a change by this caller must carry a CSRF token (rule 2)."""
        return True

    def get_form_token(self) -> str | None:
        """Return the CSRF token of the form; None: it is in the header."""
        return None

    def respond_csrf_failure(self, context: RequestContext) -> Response:
        """Answer a change without a valid CSRF token. Raises Refused by default."""
        raise refuse("csrf-wrong", cookies_csrf.CSRF_HEADER)

    @abstractmethod
    def respond_unauthenticated(self) -> Response:
        """Answer a caller who has no session."""

    @abstractmethod
    def respond_error(self, reply: ErrorReply) -> Response:
        """Render an error."""

    @abstractmethod
    def call_view(self, context: RequestContext, path_values: Mapping[str, Any]) -> Response:
        """Read the request's parameters, call the view and return its answer."""
