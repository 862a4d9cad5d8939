"""A rehearsal: a version of a campaign on paper, over its screens, as if it were approved; nothing is changed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from signage.acts.act import Office
from signage.acts.campaign_checks import Surroundings
from signage.model.campaign import Campaign
from signage.model.screen import Screen
from signage.publish.inputs import Rules, load_whole
from signage.publish.verdicts import Contents
from signage.schedule.installation import Installation
from signage.schedule.programs import Loops
from signage.schedule.rotation import rotate
from signage.schedule.simulate import ScreenPaper, rehearsed, simulate
from signage.store import revision, screens


@dataclass(frozen=True, slots=True)
class Group:
    """Screens on which the same shows, with the paper of the first."""

    screens: tuple[str, ...]
    panel: str
    paper: ScreenPaper


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
        installation = rehearsed(load_whole(connection, rules), campaign)
    loops = _loops(office, installation, contents_of(installation))
    panels = {screen.id: screen.panel for screen in installation.screens}
    groups: dict[int, tuple[list[str], ScreenPaper]] = {}
    for paper in simulate(installation, campaign, begin, end, loops):
        groups.setdefault(id(paper.items), ([], paper))[0].append(paper.screen)
    return [Group(tuple(ids), panels[ids[0]], paper) for ids, paper in groups.values()]


def _loops(office: Office, installation: Installation, contents: Contents) -> Callable[[str], Loops]:
    known: dict[str, Loops] = {}

    def loops(panel: str) -> Loops:
        if panel not in known:
            known[panel] = Loops(rotate, installation.settings.max_loop_ms, contents.lengths(office.panels[panel]))
        return known[panel]

    return loops


def surroundings(office: Office, rules: Rules) -> Surroundings:
    """What stands around a campaign: panels, calendars, the screens that are enrolled (read anew when they change)."""
    with office.store.read() as connection:
        key = (office.store.url, revision.subjects(connection).get("screens", 0))
        found = _screens.get(key)
        if found is None:
            found = tuple(kept.screen for kept in screens.every(connection))
            _screens.clear()
            _screens[key] = found
    return Surroundings(office.panels, rules.calendars, found)


_screens: dict[tuple[str, int], tuple[Screen, ...]] = {}
