"""Renders templates and builds addresses."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from babel.dates import format_timedelta
from flask import Response, current_app, redirect, request, url_for
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from signage import messages
from signage.model import permissions
from signage.web.console.framework import forms
from signage.web.console.framework.i18n import HTML_LANGUAGES, LANGUAGES, _, get_language, ngettext
from signage.web.console.framework.names import format_named, format_person, format_screen, get_kind_label
from signage.web.console.framework.navigation import MENU, MenuEntry
from signage.web.console.framework.registry import ConsolePage
from signage.web.console.framework.static_files import build_static_url, load_icon
from signage.web.request_context import get_app_context, get_dependencies, get_full_session
from signage.web.security import cookies_csrf
from signage.web.session_cookies import create_csrf_token, set_new_cookies

EXTENSION_KEY = "signage.console"
_TEMPLATE_FOLDER = Path(__file__).parents[1] / "templates"


def render_template(template: str, code: int = 200, /, **values: object) -> Response:
    """Render *template* with *values* and the status *code*."""
    text = create_environment().get_template(template).render(values)
    response = Response(text, status=code, content_type="text/html; charset=utf-8")
    response.headers["Content-Language"] = HTML_LANGUAGES[get_language()]
    response.headers["Vary"] = "Cookie"
    set_new_cookies(response)
    return response


def render_fragment(template: str, **values: object) -> Response:
    """Render a part of a page, which a script inserts."""
    return render_template(template, **values)


def redirect_to_page(endpoint: str, done: str | None = None, **values: object) -> Response:
    """Redirect to the page of *endpoint* after a change, with the message *done* (a code without ``done-``)."""
    query = {} if done is None else {"done": done}
    return Response(status=303, headers={"Location": build_url(endpoint, **values, **query)})


def redirect_to_url(url: str) -> Response:
    """Redirect to an address of the console."""
    response = redirect(url, 303)
    assert isinstance(response, Response)
    return response


def build_url(endpoint: str, **values: object) -> str:
    """Return the address of the page of *endpoint*."""
    arguments: dict[str, Any] = {name: value for name, value in values.items() if value is not None}
    return url_for(f"console.{endpoint}", **arguments)


def get_pages() -> Mapping[str, ConsolePage]:
    """Return all pages by endpoint."""
    pages: Mapping[str, ConsolePage] = current_app.extensions[EXTENSION_KEY]
    return pages


def is_allowed(permission: str) -> bool:
    """Whether the logged-in user has the permission."""
    session = get_full_session()
    return session is not None and permissions.is_allowed(session.actor, permission)


def _list_menu_entries() -> list[MenuEntry]:
    table = get_pages()
    return [entry for entry in MENU if entry.endpoint in table and is_allowed(table[entry.endpoint].permission)]


def _is_current_entry(entry: MenuEntry) -> bool:
    current = (request.endpoint or "").removeprefix("console.")
    return current.split(".")[0] == entry.endpoint.split(".")[0]


def _get_done_message() -> str | None:
    code = "done-" + request.args.get("done", "")
    return messages.render_message(code, get_language(), {}, "console") if messages.has_message(code) else None


def _list_other_languages() -> list[tuple[str, str, str]]:
    """Return the other languages: code, name, address of the switch."""
    back = request.full_path.rstrip("?") if request.method in cookies_csrf.SAFE_METHODS else request.path
    return [
        (HTML_LANGUAGES[code], name, build_url("language.choose", code=code, next=back))
        for code, name in LANGUAGES.items()
        if code != get_language()
    ]


def _build_current_url(**changes: object) -> str:
    """Return the present address with changed query parameters; None removes one."""
    query: dict[str, Any] = {**request.args.to_dict(flat=False), **changes}
    query.pop("done", None)
    text = urlencode({k: v for k, v in query.items() if v is not None}, doseq=True)
    return quote(request.path) + (f"?{text}" if text else "")


def format_instant(at: datetime | None, zone: str | None = None, seconds: bool = False) -> Markup:
    """Format an instant in the console's zone (or *zone*): ``2021-03-15 08:00``."""
    if at is None:
        return Markup('<span class="none">—</span>')
    local = at.astimezone(ZoneInfo(zone or get_app_context().timezone))
    text = local.strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M")
    iso_text = local.isoformat(timespec="seconds")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(iso_text, iso_text, text)


def format_relative_time(at: datetime | None) -> Markup:
    """Format an instant relative to now, with the instant itself as a tooltip."""
    if at is None:
        return Markup('<span class="none">—</span>')
    delta = at - get_dependencies().clock.now()
    text = format_timedelta(delta, add_direction=True, locale="zh_Hans_CN" if get_language() == "zh" else "en")
    if abs(delta.total_seconds()) < 5:
        text = _("just now")
    local = at.astimezone(ZoneInfo(get_app_context().timezone)).isoformat(timespec="seconds")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(local, local.replace("T", " ")[:19], text)


def format_bytes(count: int | None) -> str:
    """Format a size in bytes."""
    if count is None:
        return "—"
    size, unit = float(count), "B"
    for larger in ("KB", "MB", "GB", "TB"):
        if size < 1000:
            break
        size, unit = size / 1000, larger
    return f"{size:.0f} {unit}" if size >= 10 or unit == "B" else f"{size:.1f} {unit}"


def format_duration(ms: int | None) -> str:
    """Format a duration: ``8 s``, ``1:05``, ``2:00:00``."""
    if ms is None:
        return "—"
    seconds = ms / 1000
    if seconds < 60:
        return f"{seconds:g} s"
    total_s = round(seconds)
    hours, remainder = divmod(total_s, 3600)
    return f"{hours}:{remainder // 60:02}:{remainder % 60:02}" if hours else f"{remainder // 60}:{remainder % 60:02}"


def _render_message(code: str, **facts: object) -> str:
    return messages.render_message(code, get_language(), facts, "console")


def _render_player_fault(text: str) -> str:
    """Render a fault that a player reported as ``code subject``; as it is where the code is unknown."""
    code, _, subject = text.partition(" ")
    if not messages.has_message(code):
        return text
    return messages.render_message(code, get_language(), {"subject": subject}, "console")


def _find_setting_text(key: str) -> str | None:
    """Return what a table or a setting of the configuration is, in the reader's language."""
    return messages.find_text("setting", key, get_language())


def _format_html_id(text: str) -> str:
    """Convert a field's name to an HTML id."""
    return "".join(c if c.isalnum() or c == "-" else "-" for c in text)


def _format_lines(text: str) -> Markup:
    return Markup("<br>").join(escape(line) for line in text.split("\n"))


@cache
def create_environment() -> Environment:
    """Create the template environment with its globals and filters."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATE_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_callables(lambda m: _(m), ngettext, newstyle=True)  # type: ignore[attr-defined]
    environment.globals.update(_list_template_globals())
    environment.filters.update(ident=_format_html_id, lines=_format_lines)
    return environment


def _list_template_globals() -> dict[str, Any]:
    return {
        "language": get_language,
        "html_language": lambda: HTML_LANGUAGES[get_language()],
        "switch": _list_other_languages,
        "menu": _list_menu_entries,
        "here_in_menu": _is_current_entry,
        "done": _get_done_message,
        "url": build_url,
        "page_with": _build_current_url,
        "static": build_static_url,
        "icon": load_icon,
        "csrf_token": create_csrf_token,
        "csrf_field": cookies_csrf.CSRF_FIELD,
        "who": get_full_session,
        "may": is_allowed,
        "when": format_instant,
        "ago": format_relative_time,
        "bytes": format_bytes,
        "duration": format_duration,
        "sentence": _render_message,
        "what": forms.format_message,
        "fault_what": forms.format_message,
        "fault_mend": forms.format_hint,
        "mend": forms.format_hint,
        "location": forms.format_location,
        "player_fault": _render_player_fault,
        "setting_text": _find_setting_text,
        "now": lambda: get_dependencies().clock.now(),
        "named": format_named,
        "named_screen": format_screen,
        "person": format_person,
        "kind_label": get_kind_label,
        "has_page": lambda endpoint: endpoint in get_pages(),
    }
