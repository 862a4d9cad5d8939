"""The screens, groups, tags, units and kinds whose names are nearest to a word that names none of them."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from itertools import islice
from typing import NamedTuple

from signage.model.screen import Screen

_MAX_SUGGESTIONS = 3
_MAX_COMPARED = 5000
"""How many names are compared letter by letter; a name that contains the word is found among all."""


class SelectorSuggestion(NamedTuple):
    """What a person may have meant: its *name* and the *selector* that selects it."""

    name: str
    selector: str


def suggest_selectors(
    word: str, screens: Sequence[Screen], kind_labels: Mapping[str, str]
) -> tuple[SelectorSuggestion, ...]:
    """Return the nearest suggestions for *word*: those whose name contains it, then those spelt alike."""
    selectors: dict[str, str] = {}
    for name, selector in _iter_names(screens, kind_labels):
        selectors.setdefault(name.casefold(), selector)
    names = {name.casefold(): name for name, _ in _iter_names(screens, kind_labels)}
    folded = word.casefold()
    containing = sorted((name for name in names if folded in name), key=len)[:_MAX_SUGGESTIONS]
    similar = get_close_matches(folded, islice(names, _MAX_COMPARED), n=_MAX_SUGGESTIONS) if len(word) <= 80 else []
    nearest: dict[str, SelectorSuggestion] = {}
    for name in (*containing, *similar):
        nearest.setdefault(selectors[name], SelectorSuggestion(names[name], selectors[name]))
    return tuple(islice(nearest.values(), _MAX_SUGGESTIONS))


def _iter_names(screens: Sequence[Screen], kind_labels: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the names of what selectors can select, each with its selector: groups of screens first."""
    for kind in dict.fromkeys(screen.kind for screen in screens):
        if kind in kind_labels:
            yield kind_labels[kind], f"kind:{kind}"
        yield kind, f"kind:{kind}"
    for field in ("groups", "tags"):
        for label in dict.fromkeys(label for screen in screens for label in getattr(screen, field)):
            yield label, f"{field[:-1]}:{label}"
    for unit in dict.fromkeys(screen.unit for screen in screens if screen.unit):
        yield unit, f"unit:{unit}"
    for screen in screens:
        yield screen.id, f"screen:{screen.id}"
        if screen.name:
            yield screen.name, f"screen:{screen.id}"
