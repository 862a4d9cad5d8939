"""Selects screens by selectors as people enter them; unparsable selectors and those without a match are faults."""

from collections.abc import Iterable, Mapping, Sequence

from signage.faults import Fault, FaultLocation, Refused
from signage.model.ids import normalize_word
from signage.model.screen import Screen
from signage.model.toml.findings import ellipsize, find_closest_match
from signage.model.wildcards import has_wildcard
from signage.schedule import targets
from signage.services.selector_suggestions import SelectorSuggestion, suggest_selectors


def parse_selectors(words: Iterable[str]) -> tuple[str, ...]:
    """Return complete selectors: a bare id or pattern becomes ``screen:…``. Raises Refused: one is unparsable."""
    selectors, faults = [], []
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
        selectors.append(text)
    if faults:
        raise Refused(faults)
    return tuple(selectors)


def select_screens(
    screens: Sequence[Screen], words: Iterable[str], kind_labels: Mapping[str, str]
) -> tuple[Screen, ...]:
    """Return the screens that match the selectors *words*.

    Raises Refused: there is no selector, one is unparsable, a positive one matches no screen (with suggestions;
    *kind_labels*: kind → label), or all matching screens are excluded again.
    """
    selectors = parse_selectors(words)
    if not selectors:
        raise Refused([Fault("error", "selectors-missing", FaultLocation(key="screens"))])
    faults = [
        _create_unmatched_fault(screens, selector, kind_labels)
        for selector in selectors
        if not selector.startswith("!") and not any(targets.matches_screen((selector,), screen) for screen in screens)
    ]
    if faults:
        raise Refused(faults)
    selected = tuple(screen for screen in screens if targets.matches_screen(selectors, screen))
    if not selected:
        facts = {"selectors": " ".join(selectors)}
        raise Refused([Fault("error", "selectors-name-nothing", FaultLocation(key="screens"), facts)])
    return selected


def _expand_selector(word: str) -> str:
    sign, body = ("!", word[1:]) if word.startswith("!") else ("", word)
    return f"{sign}screen:{body}" if body and body != "*" and ":" not in body else word


def _create_unmatched_fault(screens: Sequence[Screen], selector: str, kind_labels: Mapping[str, str]) -> Fault:
    parsed = targets.parse_selector(selector)
    if parsed.field == "screen" and not has_wildcard(parsed.pattern):
        return _create_unknown_fault(parsed.pattern, suggest_selectors(parsed.pattern, screens, kind_labels))
    facts: dict[str, object] = {"selector": ellipsize(selector)}
    known = {word for screen in screens for word in _list_field_values(parsed.field, screen)}
    nearest = find_closest_match(parsed.pattern, sorted(known))
    if nearest is None:
        return Fault("error", "selector-names-nothing", FaultLocation(key="screens"), facts)
    return Fault("error", "selector-names-nothing-near", FaultLocation(key="screens"), {**facts, "nearest": nearest})


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
