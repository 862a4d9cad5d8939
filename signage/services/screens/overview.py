"""Questions for the wall and the lists of screens: which, how they are, what starts and ends next."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from signage.faults import refuse
from signage.services.context import Office
from signage.services.screen_health import SILENT, Condition, condition
from signage.store import change_counter as revision
from signage.store.campaigns import campaign_lists as campaign_desk
from signage.store.screens import screen_lists
from signage.store.screens.screen_lists import Counts, Heard, Listed, Wanted
from signage.store.takeovers import takeovers

__all__ = ["Edge", "Heard", "OnWall", "Wanted"]

_SOON = timedelta(days=7)
_FRESH_S = 5.0
MOST_COUNTED = 10_000
_counted: dict[str, tuple[float, Counts]] = {}
_words: dict[str, tuple[int, dict[str, list[str]]]] = {}


@dataclass(frozen=True, slots=True)
class OnWall:
    """A screen with how it is."""

    listed: Listed
    condition: Condition

    @property
    def id(self) -> str:
        return self.listed.kept.screen.id


@dataclass(frozen=True, slots=True)
class Edge:
    """Something that begins or ends at *at*: a campaign (its *title*) or a takeover."""

    at: datetime
    what: Literal["begins", "ends", "takeover-ends", "report-due"]
    name: str
    title: str


HEARD: tuple[Heard, ...] = ("heard", "silent", "faulty", "never", "revoked")


def heard_of(text: str) -> Heard:
    """The word of a list's filter; none where *text* is none of them."""
    for word in HEARD:
        if word == text:
            return word
    return ""


def counts(office: Office) -> Counts:
    """How the fleet stands, at most some seconds old: counting a city takes longer than a page may."""
    known = _counted.get(office.store.url)
    if known is not None and 0 <= office.clock.monotonic() - known[0] < _FRESH_S:
        return known[1]
    with office.store.read() as connection:
        found = screen_lists.counts(connection, office.clock.now() - SILENT)
    _counted[office.store.url] = (office.clock.monotonic(), found)
    return found


def wanted(office: Office, heard: Heard = "", **facts: str) -> Wanted:
    """Which screens a list is of; *facts*: search, group, tag, kind, unit, panel."""
    return Wanted(heard=heard, since=office.clock.now() - SILENT, **facts)


def page(office: Office, which: Wanted, after: str = "", limit: int = 50) -> list[OnWall]:
    """A page of screens by id."""
    now = office.clock.now()
    with office.store.read() as connection:
        found = screen_lists.page(connection, which, after, limit)
    return [OnWall(one, condition(one, now)) for one in found]


def how_many(office: Office, which: Wanted) -> int:
    """How many screens the list has, as far as ``MOST_COUNTED``."""
    with office.store.read() as connection:
        return screen_lists.how_many(connection, which, MOST_COUNTED)


def one(office: Office, screen_id: str) -> OnWall:
    """One screen. Raises Refused where there is none."""
    with office.store.read() as connection:
        found = screen_lists.of(connection, [screen_id])
    if not found:
        raise refuse("screen-unknown", screen_id, screen=screen_id[:64])
    return OnWall(found[0], condition(found[0], office.clock.now()))


def these(office: Office, ids: list[str]) -> list[OnWall]:
    """Those of *ids* that are there."""
    now = office.clock.now()
    with office.store.read() as connection:
        return [OnWall(found, condition(found, now)) for found in screen_lists.of(connection, ids)]


def words(office: Office) -> dict[str, list[str]]:
    """Groups, tags, kinds, units and panels, for choosing; gathered anew when screens changed."""
    with office.store.read() as connection:
        number = revision.subjects(connection).get("screens", 0)
        known = _words.get(office.store.url)
        if known is None or known[0] != number:
            known = _words[office.store.url] = (number, screen_lists.words(connection))
    return known[1]


def edges(office: Office, limit: int = 8) -> list[Edge]:
    """What begins and ends next, within a week."""
    now = office.clock.now()
    found: list[Edge] = []
    with office.store.read() as connection:
        for name, _, head in campaign_desk.showing(connection):
            found.append(Edge(head.starts_at, "begins", name, head.title))
            found.append(Edge(head.ends_at, "ends", name, head.title))
        found += [
            Edge(order.ends_at, "takeover-ends", order.id, order.why) for order in takeovers.every(connection, now)
        ]
    return sorted((edge for edge in found if now < edge.at <= now + _SOON), key=lambda edge: edge.at)[:limit]
