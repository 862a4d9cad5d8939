"""Determines when the plan of a campaign counts for its report, per version and screen (contract 3, ``report``).

1. A version counts from its approval until the next version's approval, until the campaign is ended, or until now.
2. A screen counts from its enrolment.
3. Nothing counts outside the version's own window.
4. A screen that counts from another instant than the others gets a period of its own up to its next local midnight, and
   shares the following days with them: so one forecast serves all screens that show the same.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from signage.model.campaign import Campaign
from signage.schedule.analysis.simulate import ScreenForecast
from signage.schedule.timezones import get_day_start, get_local_date
from signage.store.campaigns import approval_decisions, campaigns
from signage.store.engine import Connection
from signage.store.screens import screens
from signage.store.screens.screens import ScreenRow


@dataclass(frozen=True, slots=True)
class PlannedPeriod:
    """A time (half-open) in which *campaign* as it was approved counts on the screens *screen_ids*."""

    campaign: Campaign
    begin: datetime
    end: datetime
    screen_ids: frozenset[str]


ForecastProvider = Callable[[Sequence[PlannedPeriod]], Iterable[ScreenForecast]]
"""Forecasts periods: for each of them the screens that its campaign targets, days in the campaign's time zone."""


def list_planned_periods(connection: Connection, campaign_id: str, now: datetime) -> list[PlannedPeriod]:
    """List the periods in which the plan of a campaign counts; empty ones name screens on which nothing counts yet."""
    rows = list(screens.iter_screens(connection))
    periods: list[PlannedPeriod] = []
    for campaign, begin, end in _iter_approved_versions(connection, campaign_id, now):
        begin, end = max(begin, campaign.starts_at), min(end, campaign.ends_at)
        starts = {row.screen.id: min(max(begin, row.made_at), max(begin, end)) for row in rows}
        periods += _split_periods(campaign, rows, starts, end)
    return periods


def _iter_approved_versions(
    connection: Connection, campaign_id: str, now: datetime
) -> Iterator[tuple[Campaign, datetime, datetime]]:
    """Yield each approved version with the time in which screens showed it, the newest first."""
    campaign = campaigns.get_campaign(connection, campaign_id)
    end = now
    if campaign is not None and campaign.status == "ended":
        end = min(now, campaign.changed_at)
    for version in campaigns.iter_versions(connection, campaign_id):
        if version.state == "approved":
            decisions = approval_decisions.list_decisions(connection, campaign_id, version.version)
            approved_at = max((d.at for d in decisions if d.decision == "approved"), default=version.made_at)
            yield version.campaign, min(approved_at, end), end
            end = min(approved_at, end)


def _split_periods(
    campaign: Campaign, rows: Iterable[ScreenRow], starts: Mapping[str, datetime], end: datetime
) -> Iterator[PlannedPeriod]:
    groups: dict[tuple[datetime, str], set[str]] = {}
    for row in rows:
        groups.setdefault((starts[row.screen.id], row.screen.timezone), set()).add(row.screen.id)
    if len({begin for begin, _ in groups}) == 1:
        begin = next(iter(groups))[0]
        yield PlannedPeriod(campaign, begin, max(begin, end), frozenset(starts))
        return
    joining: dict[datetime, set[str]] = {}
    for (begin, timezone), screen_ids in groups.items():
        midnight = min(_get_next_midnight(begin, timezone), max(begin, end))
        yield PlannedPeriod(campaign, begin, midnight, frozenset(screen_ids))
        joining.setdefault(midnight, set()).update(screen_ids)
    days = sorted(day for day in joining if day < end)
    joined: set[str] = set()
    for day, next_day in pairwise([*days, end]):
        joined |= joining[day]
        yield PlannedPeriod(campaign, day, next_day, frozenset(joined))


def _get_next_midnight(at: datetime, timezone: str) -> datetime:
    zone = ZoneInfo(timezone)
    return get_day_start(get_local_date(at, zone) + timedelta(days=1), zone)
