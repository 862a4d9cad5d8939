"""Simulates campaigns over their screens without changing anything: an unapproved version, or the plan of a report."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby

from signage.faults import refuse
from signage.library.service import Library
from signage.model.campaign import Campaign
from signage.publish.group_compiler import ItemSource
from signage.publish.load_snapshot import ScheduleRules, load_current_snapshot, load_full_snapshot
from signage.publish.screen_groups import ScreenGroups
from signage.schedule.analysis.simulate import ScreenForecast, assume_approved, simulate
from signage.schedule.rotation.rotation_cache import RotationsByPanel
from signage.schedule.snapshot import ScheduleSnapshot
from signage.services.campaigns.checks import CheckContext
from signage.services.consents.consents import list_current_consents
from signage.services.context import AppContext
from signage.services.evidence.planned_periods import ForecastProvider, PlannedPeriod
from signage.store import change_counter
from signage.store.screens import screens

DEFAULT_PERIOD = timedelta(days=14)
MAX_PERIOD = timedelta(days=62)


@dataclass(frozen=True, slots=True)
class ForecastGroup:
    """Screens that show the same, with the forecast of one of them."""

    screens: tuple[str, ...]
    panel: str
    forecast: ScreenForecast


def resolve_period(campaign: Campaign, begin: datetime | None, end: datetime | None) -> tuple[datetime, datetime]:
    """Return the period to simulate; by default from the campaign's start, for two weeks or to its end.

    Raises Refused: empty or longer than ``MAX_PERIOD``.
    """
    begin = begin or campaign.starts_at
    try:
        end = end or min(campaign.ends_at, begin + DEFAULT_PERIOD)
    except OverflowError:
        end = campaign.ends_at
    if not timedelta(0) < end - begin <= MAX_PERIOD:
        raise refuse("rehearsal-period", "until")
    return begin, end


def simulate_campaign(
    context: AppContext,
    rules: ScheduleRules,
    create_resolver: Callable[[ScheduleSnapshot], ItemSource],
    campaign: Campaign,
    begin: datetime,
    end: datetime,
) -> list[ForecastGroup]:
    """Simulate *campaign* as if it were approved; one forecast for each group of screens that show the same."""
    with context.store.read() as connection:
        snapshot = assume_approved(load_current_snapshot(connection, rules).snapshot, campaign)
    groups = {group.representative.id: group for group in get_screen_groups(context).list_groups(snapshot)}
    snapshot = replace(snapshot, screens=tuple(group.representative for group in groups.values()))
    rotations = RotationsByPanel(context.panels, create_resolver(snapshot).get_lengths, snapshot.settings.max_loop_ms)
    forecasts = [
        ForecastGroup(
            tuple(sorted(groups[forecast.screen].screen_ids)), groups[forecast.screen].representative.panel, forecast
        )
        for forecast in simulate(snapshot, campaign, begin, end, rotations.get_cache)
    ]
    return sorted(forecasts, key=lambda group: group.screens)


def create_forecast_provider(context: AppContext, rules: ScheduleRules, library: Library) -> ForecastProvider:
    """Return a function that forecasts periods for reports, with everything as stored at the time of the call."""

    def forecast(periods: Sequence[PlannedPeriod]) -> Iterator[ScreenForecast]:
        with context.store.read() as connection:
            stored = load_full_snapshot(connection, rules)
        screens_by_id = {screen.id: screen for screen in stored.screens}
        for campaign, group in groupby(periods, key=lambda period: period.campaign):
            snapshot = assume_approved(stored, campaign)
            lengths = library.create_forecast_resolver(snapshot).get_lengths
            rotations = RotationsByPanel(context.panels, lengths, snapshot.settings.max_loop_ms)
            for period in group:
                targets = tuple(screens_by_id[i] for i in sorted(period.screen_ids & screens_by_id.keys()))
                part = replace(snapshot, screens=targets)
                yield from simulate(part, campaign, period.begin, period.end, rotations.get_cache, campaign.zone)

    return forecast


def build_check_context(context: AppContext, rules: ScheduleRules, campaign: Campaign) -> CheckContext:
    """Return the context for the checks of *campaign*, with one screen of each group that shows the same of it."""
    snapshot = ScheduleSnapshot((campaign,), calendars=rules.calendars, settings=rules.settings)
    groups = get_screen_groups(context)
    representatives = tuple(group.representative for group in groups.list_groups(snapshot))
    enrolled, consents = tuple(groups.screens_by_id.values()), list_current_consents(context)
    return CheckContext(context.panels, rules.calendars, representatives, rules.settings, enrolled, consents)


def get_screen_groups(context: AppContext) -> ScreenGroups:
    """Return the groups of all screens; cached until a screen changes."""
    with context.store.read() as connection:
        key = (context.store.url, change_counter.get_counters(connection).get("screens", 0))
        groups = _screen_groups_cache.get(key)
        if groups is None:
            groups = ScreenGroups(row.screen for row in screens.iter_screens(connection))
            _screen_groups_cache.clear()
            _screen_groups_cache[key] = groups
    return groups


_screen_groups_cache: dict[tuple[str, int], ScreenGroups] = {}
