"""Days and hours of the page, and the dayparts of the campaign."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from signage.web.console.pages.campaigns.steps import timing
from signage.web.console.pages.campaigns.steps.timing import DAY_WORDS, WEEKDAYS, Timing

TIMES = st.times().map(lambda at: f"{at:%H:%M}")
SLOTS = st.lists(st.tuples(TIMES, TIMES), max_size=5).map(tuple)


def create_values(**more):
    return MultiDict({"placement[1].screens": "*", "placement[1].items": "*", **more})


@given(st.sets(st.sampled_from(DAY_WORDS)), SLOTS)
def test_days_and_slots_come_back_as_they_were_set(days, slots):
    values = create_values()
    chosen = Timing(tuple(word for word in DAY_WORDS if word in days), slots)
    timing.set_timing(values, chosen)
    every_day = set(WEEKDAYS) <= days
    one_whole_day = slots == (timing.ALL_DAY,)
    expected = Timing(() if every_day else chosen.days, () if one_whole_day else slots)
    assert timing.parse_timing(values) == expected


def test_workdays_in_the_rush_hours_are_two_dayparts():
    values = create_values()
    timing.set_timing(values, Timing(("workday",), timing.SLOT_PRESETS["rush"]))
    assert values["placement[1].dayparts"] == "hours-1 hours-2"
    assert (values["daypart[2].days"], values["daypart[2].from"], values["daypart[2].until"]) == (
        "workday", "17:00", "19:00",
    )  # fmt: skip


@pytest.mark.parametrize(
    "fields",
    [
        {"daypart[1].rrule": "FREQ=MONTHLY"},
        {"daypart[1].except": "2021-03-12"},
        {"daypart[1].days": "2021-03-12"},
        {"placement[1].dayparts": ""},
        {"placement[2].screens": "*"},
    ],
)
def test_hours_that_the_page_cannot_show_are_left_to_the_exact_fields(fields):
    values = create_values(**{"daypart[1].id": "a", "daypart[1].from": "06:00", "placement[1].dayparts": "a"})
    values.update(fields)
    for name in fields:
        values.setlist(name, values.getlist(name)[-1:])
    before = values.copy()
    assert timing.parse_timing(values) is None
    timing.apply_timing(values, MultiDict({"days_shown": "1", "day": "mon"}))
    assert values == before


def test_the_last_day_is_part_of_the_window():
    values = create_values()
    timing.apply_timing(values, MultiDict({"first_day": "2021-03-10", "last_day": "2021-03-18"}))
    assert (values["from"], values["until"]) == ("2021-03-10T00:00", "2021-03-19T00:00")
    assert timing.get_day_fields(values) == ("2021-03-10", "2021-03-18")


@pytest.mark.parametrize("text", ["", "next week", "2021-02-30"])
def test_a_day_that_is_none_comes_back_as_typed(text):
    values = create_values()
    timing.apply_timing(values, MultiDict({"first_day": text, "last_day": text}))
    assert timing.get_day_fields(values) == (text, text)


def test_a_window_with_times_of_day_has_no_fields_of_dates():
    assert timing.get_day_fields(create_values(**{"from": "2021-03-10T08:00", "until": "2021-03-19T00:00"})) is None


@pytest.mark.parametrize(
    ("action", "slots"),
    [
        ("slots-all", ()),
        ("slots-morning", (("07:00", "09:00"),)),
        ("add-slot", (("06:00", "07:00"), ("08:00", "12:00"))),
        ("drop-slot-1", ()),
        ("drop-slot-7", (("06:00", "07:00"),)),
        ("slots-nonsense", (("06:00", "07:00"),)),
    ],
)
def test_a_button_changes_the_slots(action, slots):
    values = create_values()
    timing.set_timing(values, Timing((), (("06:00", "07:00"),)))
    timing.change_slots(values, action)
    assert timing.parse_timing(values) == Timing((), slots)
