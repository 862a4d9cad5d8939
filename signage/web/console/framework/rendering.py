"""From a template and values to an answer."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from babel.dates import format_timedelta
from flask import Response, current_app, g, redirect, request, url_for
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from signage import messages as sentences
from signage.model import permissions as duties
from signage.web.console.framework import forms
from signage.web.console.framework.i18n import HTML, LANGUAGES, _, language, ngettext
from signage.web.console.framework.navigation import MENU, Entry
from signage.web.console.framework.registry import Page
from signage.web.console.framework.request import csrf_token, https, the_office, who
from signage.web.console.framework.static_files import address, icon
from signage.web.request_context import services
from signage.web.security import cookies_csrf as browser

EXTENSION = "signage.console"
_FOLDER = Path(__file__).parents[1] / "templates"


def render(template: str, code: int = 200, /, **values: object) -> Response:
    """The page that *template* makes of *values*, with the status *code*."""
    text = environment().get_template(template).render(values)
    response = Response(text, status=code, content_type="text/html; charset=utf-8")
    response.headers["Content-Language"] = HTML[language()]
    response.headers["Vary"] = "Cookie"
    if "console_guest" in g:
        browser.set_cookie(response, browser.GUEST, g.console_guest, https())
    if "console_browser" in g:
        browser.set_cookie(response, browser.BROWSER, g.console_browser, https())
    return response


def fragment(template: str, **values: object) -> Response:
    """A piece of a page, for a script that puts it in."""
    return render(template, **values)


def go(endpoint: str, done: str | None = None, **values: object) -> Response:
    """After a change: to the page of *endpoint*, which says *done* (a code of ``messages/console.toml``)."""
    more = {} if done is None else {"done": done}
    return Response(status=303, headers={"Location": url(endpoint, **values, **more)})


def leave(address_: str) -> Response:
    """To an address of this console."""
    found = redirect(address_, 303)
    assert isinstance(found, Response)
    return found


def url(endpoint: str, **values: object) -> str:
    """The address of a page."""
    said: dict[str, Any] = {name: value for name, value in values.items() if value is not None}
    return url_for(f"console.{endpoint}", **said)


def pages() -> Mapping[str, Page]:
    """All pages by endpoint."""
    found: Mapping[str, Page] = current_app.extensions[EXTENSION]
    return found


def may(verb: str) -> bool:
    """Whether who is logged in has the duty."""
    known = who()
    return known is not None and duties.may(known.actor, verb)


def _menu() -> list[Entry]:
    table = pages()
    return [entry for entry in MENU if entry.endpoint in table and may(table[entry.endpoint].duty)]


def _here_in_menu(entry: Entry) -> bool:
    current = (request.endpoint or "").removeprefix("console.")
    return current.split(".")[0] == entry.endpoint.split(".")[0]


def _done() -> str | None:
    code = "done-" + request.args.get("done", "")
    return sentences.say(code, language(), {}) if code in sentences.catalogue() else None


def _switch() -> list[tuple[str, str, str]]:
    """The other languages: code, name, address of the switch."""
    back = request.full_path.rstrip("?") if request.method in browser.SAFE else request.path
    return [
        (HTML[one], name, url("language.choose", code=one, next=back))
        for one, name in LANGUAGES.items()
        if one != language()
    ]


def _page_with(**changes: object) -> str:
    """The present address with other values in its query; None takes one away."""
    query: dict[str, Any] = {**request.args.to_dict(flat=False), **changes}
    query.pop("done", None)
    text = urlencode({k: v for k, v in query.items() if v is not None}, doseq=True)
    return quote(request.path) + (f"?{text}" if text else "")


def when(at: datetime | None, zone: str | None = None, seconds: bool = False) -> Markup:
    """An instant for people, in the console's zone (or *zone*): ``2021-03-15 08:00``."""
    if at is None:
        return Markup('<span class="none">—</span>')
    local = at.astimezone(ZoneInfo(zone or the_office().timezone))
    shown = local.strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M")
    told = local.isoformat(timespec="seconds")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(told, told, shown)


def ago(at: datetime | None) -> Markup:
    """How long ago (or in how long) an instant is, the instant itself on asking."""
    if at is None:
        return Markup('<span class="none">—</span>')
    delta = at - services().clock.now()
    text = format_timedelta(delta, add_direction=True, locale="zh_Hans_CN" if language() == "zh" else "en")
    if abs(delta.total_seconds()) < 5:
        text = _("just now")
    local = at.astimezone(ZoneInfo(the_office().timezone)).isoformat(timespec="seconds")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(local, local.replace("T", " ")[:19], text)


def bytes_(count: int | None) -> str:
    """A size for people."""
    if count is None:
        return "—"
    size, unit = float(count), "B"
    for larger in ("KB", "MB", "GB", "TB"):
        if size < 1000:
            break
        size, unit = size / 1000, larger
    return f"{size:.0f} {unit}" if size >= 10 or unit == "B" else f"{size:.1f} {unit}"


def duration(ms: int | None) -> str:
    """A length for people: ``8 s``, ``1:05``, ``2:00:00``."""
    if ms is None:
        return "—"
    s = ms / 1000
    if s < 60:
        return f"{s:g} s"
    whole = round(s)
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def _sentence(code: str, **facts: object) -> str:
    return sentences.say(code, language(), facts)


def _ident(text: str) -> str:
    """A field's name as an id of the page."""
    return "".join(c if c.isalnum() or c == "-" else "-" for c in text)


def _lines(text: str) -> Markup:
    return Markup("<br>").join(escape(line) for line in text.split("\n"))


@cache
def environment() -> Environment:
    """The templates with what they all may use."""
    made = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.install_gettext_callables(lambda m: _(m), ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.globals.update(
        language=language,
        html_language=lambda: HTML[language()],
        switch=_switch,
        menu=_menu,
        here_in_menu=_here_in_menu,
        done=_done,
        url=url,
        page_with=_page_with,
        static=address,
        icon=icon,
        csrf_token=csrf_token,
        csrf_field=browser.FIELD,
        who=who,
        may=may,
        when=when,
        ago=ago,
        bytes=bytes_,
        duration=duration,
        sentence=_sentence,
        what=forms.what,
        fault_what=forms.what,
        fault_mend=forms.mend,
        mend=forms.mend,
        now=lambda: services().clock.now(),
        has_page=lambda endpoint: endpoint in pages(),
    )
    made.filters.update(ident=_ident, lines=_lines)
    return made
