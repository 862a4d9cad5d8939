"""The pages' texts: English in the code, Chinese from the catalogues in ``texts/zh/*.po``, one a page.

The catalogues are read as they are; nothing has to be built. The language of a request is the person's choice (a
cookie, set by the switch), else the installation's.
"""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from io import BytesIO

from babel.messages.pofile import read_po
from flask import g, has_request_context, request

from signage.messages import Language
from signage.web.request_context import get_dependencies
from signage.web.security import cookies_csrf as browser

LANGUAGES: Mapping[Language, str] = {"zh": "中文", "en": "English"}
HTML_LANGUAGES: Mapping[Language, str] = {"zh": "zh-CN", "en": "en"}
_FOLDER = "texts"


def get_language() -> Language:
    """The language of the present request's page."""
    if not has_request_context():
        return "zh"
    if "console_language" not in g:
        chosen = request.cookies.get(browser.LANGUAGE_COOKIE)
        g.console_language = chosen if chosen in LANGUAGES else get_dependencies().default_language
    found: Language = g.console_language
    return found


def _(message: str, **facts: object) -> str:
    """*message* in the reader's language, its blanks ``%(name)s`` filled."""
    return (translate(message, get_language()) % facts) if facts else translate(message, get_language())


def N_(message: str) -> str:  # noqa: N802 (gettext's own name)
    """Mark *message* as a text that is put into the reader's language later."""
    return message


def ngettext(one: str, many: str, count: int) -> str:
    """*one* or *many* in the reader's language (Chinese has one form)."""
    if get_language() == "en":
        return one if count == 1 else many
    return translate(many if many in load_chinese_catalogue() else one, "zh")


def translate(message: str, into: Language) -> str:
    """*message* in that language; itself where no catalogue has it."""
    return message if into == "en" else load_chinese_catalogue().get(message, message)


@cache
def load_chinese_catalogue() -> Mapping[str, str]:
    """All messages with their Chinese."""
    found: dict[str, str] = {}
    folder = resources.files("signage.web.console").joinpath(_FOLDER, "zh")
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.name.endswith(".po"):
            for message in read_po(BytesIO(entry.read_bytes())):
                texts = (message.string,) if isinstance(message.string, str) else message.string
                ids = (message.id,) if isinstance(message.id, str) else message.id
                found.update({str(one): str(texts[0]) for one in ids if one and texts and texts[0]})
    return found
