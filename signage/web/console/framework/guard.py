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
from signage.web.console.framework.errors import again_page, error_page, login_page, too_busy
from signage.web.console.framework.registry import HALF, PUBLIC, Page
from signage.web.console.framework.request import browser_secret, https, secret, session, the_office, who
from signage.web.http.request_body import BodyError
from signage.web.http.status_codes import status_of
from signage.web.request_context import read_body, services
from signage.web.security import cookies_csrf as browser
from signage.web.security.passwords import BusyError

_log = logging.getLogger(__name__)


def guarded(page: Page) -> Callable[..., Response]:
    """The view of *page* behind the mechanism."""

    def view(**values: Any) -> Response:
        return browser.protect(_answer(page, values), https())

    view.__name__ = page.endpoint.replace(".", "_")
    return view


def _answer(page: Page, values: dict[str, Any]) -> Response:
    try:
        _take_form(page)
        g.console_session = _session()
        stop = _stopped(page)
        if stop is not None:
            return stop
        answer = page.view(**values)
        assert isinstance(answer, Response)
    except Refused as refused:
        return error_page(status_of(refused), refused.faults)
    except BodyError as error:
        return error_page(error.status, [Fault("error", error.code)])
    except BusyError:
        return too_busy()
    except HTTPException as error:
        code = "web-unknown-address" if error.code == 404 else "web-refused"
        return error_page(error.code or 500, [Fault("error", code)])
    except Exception:
        _log.exception("%s %s failed", request.method, page.path)
        return error_page(500, [Fault("error", "web-internal")])
    return answer


def _take_form(page: Page) -> None:
    """Read the body, bounded in bytes and time, before anything looks at its fields."""
    if page.method in browser.SAFE:
        return
    body = read_body(page.limit)
    request.environ["wsgi.input"] = BytesIO(body)
    request.environ["CONTENT_LENGTH"] = str(len(body))
    request.max_content_length = request.max_form_memory_size = page.limit
    request.max_form_parts = 20_000


def _session() -> sessions.Known | None:
    found = browser.cookie(request, browser.SESSION, https())
    return None if found is None else sessions.find(the_office(), services().session, found)


def _stopped(page: Page) -> Response | None:
    known = who()
    if page.duty != PUBLIC and (session() if page.duty == HALF else known) is None:
        return login_page()
    if page.method not in browser.SAFE:
        public_url, token = services().config.public_url, request.form.get(browser.FIELD)
        if not browser.csrf_holds(request, secret(), token, public_url):
            own = known is not None and browser.is_earlier(
                request, browser_secret(), known.person.id, token, public_url
            )
            again = again_page() if own and _may(page, known) else None
            return again or error_page(403, refuse("csrf-wrong").faults)
    if known is None or _may(page, known):
        return None
    needed = ", ".join(sorted(duties.DUTIES[page.duty]))
    facts = {"who": known.person.id, "verb": page.duty, "needed": needed}
    return error_page(403, [Fault("error", "duty-missing", facts=facts)])


def _may(page: Page, known: sessions.Known | None) -> bool:
    return page.duty in (PUBLIC, HALF) or (known is not None and duties.may(known.actor, page.duty))
