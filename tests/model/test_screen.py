"""Keys by which equivalent screens are grouped."""

from dataclasses import fields, replace
from datetime import time
from typing import Any

import pytest

from signage.model.screen import BrightnessStep, OperatingHours, Screen

SCREEN = Screen("roof-1", "taxi-roof", "taxi-192x64", "Asia/Shanghai")
OTHER_VALUES: dict[str, Any] = {
    "kind": "street",
    "panel": "wall-640x384",
    "timezone": "Europe/Berlin",
    "groups": ("buses",),
    "tags": ("depot",),
    "unit": "bureau",
    "hours": (OperatingHours(time(6), time(22)),),
    "brightness": (BrightnessStep(time(20), 40),),
    "default_campaign": "house",
}


def keys(screen: Screen) -> tuple[object, ...]:
    return (screen.selector_key, screen.schedule_key)


def test_every_attribute_that_schedules_is_listed_here() -> None:
    assert {field.name for field in fields(Screen)} == {*OTHER_VALUES, "id", "position", "name", "address"}


@pytest.mark.parametrize("name", OTHER_VALUES)
def test_screens_that_differ_in_an_attribute_have_different_keys(name: str) -> None:
    assert keys(replace(SCREEN, **{name: OTHER_VALUES[name]})) != keys(SCREEN)


def test_screens_that_differ_in_their_id_alone_have_equal_keys() -> None:
    assert keys(replace(SCREEN, id="roof-2")) == keys(SCREEN)


@pytest.mark.parametrize(
    "at_sunset",
    [
        replace(SCREEN, hours=(OperatingHours(time(6), "sunset"),)),
        replace(SCREEN, brightness=(BrightnessStep("sunset", 40),)),
    ],
    ids=["hours", "brightness"],
)
def test_the_position_counts_only_where_the_sun_decides(at_sunset: Screen) -> None:
    here, there = (121.5, 31.2), (104.1, 30.7)
    assert keys(replace(SCREEN, position=here)) == keys(replace(SCREEN, position=there))
    assert keys(replace(at_sunset, position=here)) != keys(replace(at_sunset, position=there))


@pytest.mark.parametrize("name", ["name", "address"])
def test_screens_that_differ_in_what_people_read_alone_have_equal_keys(name: str) -> None:
    assert keys(replace(SCREEN, **{name: "人民路口"})) == keys(SCREEN)
