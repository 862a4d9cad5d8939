"""Language of a request, and its page texts: English in the code, Chinese from ``signage/messages/zh/*.po``.

The language is the user's choice (a cookie, set by the switch), else the installation's.
"""

from collections.abc import Mapping

from flask import g, has_request_context, request

from signage.messages import Language, translate
from signage.web.request_context import get_dependencies
from signage.web.security import cookies_csrf

LANGUAGES: Mapping[Language, str] = {"zh": "中文", "en": "English"}
HTML_LANGUAGES: Mapping[Language, str] = {"zh": "zh-CN", "en": "en"}


def get_language() -> Language:
    """Return the language of the present request's page."""
    if not has_request_context():
        return "zh"
    if "console_language" not in g:
        chosen = request.cookies.get(cookies_csrf.LANGUAGE_COOKIE)
        g.console_language = chosen if chosen in LANGUAGES else get_dependencies().default_language
    language: Language = g.console_language
    return language


def _(message: str, **facts: object) -> str:
    """Translate *message* and fill its placeholders ``%(name)s``."""
    return (translate(message, get_language()) % facts) if facts else translate(message, get_language())


def N_(message: str) -> str:  # noqa: N802 (gettext's own name)
    """Mark *message* for translation at a later call."""
    return message


def ngettext(singular: str, plural: str, count: int) -> str:
    """Return *one* or *many* in the reader's language (Chinese has one form)."""
    if get_language() == "en":
        return singular if count == 1 else plural
    return translate(singular, "zh")
