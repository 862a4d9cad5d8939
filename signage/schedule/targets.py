"""Which screens a placement or a takeover names (contract, ``screens`` of ``[[placement]]``).

Any of the selectors, and none that has ``!``; only ``!`` ones: all screens but those. ``*`` is every screen;
``kind: group: tag: unit: screen:`` compare a fact of the screen; ``*`` and ``?`` in it are wildcards.

An index answers for all selectors of an installation at once: what does not depend on the screen's own id is worked
out once for all screens of equal facts, so that a hundred thousand screens cost two look-ups each.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from signage.model.screen import Screen
from signage.model.wildcards import compile_wildcard, has_wildcard

SELECTOR_FIELDS = ("kind", "group", "tag", "unit", "screen")


@dataclass(frozen=True, slots=True)
class TargetSelector:
    """One selector, read: *field* None is every screen."""

    field: str | None
    pattern: str
    negative: bool


@lru_cache(maxsize=65536)
def parse_selector(text: str) -> TargetSelector:
    """Read a selector. Raises ValueError when it is none."""
    negative = text.startswith("!")
    body = text[1:] if negative else text
    if body == "*":
        return TargetSelector(None, "*", negative)
    field, colon, pattern = body.partition(":")
    if not colon or field not in SELECTOR_FIELDS or not pattern:
        raise ValueError(text)
    return TargetSelector(field, pattern, negative)


def matches_screen(selectors: Iterable[str], screen: Screen) -> bool:
    """Whether *selectors* name *screen*. No selectors at all name none."""
    read = [parse_selector(text) for text in selectors]
    if any(_is_match(one, screen) for one in read if one.negative):
        return False
    positive = [one for one in read if not one.negative]
    return any(_is_match(one, screen) for one in positive) if positive else bool(read)


def _is_match(one: TargetSelector, screen: Screen) -> bool:
    if one.field is None:
        return True
    match = compile_wildcard(one.pattern)
    return any(match(word) for word in _list_screen_values(one.field, screen))


def _list_screen_values(field: str, screen: Screen) -> tuple[str, ...]:
    if field == "group":
        return screen.groups
    if field == "tag":
        return screen.tags
    if field == "kind":
        return (screen.kind,)
    if field == "screen":
        return (screen.id,)
    return () if screen.unit is None else (screen.unit,)


class TargetIndex:
    """Many lists of selectors, asked together: bit *n* of a mask stands for the list *n*.

    A selector that many lists have is asked once.
    """

    def __init__(self, lists: Iterable[tuple[str, ...]]) -> None:
        self._votes_by_facts: dict[tuple[object, ...], tuple[int, int]] = {}
        self._fact_selectors: dict[TargetSelector, int] = {}
        self._votes_by_id: dict[str, tuple[int, int]] = {}
        self._id_pattern_selectors: dict[TargetSelector, int] = {}
        self._only_negative = 0
        for number, texts in enumerate(lists):
            self._add_list(1 << number, [parse_selector(text) for text in texts])

    def _add_list(self, bit: int, read: list[TargetSelector]) -> None:
        if read and all(one.negative for one in read):
            self._only_negative |= bit
        for one in read:
            if one.field != "screen":
                self._fact_selectors[one] = self._fact_selectors.get(one, 0) | bit
            elif has_wildcard(one.pattern):
                self._id_pattern_selectors[one] = self._id_pattern_selectors.get(one, 0) | bit
            else:
                yes, no = self._votes_by_id.get(one.pattern, (0, 0))
                self._votes_by_id[one.pattern] = (yes, no | bit) if one.negative else (yes | bit, no)

    @property
    def uses_screen_ids(self) -> bool:
        """Whether any list names screens by their ids."""
        return bool(self._votes_by_id or self._id_pattern_selectors)

    def may_match_by_id(self, screen_id: str) -> bool:
        """Whether some list may name this screen by its own id, so that its facts alone do not decide."""
        return screen_id in self._votes_by_id or any(
            compile_wildcard(one.pattern)(screen_id) for one in self._id_pattern_selectors
        )

    def get_mask(self, screen: Screen) -> int:
        """The lists that name *screen*, as bits."""
        known = self._votes_by_facts.get(screen.selector_key)
        if known is None:
            known = self._votes_by_facts[screen.selector_key] = _collect_votes(self._fact_selectors, screen)
        yes, no = known
        own_yes, own_no = self._votes_by_id.get(screen.id, (0, 0))
        if self._id_pattern_selectors:
            more_yes, more_no = _collect_votes(self._id_pattern_selectors, screen)
            own_yes, own_no = own_yes | more_yes, own_no | more_no
        return (yes | own_yes | self._only_negative) & ~(no | own_no)


def _collect_votes(selectors: Mapping[TargetSelector, int], screen: Screen) -> tuple[int, int]:
    yes = no = 0
    for one, bits in selectors.items():
        if _is_match(one, screen):
            if one.negative:
                no |= bits
            else:
                yes |= bits
    return yes, no
