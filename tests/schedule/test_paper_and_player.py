"""The campaign of 15 March 2021: the paper says, play for play, what a player with a right clock plays.

The player reads one real document a day, each from its issue after midnight to the next, as screens do.
"""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from signage.model.campaign_file.read import read
from signage.model.panel import Panel
from signage.model.screen import OperatingHours, Screen
from signage.model.takeover import Takeover
from signage.protocol import playlist as wire
from signage.protocol.showing import Shows
from signage.publish import document
from signage.publish.compile import compile_body
from signage.schedule.installation import Installation
from signage.schedule.programs import Loops
from signage.schedule.rotation import rotate
from signage.schedule.simulate import simulate
from tests.schedule.building import at, lengths

FILE = Path(__file__).parents[2] / "playlists" / "315-2021.toml"
ZONE = ZoneInfo("Asia/Shanghai")
MS = timedelta(milliseconds=1)
FILMS = {"film-rights": 12_400, "film-12315": 10_000, "film-public": 12_400, "strip-rights": 9_960}
SCREENS = (
    Screen("taxi-1", "taxi-roof", "p", ZONE.key),
    Screen("street-1", "street", "p", ZONE.key, hours=(OperatingHours("sunrise", time(21)),)),
    Screen("strip-1", "strip", "p", ZONE.key),
)
ORDER = Takeover(
    "t1", 1, ("kind:street",), at("2021-03-12T10:00:05+08:00"), at("2021-03-12T10:31:17+08:00"), "d", "t", text="x"
)


def plays(here: Installation, screen: Screen, loops: Loops, first: date, days: int) -> Counter[tuple[str, str]]:
    """What a player counts: (item, ``completed`` or ``cut``), and ms under (item, ``ms``)."""
    found: Counter[tuple[str, str]] = Counter()
    for day in (first + timedelta(days=n) for n in range(days)):
        begin = datetime.combine(day, time(0), ZONE).astimezone(UTC)
        shows = Shows(published(here, screen, loops, day, begin))
        now, end = begin, begin + timedelta(days=1)
        while now < end:
            showing = shows.at(now)
            shown = showing.remaining_ms
            if showing.item is not None:
                whole = showing.elapsed_ms == 0 and shown == shows.playlist.items[showing.item].duration_ms
                found[showing.item, "completed" if whole else "cut"] += 1
                found[showing.item, "ms"] += shown
            now += shown * MS
    return found


def published(here: Installation, screen: Screen, loops: Loops, day: date, at: datetime) -> wire.Playlist:
    def item(name: str) -> wire.Item:
        return wire.Item(kind="slogan", duration_ms=loops.length(name), media=())

    body = compile_body(here, screen, Panel("p", 192, 64), day, loops, item)
    head = document.head(screen.id, 1, at, ZONE)
    return wire.decode(document.join(head, document.tail(body, at, 30)))


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.id)
def test_the_paper_is_what_a_player_plays(screen: Screen) -> None:
    campaign = read(FILE.name, FILE.read_bytes())
    here = Installation((campaign,), takeovers=(ORDER,), screens=(screen,))
    known = lengths(campaign) | {f"{campaign.id}/{name}": ms for name, ms in FILMS.items()} | {"_takeover/t1": 7000}
    loops = Loops(rotate, 3_600_000, known)
    paper = next(simulate(here, campaign, campaign.starts_at, campaign.ends_at, lambda panel: loops))
    played = plays(here, screen, loops, date(2021, 3, 10), 9)
    assert sum(one.count.plays for one in paper.items) > 1000
    for one in paper.items:
        counted = (one.count.plays, one.count.cut, one.count.ms)
        assert counted == tuple(played[one.item, kind] for kind in ("completed", "cut", "ms")), one.item
