"""Details of slogans and clips, parsed from a form."""

import pytest

from signage.faults import Refused
from signage.services.library.details import parse_form


def test_details_are_refused_field_by_field():
    with pytest.raises(Refused) as refused:
        parse_form({"tags": "好! law", "from": "2026-13-01", "until": "2026-01-01", "title": "x" * 300})
    assert {(f.code, f.location.key) for f in refused.value.faults} == {
        ("tag-malformed", "tags"),
        ("validity-unreadable", "from"),
        ("said-too-long", "title"),
    }
