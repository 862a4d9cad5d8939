"""Validation of a screen's values."""

import pytest

from signage.faults import Refused
from signage.model.screen import BrightnessStep, OperatingHours, parse_sun_time
from signage.model.users import make_cli_actor
from signage.services.screens.registry import (
    create_screen,
)
from signage.services.selector_input import select_screens
from signage.store.screens import screens
from tests.support.app_context import create_app_context, make_screen

ROOT = make_cli_actor("root")


@pytest.fixture
def context(tmp_path):
    return create_app_context(tmp_path)


def kept(context, screen_id):
    with context.store.read() as connection:
        return screens.get_screen(connection, screen_id)


def codes(refused):
    return [fault.code for fault in refused.value.faults]


def test_all_faults_are_told_at_once(context):
    wrong = make_screen(
        "Taxi 1",
        kind="",
        panel="taxi-192x46",
        timezone="Asia/Shanghia",
        groups=("two words",),
        position=(121.0, 95.0),
        brightness=(BrightnessStep(parse_sun_time("19:00"), 101),),
    )
    with pytest.raises(Refused) as refused:
        create_screen(context, ROOT, wrong)
    assert sorted(codes(refused)) == sorted(
        [
            "id-malformed",
            "id-missing",
            "word-malformed",
            "panel-unknown-near",
            "timezone-unknown",
            "position-impossible",
            "brightness-impossible",
        ]
    )


@pytest.mark.parametrize("zone", ["", "/etc/passwd", "../UTC", "Asia", "Asia/Shanghai\x00"])
def test_a_timezone_is_a_name_and_never_a_path(context, zone):
    with pytest.raises(Refused) as refused:
        create_screen(context, ROOT, make_screen(timezone=zone))
    assert codes(refused) == ["timezone-unknown"]


def test_sunset_needs_a_position(context):
    with pytest.raises(Refused) as refused:
        create_screen(context, ROOT, make_screen(hours=(OperatingHours("sunrise", "sunset"),)))
    assert codes(refused) == ["position-needed"]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("name", "屏" * 61, "name-too-long"),
        ("name", "two\nlines", "name-unreadable"),
        ("address", "路" * 201, "name-too-long"),
        ("groups", ("公交 站",), "word-malformed"),
        ("tags", ("-北",), "word-malformed"),
        ("unit", "局" * 31, "word-malformed"),
    ],
)
def test_a_name_or_word_that_is_malformed_is_refused(context, field, value, code):
    with pytest.raises(Refused) as refused:
        create_screen(context, ROOT, make_screen(**{field: value}))
    assert codes(refused) == [code]


def test_words_are_compared_in_composed_form(context):
    create_screen(context, ROOT, make_screen(groups=("caf\u0065\u0301",)))
    assert kept(context, "taxi-0001").screen.groups == ("caf\u00e9",)
    assert [s.id for s in select_screens([kept(context, "taxi-0001").screen], ["group:caf\u0065\u0301"], {})] == [
        "taxi-0001"
    ]
