"""A rehearsal: a version of a campaign on paper, over its screens, as if it were approved; nothing is changed."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from signage.faults import refuse
from signage.model.campaign import Campaign
from signage.publish.group_compiler import ItemSource
from signage.publish.load_snapshot import ScheduleRules, load_current_snapshot
from signage.publish.screen_groups import ScreenGroups
from signage.schedule.analysis.simulate import ScreenForecast, assume_approved, simulate
from signage.schedule.rotation.rotation_cache import RotationsByPanel
from signage.schedule.snapshot import ScheduleSnapshot
from signage.services.campaigns.checks import CheckContext
from signage.services.context import AppContext
from signage.store import change_counter as revision
from signage.store.screens import screens

DEFAULT_PERIOD = timedelta(days=14)
MAX_PERIOD = timedelta(days=62)


@dataclass(frozen=True, slots=True)
class ForecastGroup:
    """Screens on which the same shows, with the paper of the first."""

    screens: tuple[str, ...]
    panel: str
    forecast: ScreenForecast


def resolve_period(campaign: Campaign, begin: datetime | None, end: datetime | None) -> tuple[datetime, datetime]:
    """What is rehearsed: as asked, else from the campaign's begin on, two weeks or to its end. Raises Refused."""
    begin = begin or campaign.starts_at
    try:
        end = end or min(campaign.ends_at, begin + DEFAULT_PERIOD)
    except OverflowError:
        end = campaign.ends_at
    if not timedelta(0) < end - begin <= MAX_PERIOD:
        raise refuse("rehearsal-period", "until")
    return begin, end


def simulate_campaign(
    office: AppContext,
    rules: ScheduleRules,
    contents_of: Callable[[ScheduleSnapshot], ItemSource],
    campaign: Campaign,
    begin: datetime,
    end: datetime,
) -> list[ForecastGroup]:
    """*campaign* between two instants, a group for all screens on which the same shows."""
    with office.store.read() as connection:
        installation = assume_approved(load_current_snapshot(connection, rules).snapshot, campaign)
    alike = {group.representative.id: group for group in _get_screen_groups(office).list_groups(installation)}
    installation = replace(installation, screens=tuple(group.representative for group in alike.values()))
    lengths = contents_of(installation).get_lengths
    rotations = RotationsByPanel(office.panels, lengths, installation.settings.max_loop_ms)
    found = [
        ForecastGroup(tuple(sorted(alike[paper.screen].screen_ids)), alike[paper.screen].representative.panel, paper)
        for paper in simulate(installation, campaign, begin, end, rotations.get_cache)
    ]
    return sorted(found, key=lambda group: group.screens)


def build_check_context(office: AppContext, rules: ScheduleRules, campaign: Campaign) -> CheckContext:
    """What stands around *campaign*: panels, calendars, and of the screens one of all on which it shows the same."""
    groups = _get_screen_groups(office).list_groups(
        ScheduleSnapshot((campaign,), calendars=rules.calendars, settings=rules.settings)
    )
    return CheckContext(office.panels, rules.calendars, tuple(group.representative for group in groups), rules.settings)


def _get_screen_groups(office: AppContext) -> ScreenGroups:
    """All screens, read anew when they change."""
    with office.store.read() as connection:
        key = (office.store.url, revision.get_counters(connection).get("screens", 0))
        found = _screen_groups_cache.get(key)
        if found is None:
            found = ScreenGroups(kept.screen for kept in screens.iter_screens(connection))
            _screen_groups_cache.clear()
            _screen_groups_cache[key] = found
    return found


_screen_groups_cache: dict[tuple[str, int], ScreenGroups] = {}
