"""A rehearsal: a version of a campaign on paper, over its screens, as if it were approved; nothing is changed."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from signage.faults import refuse
from signage.model.campaign import Campaign
from signage.publish.group_compiler import Contents
from signage.publish.load_snapshot import Rules, load
from signage.publish.screen_groups import Fleet
from signage.schedule.analysis.simulate import ScreenPaper, rehearsed, simulate
from signage.schedule.programs import Loops
from signage.schedule.rotation.loop import rotate
from signage.schedule.snapshot import Installation
from signage.services.campaigns.checks import Surroundings
from signage.services.context import Office
from signage.store import change_counter as revision
from signage.store.screens import screens

USUAL = timedelta(days=14)
MOST = timedelta(days=62)


@dataclass(frozen=True, slots=True)
class Group:
    """Screens on which the same shows, with the paper of the first."""

    screens: tuple[str, ...]
    panel: str
    paper: ScreenPaper


def period(campaign: Campaign, begin: datetime | None, end: datetime | None) -> tuple[datetime, datetime]:
    """What is rehearsed: as asked, else from the campaign's begin on, two weeks or to its end. Raises Refused."""
    begin = begin or campaign.starts_at
    try:
        end = end or min(campaign.ends_at, begin + USUAL)
    except OverflowError:
        end = campaign.ends_at
    if not timedelta(0) < end - begin <= MOST:
        raise refuse("rehearsal-period", "until")
    return begin, end


def rehearse(
    office: Office,
    rules: Rules,
    contents_of: Callable[[Installation], Contents],
    campaign: Campaign,
    begin: datetime,
    end: datetime,
) -> list[Group]:
    """*campaign* between two instants, a group for all screens on which the same shows."""
    with office.store.read() as connection:
        installation = rehearsed(load(connection, rules).installation, campaign)
    alike = {group.screen.id: group for group in _fleet(office).groups(installation)}
    installation = replace(installation, screens=tuple(group.screen for group in alike.values()))
    loops = _loops(office, installation, contents_of(installation))
    found = [
        Group(tuple(sorted(alike[paper.screen].members)), alike[paper.screen].screen.panel, paper)
        for paper in simulate(installation, campaign, begin, end, loops)
    ]
    return sorted(found, key=lambda group: group.screens)


def _loops(office: Office, installation: Installation, contents: Contents) -> Callable[[str], Loops]:
    known: dict[str, Loops] = {}

    def loops(panel: str) -> Loops:
        if panel not in known:
            known[panel] = Loops(rotate, installation.settings.max_loop_ms, contents.lengths(office.panels[panel]))
        return known[panel]

    return loops


def surroundings(office: Office, rules: Rules, campaign: Campaign) -> Surroundings:
    """What stands around *campaign*: panels, calendars, and of the screens one of all on which it shows the same."""
    groups = _fleet(office).groups(Installation((campaign,), calendars=rules.calendars, settings=rules.settings))
    return Surroundings(office.panels, rules.calendars, tuple(group.screen for group in groups), rules.settings)


def _fleet(office: Office) -> Fleet:
    """All screens, read anew when they change."""
    with office.store.read() as connection:
        key = (office.store.url, revision.subjects(connection).get("screens", 0))
        found = _fleets.get(key)
        if found is None:
            found = Fleet(kept.screen for kept in screens.every(connection))
            _fleets.clear()
            _fleets[key] = found
    return found


_fleets: dict[tuple[str, int], Fleet] = {}
