"""The guard of console pages: HTML errors, a login page that leads back, forms that survive a new login.

1. A caller without a session gets the login page, which leads back; the fields of the form sent are kept.
2. A form without a valid CSRF token is refused; a form that its user opened in an earlier session comes back complete,
   to be sent again.
3. An error is a page in the reader's language that lists every fault.
"""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from flask import Response, request

from signage.faults import refuse
from signage.model import permissions
from signage.web.console.framework.errors import render_error, render_resend, request_login
from signage.web.console.framework.registry import ConsolePage
from signage.web.errors import ErrorReply
from signage.web.request_context import RequestContext, get_dependencies, read_body
from signage.web.request_guard import RequestGuard
from signage.web.security import cookies_csrf
from signage.web.session_cookies import get_browser_secret


class PageGuard(RequestGuard):
    """The view function of a console page."""

    route: ConsolePage

    def read_form(self) -> None:
        """Read the form, bounded in bytes and time, before its fields are looked at."""
        if not self.route.is_change:
            return
        body = read_body(self.route.max_bytes)
        request.environ["wsgi.input"] = BytesIO(body)
        request.environ["CONTENT_LENGTH"] = str(len(body))
        request.max_content_length = request.max_form_memory_size = self.route.max_bytes
        request.max_form_parts = 20_000

    def get_form_token(self) -> str | None:
        return request.form.get(cookies_csrf.CSRF_FIELD)

    def respond_unauthenticated(self) -> Response:
        return request_login()

    def respond_csrf_failure(self, context: RequestContext) -> Response:
        session = context.user_session
        is_own_form = session is not None and cookies_csrf.is_from_earlier_session(
            request,
            get_browser_secret(),
            session.user.id,
            self.get_form_token(),
            get_dependencies().config.public_url,
        )
        if is_own_form and permissions.is_allowed(context.actor, self.route.permission):
            resend = render_resend()
            if resend is not None:
                return resend
        raise refuse("csrf-wrong")

    def respond_error(self, reply: ErrorReply) -> Response:
        return render_error(reply)

    def call_view(self, context: RequestContext, path_values: Mapping[str, Any]) -> Response:
        response = self.route.view(**path_values)
        assert isinstance(response, Response)
        return response
