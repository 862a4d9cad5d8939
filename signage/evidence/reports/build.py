"""A campaign's report put together: what was planned, what is proven, who allowed it, what went wrong."""

from collections.abc import Callable, Iterable, Iterator, Mapping
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
from signage.model.local_time import to_instant
from signage.model.screen import Screen
from signage.protocol.epoch import from_ms, to_ms
from signage.schedule.analysis.simulate import ScreenForecast
from signage.schedule.timezones import get_day_start
from signage.store import audit_log as audit
from signage.store import incidents
from signage.store.campaigns import campaigns
from signage.store.engine import Connection, Store
from signage.store.plays import plays as table

MAX_TAKEOVERS, MAX_INCIDENTS = 200, 500
K = TypeVar("K", str, date)
PictureLookup = Callable[[str], Path | None]


def assemble_report(
    store: Store,
    clock: Clock,
    evidence: EvidenceContext,
    campaign: Campaign,
    papers: Iterable[ScreenForecast],
    screens: Mapping[str, Screen],
    pictures: PictureLookup,
    *,
    counted_from: datetime | None = None,
) -> CampaignReport:
    """Build the report as of now. *papers*: forecasts of the periods that count, *counted_from* the first of them."""
    now = clock.now()
    planned = _PlannedTotals(papers)
    with store.read() as connection:
        shown = compute_proven_totals(connection, evidence, campaign.id, campaign.zone)
        rows = list(_list_items(connection, campaign, planned, shown, pictures))
        orders = list(_list_takeover_events(connection, campaign))
        troubles = list(_list_incidents(connection, campaign, planned.screens.keys() | shown.screens.keys(), now))
        missing = list(_list_missing_plays(connection, planned.screens.keys() | shown.screens.keys(), campaign))
        doubled = list(_find_doubled_screens(connection, planned.screens.keys() | shown.screens.keys(), campaign))
        people = _list_actors(connection, campaign)
    days = _merge_totals(planned.days, shown.days)
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
        items=rows,
        days=[(day, totals) for day, totals in days if day in window],
        outside_days=sum((totals for day, totals in days if day not in window), PlayTotals()),
        counted_from=counted_from,
        channels=_group_screens(planned, shown, {name: screen.kind for name, screen in screens.items()}),
        units=_group_screens(planned, shown, {name: screen.unit or "" for name, screen in screens.items()}),
        screens=_merge_totals(planned.screens, shown.screens),
        verdict_totals=_list_verdict_totals(shown),
        missing_plays=missing,
        actors=people,
        incidents=troubles,
        takeover_events=orders,
        checkpoint=create_report_checkpoint(store, clock),
        archive_damage=shown.archive_damage,
        doubled_screens=doubled,
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
    """The checkpoint that goes out on paper."""
    with store.write() as connection:
        keys = ensure_signing_keys(connection, clock.now())
        made = get_or_create_checkpoint(connection, clock.now(), shown=True)
    return ReportCheckpoint(made.origin, made.size, made.root.hex(), tuple(key.id for key in keys))


class _PlannedTotals:
    """Papers added up."""

    def __init__(self, papers: Iterable[ScreenForecast]) -> None:
        self.items: dict[str, PlayTotals] = {}
        self.days: dict[date, PlayTotals] = {}
        self.screens: dict[str, PlayTotals] = {}
        for paper in papers:
            self.screens.setdefault(paper.screen, PlayTotals())
            for one in paper.items:
                self._add_totals(self.items, one.item, PlayTotals(one.count.plays, 0, one.count.ms, 0))
                self._add_totals(self.screens, paper.screen, PlayTotals(one.count.plays, 0, one.count.ms, 0))
            for day, counts in paper.by_day.items():
                for count in counts.values():
                    self._add_totals(self.days, day, PlayTotals(count.plays, 0, count.ms, 0))

    @staticmethod
    def _add_totals(sums: dict[K, PlayTotals], key: K, one: PlayTotals) -> None:
        sums[key] = sums.get(key, PlayTotals()) + one


def _merge_totals(planned: Mapping[K, PlayTotals], shown: Mapping[K, PlayTotals]) -> list[tuple[K, PlayTotals]]:
    keys = sorted(planned.keys() | shown.keys())
    return [(key, planned.get(key, PlayTotals()) + shown.get(key, PlayTotals())) for key in keys]


def _list_items(
    connection: Connection, campaign: Campaign, planned: _PlannedTotals, shown: ProvenTotals, pictures: PictureLookup
) -> Iterator[ReportItem]:
    texts = {
        format_item_ref(campaign.id, item.id): item.text or item.title or item.file or "" for item in campaign.items
    }
    gone = sorted((planned.items.keys() | shown.items.keys()) - texts.keys())
    for name in gone:
        texts[name] = _find_former_text(connection, campaign.id, name)
    for name, text in texts.items():
        both = planned.items.get(name, PlayTotals()) + shown.items.get(name, PlayTotals())
        yield ReportItem(name, text, both, pictures(name))


def _find_former_text(connection: Connection, campaign_id: str, name: str) -> str:
    for version in campaigns.iter_versions(connection, campaign_id):
        for item in version.campaign.items:
            if format_item_ref(campaign_id, item.id) == name:
                return item.text or item.title or item.file or ""
    return ""


def _group_screens(planned: _PlannedTotals, shown: ProvenTotals, names: Mapping[str, str]) -> list[ReportScreenGroup]:
    """Screens put together by what *names* calls them; those that are there no more under a dash."""
    groups: dict[str, ReportScreenGroup] = {}
    for screen, one in _merge_totals(planned.screens, shown.screens):
        name = names.get(screen, "—")
        before = groups.get(name, ReportScreenGroup(name, 0, 0, PlayTotals()))
        heard = before.proven_screen_count + int(screen in shown.screens)
        groups[name] = ReportScreenGroup(name, before.screen_count + 1, heard, before.totals + one)
    return [groups[name] for name in sorted(groups)]


def _list_verdict_totals(shown: ProvenTotals) -> list[VerdictTotals]:
    return [
        VerdictTotals(name, one.plays, from_ms(one.first_ms), from_ms(one.last_ms))
        for name, one in sorted(shown.verdicts.items())
    ]


def _list_missing_plays(connection: Connection, screens: Iterable[str], campaign: Campaign) -> Iterator[MissingPlays]:
    """Gaps that may be of the campaign's time, on screens that it was planned or shown on (they may be gone since)."""
    begin, end = to_ms(campaign.starts_at), to_ms(campaign.ends_at)
    wanted = set(screens)
    for run in table.list_runs(connection):
        if run.screen in wanted:
            for gap, dated in list_gaps_within(connection, run, begin, end):
                near = from_ms(run.last_received_ms)
                yield MissingPlays(run.screen, run.run, gap.first, gap.last, gap.why, near, dated)


def _find_doubled_screens(connection: Connection, screens: Iterable[str], campaign: Campaign) -> Iterator[str]:
    """The screens of which two runs were received side by side: one run ends where the next begins, else there are two
    players with one token."""
    begin, end = to_ms(campaign.starts_at), to_ms(campaign.ends_at)
    wanted = set(screens)
    for screen, runs in groupby(table.list_runs(connection), key=lambda run: run.screen):
        last = 0
        found = False
        for run in runs:
            both_until = min(last, run.last_received_ms)
            found |= max(run.first_received_ms, begin) < min(both_until, end)
            last = max(last, run.last_received_ms)
        if found and screen in wanted:
            yield screen


def _list_actors(connection: Connection, campaign: Campaign) -> list[tuple[str, str]]:
    found: dict[tuple[str, str], None] = {}
    for verb in ("campaign.load", "campaign.save", "campaign.submit", "campaign.approve", "campaign.return"):
        for entry in reversed(audit.list_newest_entries(connection, verb=verb, object=campaign.id, limit=50)):
            found[verb, str(entry.parse()["who"])] = None
    return list(found)


def _list_takeover_events(connection: Connection, campaign: Campaign) -> Iterator[ReportTakeoverEvent]:
    for verb in ("takeover.start", "takeover.stop"):
        begin, end = campaign.starts_at, campaign.ends_at
        for entry in reversed(
            audit.list_newest_entries(connection, verb=verb, limit=MAX_TAKEOVERS, from_=begin, until=end)
        ):
            said = entry.parse()
            yield ReportTakeoverEvent(verb, str(said["object"]), datetime.fromisoformat(str(said["at"])))


def _list_incidents(
    connection: Connection, campaign: Campaign, screens: Iterable[str], now: datetime
) -> Iterator[ReportIncident]:
    """Incidents on those screens, and those that were on no single one."""
    wanted = {None, *screens}
    for one in incidents.list_raised_between(connection, campaign.starts_at, min(now, campaign.ends_at), MAX_INCIDENTS):
        if one.screen in wanted:
            steps = [(taken.step, taken.at) for taken in incidents.list_steps(connection, one.number)]
            yield ReportIncident(one.number, one.kind, one.screen, one.what, one.facts, one.raised_at, steps)
