"""Builds the report of a campaign: planned and proven plays, approvals, incidents and takeovers."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import TypeVar

from signage.clock import Clock
from signage.evidence.audit_log.checkpoints import ensure_signing_keys, get_or_create_checkpoint
from signage.evidence.judged_plays import EvidenceContext, list_gaps_within
from signage.evidence.reports.aggregate import ProvenTotals, compute_proven_totals
from signage.evidence.reports.report import (
    CampaignReport,
    MissingPlays,
    PlayTotals,
    ReportCheckpoint,
    ReportIncident,
    ReportItem,
    ReportScreenGroup,
    ReportTakeoverEvent,
    VerdictTotals,
)
from signage.model.campaign import Campaign, format_item_ref
from signage.model.item import Item
from signage.model.local_time import to_instant
from signage.model.screen import Screen
from signage.protocol.epoch import from_ms, to_ms
from signage.schedule.analysis.loop_counts import PlayCount
from signage.schedule.analysis.simulate import ScreenForecast
from signage.schedule.timezones import get_day_start
from signage.store import audit_log as audit
from signage.store import incidents
from signage.store.campaigns import campaigns
from signage.store.engine import Connection, Store
from signage.store.plays.plays import list_runs

MAX_TAKEOVERS, MAX_INCIDENTS = 200, 500
K = TypeVar("K", str, date)
PictureLookup = Callable[[str], Path | None]


def assemble_report(
    store: Store,
    clock: Clock,
    evidence: EvidenceContext,
    campaign: Campaign,
    forecasts: Iterable[ScreenForecast],
    screens: Mapping[str, Screen],
    find_picture: PictureLookup,
    *,
    counted_from: datetime | None = None,
) -> CampaignReport:
    """Build the report as of now. *forecasts*: of the periods that count, *counted_from* the first of them."""
    now = clock.now()
    planned = _PlannedTotals(forecasts)
    with store.read() as connection:
        proven = compute_proven_totals(connection, evidence, campaign.id, campaign.zone)
        screen_ids = planned.screens.keys() | proven.screens.keys()
        items = list(_list_items(connection, campaign, planned, proven, find_picture))
        takeover_events = list(_list_takeover_events(connection, campaign))
        report_incidents = list(_list_incidents(connection, campaign, screen_ids, now))
        missing_plays = list(_list_missing_plays(connection, screen_ids, campaign))
        doubled_screens = list(_find_doubled_screens(connection, screen_ids, campaign))
        actors = _list_actors(connection, campaign)
    days = _merge_totals(planned.days, proven.days)
    window = _get_window_days(campaign, [day for day, _ in days])
    due = None if campaign.report_due is None else to_instant(campaign.report_due, campaign.zone)
    return CampaignReport(
        campaign=campaign.id,
        title=campaign.title,
        theme=campaign.theme or "",
        unit=campaign.unit or "",
        zone=campaign.zone,
        from_=campaign.starts_at,
        until=campaign.ends_at,
        counted_until=min(now, campaign.ends_at),
        made_at=now,
        due_at=due,
        items=items,
        days=[(day, totals) for day, totals in days if day in window],
        outside_days=sum((totals for day, totals in days if day not in window), PlayTotals()),
        counted_from=counted_from,
        channels=_group_screens(planned, proven, {name: screen.kind for name, screen in screens.items()}),
        units=_group_screens(planned, proven, {name: screen.unit or "" for name, screen in screens.items()}),
        screens=_merge_totals(planned.screens, proven.screens),
        verdict_totals=_list_verdict_totals(proven),
        missing_plays=missing_plays,
        actors=actors,
        incidents=report_incidents,
        takeover_events=takeover_events,
        checkpoint=create_report_checkpoint(store, clock),
        archive_damage=proven.archive_damage,
        doubled_screens=doubled_screens,
    )


def _get_window_days(campaign: Campaign, days: Iterable[date]) -> set[date]:
    """Return those of *days* (in the campaign's zone) that overlap the campaign's window."""
    return {
        day
        for day in days
        if get_day_start(day, campaign.zone) < campaign.ends_at
        and get_day_start(day + timedelta(days=1), campaign.zone) > campaign.starts_at
    }


def create_report_checkpoint(store: Store, clock: Clock) -> ReportCheckpoint:
    """Create the checkpoint that the report prints."""
    with store.write() as connection:
        keys = ensure_signing_keys(connection, clock.now())
        row = get_or_create_checkpoint(connection, clock.now(), shown=True)
    return ReportCheckpoint(row.origin, row.size, row.root.hex(), tuple(key.id for key in keys))


class _PlannedTotals:
    """Totals of forecasts by item, day and screen; a screen may have several forecasts."""

    def __init__(self, forecasts: Iterable[ScreenForecast]) -> None:
        self.items: dict[str, PlayTotals] = {}
        self.days: dict[date, PlayTotals] = {}
        self.screens: dict[str, PlayTotals] = {}
        for forecast in forecasts:
            self._add(self.screens, forecast.screen, PlayCount())
            for item in forecast.items:
                self._add(self.items, item.item, item.count)
                self._add(self.screens, forecast.screen, item.count)
            for day, counts in forecast.by_day.items():
                for count in counts.values():
                    self._add(self.days, day, count)

    @staticmethod
    def _add(sums: dict[K, PlayTotals], key: K, count: PlayCount) -> None:
        sums[key] = sums.get(key, PlayTotals()) + PlayTotals(count.plays, 0, count.ms, 0)


def _merge_totals(planned: Mapping[K, PlayTotals], proven: Mapping[K, PlayTotals]) -> list[tuple[K, PlayTotals]]:
    keys = sorted(planned.keys() | proven.keys())
    return [(key, planned.get(key, PlayTotals()) + proven.get(key, PlayTotals())) for key in keys]


def _list_items(
    connection: Connection,
    campaign: Campaign,
    planned: _PlannedTotals,
    proven: ProvenTotals,
    find_picture: PictureLookup,
) -> Iterator[ReportItem]:
    """Yield the rows of the campaign's items; those that only former versions have come last."""
    texts = {format_item_ref(campaign.id, item.id): _get_text(item) for item in campaign.items}
    for name in sorted((planned.items.keys() | proven.items.keys()) - texts.keys()):
        texts[name] = _find_former_text(connection, campaign.id, name)
    for name, text in texts.items():
        totals = planned.items.get(name, PlayTotals()) + proven.items.get(name, PlayTotals())
        yield ReportItem(name, text, totals, find_picture(name))


def _get_text(item: Item) -> str:
    return item.text or item.title or item.file or ""


def _find_former_text(connection: Connection, campaign_id: str, name: str) -> str:
    for version in campaigns.iter_versions(connection, campaign_id):
        for item in version.campaign.items:
            if format_item_ref(campaign_id, item.id) == name:
                return _get_text(item)
    return ""


def _group_screens(planned: _PlannedTotals, proven: ProvenTotals, names: Mapping[str, str]) -> list[ReportScreenGroup]:
    """Group the screens by their entry in *names*; removed screens have the name of a dash."""
    groups: dict[str, ReportScreenGroup] = {}
    for screen, totals in _merge_totals(planned.screens, proven.screens):
        name = names.get(screen, "—")
        group = groups.get(name, ReportScreenGroup(name, 0, 0, PlayTotals()))
        proven_count = group.proven_screen_count + int(screen in proven.screens)
        groups[name] = ReportScreenGroup(name, group.screen_count + 1, proven_count, group.totals + totals)
    return [groups[name] for name in sorted(groups)]


def _list_verdict_totals(proven: ProvenTotals) -> list[VerdictTotals]:
    return [
        VerdictTotals(verdict, span.plays, from_ms(span.first_ms), from_ms(span.last_ms))
        for verdict, span in sorted(proven.verdicts.items())
    ]


def _list_missing_plays(
    connection: Connection, screen_ids: Collection[str], campaign: Campaign
) -> Iterator[MissingPlays]:
    """Yield the gaps that may lie in the campaign's window, on screens with planned or proven plays."""
    begin_ms, end_ms = to_ms(campaign.starts_at), to_ms(campaign.ends_at)
    for run in list_runs(connection):
        if run.screen in screen_ids:
            last_received_at = from_ms(run.last_received_ms)
            for gap, is_dated in list_gaps_within(connection, run, begin_ms, end_ms):
                yield MissingPlays(run.screen, run.run, gap.first, gap.last, gap.why, last_received_at, is_dated)


def _find_doubled_screens(connection: Connection, screen_ids: Collection[str], campaign: Campaign) -> Iterator[str]:
    """Yield the screens with two runs received at the same time: two players with one token.

    A single player ends one run before it starts the next.
    """
    begin_ms, end_ms = to_ms(campaign.starts_at), to_ms(campaign.ends_at)
    for screen, runs in groupby(list_runs(connection), key=lambda run: run.screen):
        previous_end_ms = 0
        is_doubled = False
        for run in runs:
            overlap_end_ms = min(previous_end_ms, run.last_received_ms)
            is_doubled |= max(run.first_received_ms, begin_ms) < min(overlap_end_ms, end_ms)
            previous_end_ms = max(previous_end_ms, run.last_received_ms)
        if is_doubled and screen in screen_ids:
            yield screen


def _list_actors(connection: Connection, campaign: Campaign) -> list[tuple[str, str]]:
    """List (verb, user) of the acts on the campaign, each once."""
    actors: dict[tuple[str, str], None] = {}
    for verb in ("campaign.load", "campaign.save", "campaign.submit", "campaign.approve", "campaign.return"):
        for entry in reversed(audit.list_newest_entries(connection, verb=verb, object=campaign.id, limit=50)):
            actors[verb, str(entry.parse()["who"])] = None
    return list(actors)


def _list_takeover_events(connection: Connection, campaign: Campaign) -> Iterator[ReportTakeoverEvent]:
    for verb in ("takeover.start", "takeover.stop"):
        begin, end = campaign.starts_at, campaign.ends_at
        for entry in reversed(
            audit.list_newest_entries(connection, verb=verb, limit=MAX_TAKEOVERS, from_=begin, until=end)
        ):
            record = entry.parse()
            yield ReportTakeoverEvent(verb, str(record["object"]), datetime.fromisoformat(str(record["at"])))


def _list_incidents(
    connection: Connection, campaign: Campaign, screen_ids: Collection[str], now: datetime
) -> Iterator[ReportIncident]:
    """Yield the incidents on those screens, and those without a screen."""
    end = min(now, campaign.ends_at)
    for row in incidents.list_raised_between(connection, campaign.starts_at, end, MAX_INCIDENTS):
        if row.screen is None or row.screen in screen_ids:
            steps = [(step.step, step.at) for step in incidents.list_steps(connection, row.number)]
            yield ReportIncident(row.number, row.kind, row.screen, row.what, row.facts, row.raised_at, steps)
