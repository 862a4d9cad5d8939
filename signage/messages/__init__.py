"""Texts for people in Chinese and English: messages by code, and the texts of pages and reports.

The catalogues are gettext files, one a subject and language: ``en/SUBJECT.po``, ``zh/SUBJECT.po``.

- A message is found by its code. Context ``what``: what is wrong, or the message itself. Context ``mend``: what the
  reader can do about it. ``{name}`` is filled from the fault's facts.
- ``what@console`` and ``mend@console`` replace these two on the console's pages, where no command and no key of a file
  may be named. Context ``label``: the label of the console's field for a key; there it replaces the fact ``name`` of a
  fault in that field. Context ``setting``: a table or, in Chinese, a setting of the configuration.
- A text of a page is its own id, in English; the Chinese catalogue translates it (no context).
"""

from collections.abc import Mapping
from typing import Literal

from signage.faults import Fault
from signage.messages.catalogs import Language, load_catalog

__all__ = [
    "Audience",
    "Language",
    "find_text",
    "has_message",
    "list_codes",
    "render_fault",
    "render_hint",
    "render_message",
    "translate",
]

Audience = Literal["any", "console"]


class _Facts(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


def list_codes() -> frozenset[str]:
    """Return every message code."""
    return frozenset(code for context, code in load_catalog("en") if context == "what")


def has_message(code: str) -> bool:
    """Tell whether there is a message for *code*."""
    return ("what", code) in load_catalog("en")


def render_message(code: str, language: Language, facts: Mapping[str, object], audience: Audience = "any") -> str:
    """Return the message for *code* with *facts* filled in; the code itself where there is no message."""
    template = _find_template("what", code, language, audience)
    return template.format_map(_Facts(facts)) if template else code


def render_fault(fault: Fault, language: Language, audience: Audience = "any") -> str:
    """Return what is wrong."""
    return render_message(fault.code, language, _label_facts(fault, language, audience), audience)


def render_hint(fault: Fault, language: Language, audience: Audience = "any") -> str:
    """Return what the reader can do about it; empty where nothing can be said."""
    template = _find_template("mend", fault.code, language, audience)
    return template.format_map(_Facts(_label_facts(fault, language, audience)))


def find_text(context: str, key: str, language: Language) -> str | None:
    """Return the text of *context* (``label``, ``setting``) for a key; None where there is none."""
    return load_catalog(language).get((context, key))


def translate(text: str, language: Language) -> str:
    """Return a page's *text* in *language*; *text* itself where no catalogue has it."""
    return load_catalog(language).get(("", text), text)


def _find_template(context: str, code: str, language: Language, audience: Audience) -> str:
    catalog = load_catalog(language)
    template = catalog.get((f"{context}@console", code)) if audience == "console" else None
    return template if template is not None else catalog.get((context, code), "")


def _label_facts(fault: Fault, language: Language, audience: Audience) -> Mapping[str, object]:
    name = fault.facts.get("name")
    if audience != "console" or not isinstance(name, str) or fault.location.key.rpartition(".")[2] != name:
        return fault.facts
    return {**fault.facts, "name": find_text("label", name, language) or name}
