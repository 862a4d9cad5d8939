"""Simulation of a campaign's newest version before approval."""

from datetime import datetime

from msgspec import Struct

from signage.messages import render_message
from signage.schedule.analysis.simulate import ItemForecast, OffAirInterval
from signage.services.campaigns import approval, review_findings, simulation
from signage.web.api.framework.operations import ApiRequest, ApiResource, format_faults, get_language

api = ApiResource("rehearsals")


class ItemForecastOut(Struct, frozen=True, kw_only=True):
    """The forecast of an item per screen; shares of the time in which it may show. *starved*: it never shows."""

    item: str
    plays: int
    seconds: float
    share_asked: float
    share_got: float
    starved: bool


class SilentIntervalOut(Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """A period in which nothing of the campaign shows. *why*: not-due, priority, takeover, hours, limits or consent."""

    from_: datetime
    until: datetime
    why: str
    instead: str


class ScreenGroupForecastOut(Struct, frozen=True, kw_only=True):
    """Screens with the same forecast. *notes*: constraints that could not be satisfied."""

    screens: tuple[str, ...]
    panel: str
    items: tuple[ItemForecastOut, ...]
    silent: tuple[SilentIntervalOut, ...]
    notes: tuple[str, ...]


class SimulationOut(Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """The plays that a player with a correct clock would report between two instants. *findings*: of the checks."""

    campaign: str
    version: int
    from_: datetime
    until: datetime
    groups: tuple[ScreenGroupForecastOut, ...]
    findings: tuple[dict[str, str], ...]


class SimulationQuery(Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """*from*, *until*: at most 62 days apart; default: two weeks from the campaign's start."""

    from_: str = ""
    until: str = ""


@api.get("/campaigns/{id}/rehearsal", "campaign.view", query=SimulationQuery, answer=SimulationOut, errors=(404,))
def rehearse(api_request: ApiRequest) -> SimulationOut:
    """Simulate the newest version as if it were approved."""
    overview = approval.get_campaign_overview(api_request.app, api_request.actor, api_request.id)
    campaign, query = overview.campaign, api_request.query
    begin, end = simulation.resolve_period(
        campaign, api_request.parse_time(query.from_, "from"), api_request.parse_time(query.until, "until")
    )
    groups = simulation.simulate_campaign(
        api_request.app,
        api_request.schedule_rules,
        api_request.library.create_forecast_resolver,
        campaign,
        begin,
        end,
    )
    check_context = simulation.build_check_context(api_request.app, api_request.schedule_rules, campaign)
    return SimulationOut(
        campaign=campaign.id,
        version=overview.version.version,
        from_=begin.astimezone(campaign.zone),
        until=end.astimezone(campaign.zone),
        groups=tuple(_build_group_out(group) for group in groups),
        findings=format_faults(review_findings.list_findings(api_request.app, campaign, check_context)),
    )


def _build_group_out(group: simulation.ForecastGroup) -> ScreenGroupForecastOut:
    forecast = group.forecast
    notes = (render_message(f"explain-note-{note.code}", get_language(), dict(note.facts)) for note in forecast.notes)
    return ScreenGroupForecastOut(
        screens=group.screens,
        panel=group.panel,
        items=tuple(_build_item_out(item) for item in forecast.items),
        silent=tuple(_build_interval_out(item) for item in forecast.off_air_intervals),
        notes=tuple(notes),
    )


def _build_item_out(forecast: ItemForecast) -> ItemForecastOut:
    return ItemForecastOut(
        item=forecast.item,
        plays=forecast.count.plays,
        seconds=forecast.count.ms / 1000,
        share_asked=round(forecast.share_asked, 6),
        share_got=round(forecast.share_got, 6),
        starved=forecast.starved,
    )


def _build_interval_out(interval: OffAirInterval) -> SilentIntervalOut:
    return SilentIntervalOut(from_=interval.from_, until=interval.until, why=interval.kind, instead=interval.instead)
