"""The screens that a placement or a takeover targets (contract, ``screens`` of ``[[placement]]``).

A screen is targeted if any selector matches and no selector with ``!`` does; with ``!`` selectors only: every screen
but those. ``*`` matches every screen; ``kind: group: tag: unit: screen:`` compare an attribute of the screen, in which
``*`` and ``?`` are wildcards.

An index evaluates the selectors of a whole snapshot at once: selectors that do not use the id are evaluated once for
all screens with equal attributes, so that each of a hundred thousand screens costs two look-ups.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from weakref import WeakKeyDictionary

from signage.model.screen import Screen
from signage.model.wildcards import compile_wildcard, has_wildcard
from signage.schedule.snapshot import ScheduleSnapshot

SELECTOR_FIELDS = ("kind", "group", "tag", "unit", "screen")


@dataclass(frozen=True, slots=True)
class TargetSelector:
    """One parsed selector. *field* None matches every screen."""

    field: str | None
    pattern: str
    negative: bool


@lru_cache(maxsize=65536)
def parse_selector(text: str) -> TargetSelector:
    """Parse a selector. Raises ValueError for invalid text."""
    negative = text.startswith("!")
    body = text[1:] if negative else text
    if body == "*":
        return TargetSelector(None, "*", negative)
    field, colon, pattern = body.partition(":")
    if not colon or field not in SELECTOR_FIELDS or not pattern:
        raise ValueError(text)
    return TargetSelector(field, pattern, negative)


def matches_screen(selectors: Iterable[str], screen: Screen) -> bool:
    """Return whether *selectors* target *screen*. No selectors target no screen."""
    parsed = [parse_selector(text) for text in selectors]
    if any(_is_match(selector, screen) for selector in parsed if selector.negative):
        return False
    positive = [selector for selector in parsed if not selector.negative]
    return any(_is_match(selector, screen) for selector in positive) if positive else bool(parsed)


def _is_match(selector: TargetSelector, screen: Screen) -> bool:
    if selector.field is None:
        return True
    match = compile_wildcard(selector.pattern)
    return any(match(value) for value in _list_screen_values(selector.field, screen))


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
    """Many lists of selectors, evaluated together: bit *n* of a mask represents list *n*.

    A selector that occurs in several lists is evaluated once.
    """

    def __init__(self, lists: Iterable[tuple[str, ...]]) -> None:
        self._votes_by_attributes: dict[tuple[object, ...], tuple[int, int]] = {}
        self._attribute_selectors: dict[TargetSelector, int] = {}
        self._votes_by_id: dict[str, tuple[int, int]] = {}
        self._id_pattern_selectors: dict[TargetSelector, int] = {}
        self._only_negative = 0
        for number, texts in enumerate(lists):
            self._add_list(1 << number, [parse_selector(text) for text in texts])

    def _add_list(self, bit: int, selectors: list[TargetSelector]) -> None:
        if selectors and all(selector.negative for selector in selectors):
            self._only_negative |= bit
        for selector in selectors:
            if selector.field != "screen":
                self._attribute_selectors[selector] = self._attribute_selectors.get(selector, 0) | bit
            elif has_wildcard(selector.pattern):
                self._id_pattern_selectors[selector] = self._id_pattern_selectors.get(selector, 0) | bit
            else:
                yes, no = self._votes_by_id.get(selector.pattern, (0, 0))
                self._votes_by_id[selector.pattern] = (yes, no | bit) if selector.negative else (yes | bit, no)

    @property
    def uses_screen_ids(self) -> bool:
        """Whether any list selects screens by id."""
        return bool(self._votes_by_id or self._id_pattern_selectors)

    def may_match_by_id(self, screen_id: str) -> bool:
        """Return whether a list may match this screen by its id, so that its other attributes alone do not decide."""
        return screen_id in self._votes_by_id or any(
            compile_wildcard(selector.pattern)(screen_id) for selector in self._id_pattern_selectors
        )

    def get_mask(self, screen: Screen) -> int:
        """Return the lists that target *screen*, as bits."""
        votes = self._votes_by_attributes.get(screen.selector_key)
        if votes is None:
            votes = self._votes_by_attributes[screen.selector_key] = _collect_votes(self._attribute_selectors, screen)
        yes, no = votes
        id_yes, id_no = self._votes_by_id.get(screen.id, (0, 0))
        if self._id_pattern_selectors:
            pattern_yes, pattern_no = _collect_votes(self._id_pattern_selectors, screen)
            id_yes, id_no = id_yes | pattern_yes, id_no | pattern_no
        return (yes | id_yes | self._only_negative) & ~(no | id_no)


def _collect_votes(selectors: Mapping[TargetSelector, int], screen: Screen) -> tuple[int, int]:
    yes = no = 0
    for selector, bits in selectors.items():
        if _is_match(selector, screen):
            if selector.negative:
                no |= bits
            else:
                yes |= bits
    return yes, no


_target_indexes: WeakKeyDictionary[ScheduleSnapshot, TargetIndex] = WeakKeyDictionary()


def get_target_index(snapshot: ScheduleSnapshot) -> TargetIndex:
    """Return the index of all placements (campaign by campaign, in order), then all takeovers, then all consents."""
    index = _target_indexes.get(snapshot)
    if index is None:
        placements = [placement.screens for campaign in snapshot.campaigns for placement in campaign.placements]
        takeovers = [takeover.screens for takeover in snapshot.takeovers]
        index = TargetIndex([*placements, *takeovers, *(consent.screens for consent in snapshot.consents or ())])
        _target_indexes[snapshot] = index
    return index
