"""A campaign in JSON becomes the campaign file of the same content."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signage.model.campaign import Campaign
from signage.model.campaign_file.json_to_toml import convert_json_to_toml
from signage.model.campaign_file.read import check_campaign_file
from signage.model.campaign_file.write import format_campaign_file
from signage.model.toml.recovering_parser import parse_toml
from tests.support.campaign_strategies import campaigns

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**62), 2**62)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(st.sampled_from(["id", "text", "from", "tags"]) | st.text(max_size=3), values, max_size=4)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(campaigns())
def test_a_campaign_in_json_reads_back_equal(campaign: Campaign) -> None:
    document = json.loads(
        json.dumps(parse_toml(format_campaign_file(campaign)).tables, default=lambda v: v.isoformat())
    )
    checked = check_campaign_file("", convert_json_to_toml(document))
    assert checked.campaign == campaign, checked.faults


@settings(deadline=None)
@given(
    objects,
    st.fixed_dictionaries(
        {},
        optional={
            "item": st.lists(objects) | values,
            "placement": values,
            "daypart": st.dictionaries(st.text(), objects),
        },
    ),
)
def test_any_json_object_becomes_toml(root: dict[str, Any], tables: dict[str, Any]) -> None:
    assert parse_toml(convert_json_to_toml({**root, **tables})).findings == []


@pytest.mark.parametrize(
    ("document", "key", "code"),
    [
        ({"item": [{"id": "a"}, {"id": "b", "text": {"zh": "字"}}]}, "item[2].text", "not-text"),
        ({"item": [{"id": "a", "tags": [{"a": 1}]}]}, "item[1].tags", "not-text"),
        ({"item": {"id": "a"}}, "item", "not-tables"),
        ({"daypart": {"day": {"from": "06:30+08:00"}}}, "daypart.day.from", "not-time"),
        ({"daypart": [1]}, "daypart", "daypart-not-named"),
        ({"from": "tomorrow"}, "from", "not-moment"),
        ({"titel": "x"}, "titel", "key-unknown"),
    ],
)
def test_a_fault_has_the_key_of_the_json(document: dict[str, Any], key: str, code: str) -> None:
    faults = check_campaign_file("", convert_json_to_toml(document)).faults
    assert (key, code) in [(fault.location.key, fault.code) for fault in faults]
