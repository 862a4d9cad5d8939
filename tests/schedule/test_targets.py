"""Selectors name screens by facts; the index answers as the plain question does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signage.model.screen import Screen
from signage.schedule.targets import TargetIndex, matches_screen, parse_selector
from tests.schedule.builders import build_screen
from tests.schedule.oracle import matches_selectors
from tests.schedule.strategies import SELECTORS, screens
from tests.support.examples import examples

BUS = build_screen("taxi-0001", groups=("buses", "night"), tags=("centre",), unit="bureau")
NAMED = [
    (["*"], True),
    (["kind:taxi-roof"], True),
    (["kind:street"], False),
    (["kind:taxi-*", "!group:buses"], False),
    (["group:night"], True),
    (["tag:cent??"], True),
    (["tag:cent?"], False),
    (["unit:bureau"], True),
    (["screen:taxi-0001"], True),
    (["screen:taxi-000[1]"], False),
    (["!tag:depot"], True),
    (["!tag:depot", "!screen:taxi-0001"], False),
    (["kind:street", "!tag:depot"], False),
    (["!*"], False),
    ([], False),
]


@pytest.mark.parametrize(("selectors", "expected"), NAMED)
def test_any_of_the_selectors_and_none_that_has_a_mark(selectors: list[str], expected: bool) -> None:
    assert matches_screen(selectors, BUS) == expected
    assert TargetIndex([tuple(selectors)]).get_mask(BUS) == int(expected)


def test_a_screen_without_a_unit_is_in_no_unit() -> None:
    assert not matches_screen(["unit:*"], build_screen(unit=None))


@pytest.mark.parametrize("text", ["", "taxi", "kind:", "colour:red", "!", "!!*", ":x"])
def test_what_is_no_selector_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_selector(text)


words = st.sampled_from([*SELECTORS, "!tag:depot", "!screen:s2", "!screen:s*", "!group:*", "!kind:street"])


@pytest.mark.slow
@examples(200)
@given(
    st.lists(st.lists(words, min_size=1, max_size=3).map(tuple), max_size=6), screens("s1", "UTC"), screens("s2", "UTC")
)
def test_the_index_answers_as_the_text_does(lists: list[tuple[str, ...]], one: Screen, other: Screen) -> None:
    index = TargetIndex(lists)
    for here in (one, other, one):
        assert index.get_mask(here) == sum(matches_selectors(texts, here) << n for n, texts in enumerate(lists))
        assert index.get_mask(here) == sum(matches_screen(texts, here) << n for n, texts in enumerate(lists))
