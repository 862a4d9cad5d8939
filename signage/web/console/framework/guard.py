"""The one mechanism by which a page is opened: who asks, may they, is a change theirs. It wraps every view.

1. Nobody is logged in: to the log-in page, which leads back; what a form held is kept on the way.
2. A change without its CSRF token: 403; a form that its person opened in an earlier session comes back with it, whole,
   to be sent again. A page whose duty the person has not: 403.
3. What a view lets through as Refused becomes a page that lists every fault; everything else that fails, a page too.
4. Every answer carries the protecting headers.
"""

import logging
from collections.abc import Callable
from io import BytesIO
from typing import Any

from flask import Response, g, request
from werkzeug.exceptions import HTTPException

from signage.faults import Fault, Refused, refuse
from signage.model import permissions as duties
from signage.services.users import sessions
from signage.web.console.framework.errors import render_busy, render_error, render_resend, request_login
from signage.web.console.framework.registry import PUBLIC, SECOND_FACTOR_PENDING, ConsolePage
from signage.web.console.framework.request import (
    app_context,
    current_session,
    current_user,
    get_browser_secret,
    get_cookie_secret,
    is_https,
)
from signage.web.http.request_body import BodyError
from signage.web.http.status_codes import get_status
from signage.web.request_context import get_dependencies, read_body
from signage.web.security import cookies_csrf as browser
from signage.web.security.passwords import BusyError

_log = logging.getLogger(__name__)


def guard_page(page: ConsolePage) -> Callable[..., Response]:
    """The view of *page* behind the mechanism."""

    def view(**values: Any) -> Response:
        return browser.add_security_headers(_handle_request(page, values), is_https())

    view.__name__ = page.endpoint.replace(".", "_")
    return view


def _handle_request(page: ConsolePage, values: dict[str, Any]) -> Response:
    try:
        _read_form_body(page)
        g.console_session = _find_session()
        stop = _check_access(page)
        if stop is not None:
            return stop
        answer = page.view(**values)
        assert isinstance(answer, Response)
    except Refused as refused:
        return render_error(get_status(refused), refused.faults)
    except BodyError as error:
        return render_error(error.status, [Fault("error", error.code)])
    except BusyError:
        return render_busy()
    except HTTPException as error:
        code = "web-unknown-address" if error.code == 404 else "web-refused"
        return render_error(error.code or 500, [Fault("error", code)])
    except Exception:
        _log.exception("%s %s failed", request.method, page.path)
        return render_error(500, [Fault("error", "web-internal")])
    return answer


def _read_form_body(page: ConsolePage) -> None:
    """Read the body, bounded in bytes and time, before anything looks at its fields."""
    if page.method in browser.SAFE_METHODS:
        return
    body = read_body(page.max_bytes)
    request.environ["wsgi.input"] = BytesIO(body)
    request.environ["CONTENT_LENGTH"] = str(len(body))
    request.max_content_length = request.max_form_memory_size = page.max_bytes
    request.max_form_parts = 20_000


def _find_session() -> sessions.UserSession | None:
    found = browser.get_cookie(request, browser.SESSION_COOKIE, is_https())
    return None if found is None else sessions.find_session(app_context(), get_dependencies().session_config, found)


def _check_access(page: ConsolePage) -> Response | None:
    known = current_user()
    if page.permission != PUBLIC and (current_session() if page.permission == SECOND_FACTOR_PENDING else known) is None:
        return request_login()
    if page.method not in browser.SAFE_METHODS:
        public_url, token = get_dependencies().config.public_url, request.form.get(browser.CSRF_FIELD)
        if not browser.is_csrf_valid(request, get_cookie_secret(), token, public_url):
            own = known is not None and browser.is_from_earlier_session(
                request, get_browser_secret(), known.person.id, token, public_url
            )
            again = render_resend() if own and _is_allowed(page, known) else None
            return again or render_error(403, refuse("csrf-wrong").faults)
    if known is None or _is_allowed(page, known):
        return None
    needed = ", ".join(sorted(duties.PERMISSIONS[page.permission]))
    facts = {"who": known.person.id, "verb": page.permission, "needed": needed}
    return render_error(403, [Fault("error", "duty-missing", facts=facts)])


def _is_allowed(page: ConsolePage, known: sessions.UserSession | None) -> bool:
    return page.permission in (PUBLIC, SECOND_FACTOR_PENDING) or (
        known is not None and duties.is_allowed(known.actor, page.permission)
    )
