"""The language in which a program is answered: the console's choice where there is one, else what it asks for."""

from collections.abc import Iterable

from flask import request

from signage.faults import Fault
from signage.messages import Language, render_fault, render_hint
from signage.web.http.problems import parse_accept_language
from signage.web.security import cookies_csrf as browser


def get_language() -> Language:
    """The language of the present request's answer."""
    chosen = request.cookies.get(browser.LANGUAGE_COOKIE)
    if chosen in ("zh", "en"):
        return "en" if chosen == "en" else "zh"
    return parse_accept_language(request.headers.get("Accept-Language"))


def format_faults(faults: Iterable[Fault]) -> tuple[dict[str, str], ...]:
    """Faults and warnings as a problem lists them."""
    spoken = get_language()
    return tuple(
        {
            "where": f.location.key or f.location.file,
            "what": render_fault(f, spoken),
            "mend": render_hint(f, spoken),
        }
        for f in faults
    )
