"""What a campaign's shares, weights and limits leave undone is named by ``check``."""

from signage.model.campaign import Campaign
from signage.schedule.snapshot import ScheduleSettings
from signage.services.campaigns.checks import CheckContext, check_campaign
from tests.schedule.builders import build_campaign, build_screen

FORCED = build_campaign(
    """
    [[item]]
    id = "a"
    [[item]]
    id = "b"
    [[placement]]
    items = ["a"]
    share = 3
    [[placement]]
    items = ["b"]
    """
)
BOUND = build_campaign(
    """
    [[item]]
    id = "a"
    [[item]]
    id = "b"
    [[placement]]
    items = ["*"]
    min_gap_s = 100
    """
)
ODD = build_campaign("".join(f'[[item]]\nid = "i{n}"\nduration_s = {n}.{n}\nweight = {97 + n}\n' for n in range(8, 16)))
TWO_PLACES = build_campaign(
    """
    [[item]]
    id = "a"
    [[item]]
    id = "b"
    [[placement]]
    screens = ["kind:taxi-roof"]
    items = ["a"]
    share = 3
    [[placement]]
    screens = ["kind:street"]
    items = ["b"]
    """
)


def codes(what: Campaign, around: CheckContext | None = None) -> list[tuple[str, tuple[str | int, ...]]]:
    found = check_campaign(what, around or CheckContext())
    return [(one.code, one.path) for one in found if one.code.startswith("rotation-")]


def test_shares_that_force_an_item_after_itself_are_named() -> None:
    assert codes(FORCED) == [("rotation-item-follows-itself", ("placement", 0))]


def test_limits_that_bind_are_named() -> None:
    assert codes(BOUND) == [("rotation-limits-bind", ("placement", 0))]


def test_cycles_that_do_not_fit_are_named_with_their_error() -> None:
    assert codes(ODD) == [("rotation-loop-cut", ("placement", 0))]


def test_how_long_a_loop_may_be_is_the_configurations() -> None:
    long = build_campaign("".join(f'[[item]]\nid = "i{n}"\nweight = {n}\n' for n in (50, 51, 53)))
    assert codes(long) == []
    short = CheckContext(settings=ScheduleSettings(max_loop_ms=60_000))
    assert codes(long, short) == [("rotation-loop-cut", ("placement", 0))]


def test_one_item_alone_is_as_it_should_be() -> None:
    assert codes(build_campaign("")) == []


def test_placements_are_looked_at_together_only_where_a_screen_has_both() -> None:
    assert codes(TWO_PLACES) == []
    both = (build_screen("taxi-1"), build_screen("street-1", kind="street"))
    assert codes(TWO_PLACES, CheckContext(screens=both)) == []
    assert codes(FORCED, CheckContext(screens=both)) == [("rotation-item-follows-itself", ("placement", 0))]
