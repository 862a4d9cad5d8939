"""A campaign of one day on two screens, and what is planned on them."""

from datetime import date

from signage.model.campaign import Campaign
from signage.model.item import Item
from signage.model.screen import Screen
from signage.schedule.analysis.loop_counts import PlayCount
from signage.schedule.analysis.simulate import ItemForecast, ScreenForecast
from tests.evidence.builders import parse_instant

CAMPAIGN = Campaign(
    "315-2021",
    "2021年3·15国际消费者权益日",
    "Asia/Shanghai",
    parse_instant("2021-03-15T00:00:00+08:00"),
    parse_instant("2021-03-16T00:00:00+08:00"),
    (
        Item("a", text="=1+1,甲"),
        Item("b", text="和谐社会 文明消费"),
        Item("c", file="assets/film.mp4", title="12315公益宣传片"),
    ),
    (),
    unit="bureau",
)
SCREENS = {name: Screen(name, "taxi-roof", "taxi-192x64", "Asia/Shanghai") for name in ("taxi-0001", "taxi-0002")}
PAPERS = [
    ScreenForecast(
        name,
        (ItemForecast("315-2021/a", PlayCount(10, 1, 84_000)), ItemForecast("315-2021/b", PlayCount(5, 0, 40_500))),
        {date(2021, 3, 15): {"315-2021/a": PlayCount(10, 1, 84_000), "315-2021/b": PlayCount(5, 0, 40_500)}},
        (),
        (),
        frozenset(),
    )
    for name in SCREENS
]
