"""Sentences for people: what a fault or a reason says, and how to mend it, in Chinese and English.

Each room has a file ``ROOM.toml`` here. A table is a code, with ``en`` and ``zh`` (what is wrong) and, where
something can be done about it, ``en_mend`` and ``zh_mend``. ``{name}`` is filled from the fault's facts.
"""

import tomllib
from functools import cache
from importlib import resources
from typing import Literal

from signage.faults import Fault

Language = Literal["zh", "en"]


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """All codes with their sentences."""
    found: dict[str, dict[str, str]] = {}
    for entry in sorted(resources.files(__name__).iterdir(), key=lambda e: e.name):
        if entry.name.endswith(".toml"):
            found.update(tomllib.loads(entry.read_text("utf-8")))
    return found


class _Blanks(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


def say(code: str, language: Language, facts: dict[str, object]) -> str:
    """The sentence for *code*; the code itself where no sentence is known."""
    entry = catalogue().get(code, {})
    return entry.get(language, entry.get("en", code)).format_map(_Blanks(facts))


def what(fault: Fault, language: Language) -> str:
    """What is wrong."""
    return say(fault.code, language, dict(fault.facts))


def mend(fault: Fault, language: Language) -> str:
    """How to mend it; empty where nothing can be said."""
    entry = catalogue().get(fault.code, {})
    text = entry.get(f"{language}_mend", entry.get("en_mend", ""))
    return text.format_map(_Blanks(dict(fault.facts)))
