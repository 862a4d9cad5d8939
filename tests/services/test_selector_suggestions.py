"""A target that names nothing is told as such, with the nearest that exist."""

import pytest

from signage.faults import Refused
from signage.model.panel import PRESET_KIND_LABELS
from signage.model.screen import Screen
from signage.services.selector_input import select_screens
from signage.services.selector_suggestions import suggest_selectors

SCREENS = (
    Screen("roof-1", "taxi-roof", "p", "UTC", groups=("公交站",), tags=("夜班",), name="京A·T1234"),
    Screen("street-1", "street", "p", "UTC", groups=("城区-北",), unit="高新区", name="人民路口"),
)


@pytest.mark.parametrize(
    ("word", "selector"),
    [
        ("出租车", "kind:taxi-roof"),
        ("taxi", "kind:taxi-roof"),
        ("公交", "group:公交站"),
        ("夜班", "tag:夜班"),
        ("高新", "unit:高新区"),
        ("人民路", "screen:street-1"),
        ("roof-7", "screen:roof-1"),
    ],
)
def test_the_nearest_that_exists_is_suggested(word: str, selector: str) -> None:
    assert selector in [suggestion.selector for suggestion in suggest_selectors(word, SCREENS, PRESET_KIND_LABELS)]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["出租车"], "target-unknown-near"),
        (["zzzz"], "target-unknown"),
        (["group:港口"], "selector-names-nothing"),
        (["kind:street", "!unit:高新区"], "selectors-name-nothing"),
    ],
)
def test_nothing_matched_and_everything_excluded_are_two_faults(words: list[str], code: str) -> None:
    with pytest.raises(Refused) as refused:
        select_screens(SCREENS, words, PRESET_KIND_LABELS)
    assert [fault.code for fault in refused.value.faults] == [code]
