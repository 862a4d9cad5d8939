"""Selectors as people write them, made to screens; what cannot be read or names nothing is refused by name."""

from collections.abc import Iterable, Mapping, Sequence

from signage.faults import Fault, FaultLocation, Refused
from signage.model.ids import normalize_word
from signage.model.screen import Screen
from signage.model.toml.findings import ellipsize, find_closest_match
from signage.model.wildcards import has_wildcard
from signage.schedule import targets
from signage.services.selector_suggestions import SelectorSuggestion, suggest_selectors


def parse_selectors(words: Iterable[str]) -> tuple[str, ...]:
    """The selectors in full: a bare id or pattern of ids is that of screens. Raises Refused when one cannot be read."""
    found, faults = [], []
    for word in words:
        text = normalize_word(_expand_selector(word.strip()))
        try:
            targets.parse_selector(text)
        except ValueError:
            faults.append(
                Fault(
                    "error", "screens-selector-unreadable", FaultLocation(key="screens"), {"selector": ellipsize(word)}
                )
            )
        found.append(text)
    if faults:
        raise Refused(faults)
    return tuple(found)


def select_screens(
    screens: Sequence[Screen], words: Iterable[str], kind_labels: Mapping[str, str]
) -> tuple[Screen, ...]:
    """Those of *screens* that the selectors name.

    Raises Refused when there is no selector, one cannot be read, a positive one names no screen (the nearest that exist
    are suggested; *kind_labels*: kind → label), or all screens that were named are excluded again.
    """
    selectors = parse_selectors(words)
    if not selectors:
        raise Refused([Fault("error", "selectors-missing", FaultLocation(key="screens"))])
    faults = [
        _create_unmatched_fault(screens, one, kind_labels)
        for one in selectors
        if not one.startswith("!") and not any(targets.matches_screen((one,), screen) for screen in screens)
    ]
    if faults:
        raise Refused(faults)
    found = tuple(screen for screen in screens if targets.matches_screen(selectors, screen))
    if not found:
        facts = {"selectors": " ".join(selectors)}
        raise Refused([Fault("error", "selectors-name-nothing", FaultLocation(key="screens"), facts)])
    return found


def _expand_selector(word: str) -> str:
    sign, body = ("!", word[1:]) if word.startswith("!") else ("", word)
    return f"{sign}screen:{body}" if body and body != "*" and ":" not in body else word


def _create_unmatched_fault(screens: Sequence[Screen], selector: str, kind_labels: Mapping[str, str]) -> Fault:
    one = targets.parse_selector(selector)
    if one.field == "screen" and not has_wildcard(one.pattern):
        return _create_unknown_fault(one.pattern, suggest_selectors(one.pattern, screens, kind_labels))
    facts: dict[str, object] = {"selector": ellipsize(selector)}
    known = {word for screen in screens for word in _list_field_values(one.field, screen)}
    close = find_closest_match(one.pattern, sorted(known))
    if close is None:
        return Fault("error", "selector-names-nothing", FaultLocation(key="screens"), facts)
    return Fault("error", "selector-names-nothing-near", FaultLocation(key="screens"), {**facts, "nearest": close})


def _create_unknown_fault(word: str, suggestions: Sequence[SelectorSuggestion]) -> Fault:
    facts: dict[str, object] = {"word": ellipsize(word)}
    if not suggestions:
        return Fault("error", "target-unknown", FaultLocation(key="screens"), facts)
    facts["nearest"] = ", ".join(suggestion.selector for suggestion in suggestions)
    facts["names"] = "、".join(f"“{suggestion.name}”" for suggestion in suggestions)
    facts["suggestions"] = [list(suggestion) for suggestion in suggestions]
    return Fault("error", "target-unknown-near", FaultLocation(key="screens"), facts)


def _list_field_values(field: str | None, screen: Screen) -> tuple[str, ...]:
    if field == "kind":
        return (screen.kind,)
    if field == "group":
        return screen.groups
    if field == "tag":
        return screen.tags
    if field == "unit":
        return (screen.unit,) if screen.unit else ()
    return (screen.id,)


def format_screen_ids(screen_ids: Sequence[str], most: int = 20) -> str:
    """Return screen ids as a text for people: the first *most* of them."""
    return ", ".join(screen_ids[:most]) + (" …" if len(screen_ids) > most else "")
