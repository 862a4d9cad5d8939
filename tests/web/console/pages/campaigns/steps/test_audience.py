"""Ticked kinds, groups and screens, and the selectors of the placement."""

import pytest
from werkzeug.datastructures import MultiDict

from signage.web.console.pages.campaigns.steps import audience


def create_values(screens, **more):
    return MultiDict({"placement[1].screens": screens, "placement[1].items": "*", **more})


@pytest.mark.parametrize(
    ("ticked", "screens"),
    [
        (["*"], "*"),
        (["kind:taxi-roof", "group:公交站"], "kind:taxi-roof group:公交站"),
        (["*", "kind:street"], "kind:street"),
        (["screen:taxi-0001", "screen:taxi-0001"], "screen:taxi-0001"),
        ([], ""),
        (["kind:*", "!tag:x", "nonsense", "kind:a b"], ""),
    ],
)
def test_what_is_ticked_is_the_audience(ticked, screens):
    values = create_values("*")
    audience.apply_audience(values, MultiDict([("where_shown", "1"), *(("where", word) for word in ticked)]))
    assert values["placement[1].screens"] == screens


@pytest.mark.parametrize(
    "values",
    [
        create_values("kind:taxi-* !tag:depot"),
        create_values("*", **{"placement[1].items": "a"}),
        create_values("*", **{"placement[2].screens": "*"}),
    ],
)
def test_placements_that_cannot_be_ticked_stay_as_they_are(values):
    before = values.copy()
    assert audience.parse_audience(values) is None
    audience.apply_audience(values, MultiDict([("where_shown", "1"), ("where", "*")]))
    assert values == before
