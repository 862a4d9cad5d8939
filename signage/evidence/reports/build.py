"""A campaign's report put together: what was planned, what is proven, who allowed it, what went wrong."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import TypeVar

from signage.clock import Clock
from signage.evidence.audit_log.checkpoints import checkpoint_in, signing_keys
from signage.evidence.judged_plays import Evidence, gaps_within
from signage.evidence.reports.aggregate import Proven, proven
from signage.evidence.reports.report import Found, Group, Missing, Order, Report, Row, Signed, Sum, Trouble
from signage.model.campaign import Campaign, ref
from signage.model.local_time import instant
from signage.model.screen import Screen
from signage.schedule.analysis.simulate import ScreenPaper
from signage.store import audit_log as audit
from signage.store import incidents
from signage.store.campaigns import campaigns
from signage.store.column_types import from_ms, to_ms
from signage.store.engine import Connection, Store
from signage.store.plays import plays as table

MOST_ORDERS, MOST_TROUBLES = 200, 500
K = TypeVar("K", str, date)
Pictures = Callable[[str], Path | None]


def gather(
    store: Store,
    clock: Clock,
    evidence: Evidence,
    campaign: Campaign,
    papers: Iterable[ScreenPaper],
    screens: Mapping[str, Screen],
    pictures: Pictures,
) -> Report:
    """The report as of now. *papers*: the campaign as planned, on each of its screens, up to now."""
    now = clock.now()
    planned = _Planned(papers)
    with store.read() as connection:
        shown = proven(connection, evidence, campaign.id, campaign.zone)
        rows = list(_rows(connection, campaign, planned, shown, pictures))
        orders = list(_orders(connection, campaign))
        troubles = list(_troubles(connection, campaign, planned.screens.keys() | shown.screens.keys(), now))
        missing = list(_gaps(connection, planned.screens.keys() | shown.screens.keys(), campaign))
        doubled = list(_doubled(connection, planned.screens.keys() | shown.screens.keys(), campaign))
        people = _people(connection, campaign)
    due = None if campaign.report_due is None else instant(campaign.report_due, campaign.zone)
    return Report(
        campaign=campaign.id,
        title=campaign.title,
        theme=campaign.theme or "",
        unit=campaign.unit or "",
        zone=campaign.zone,
        from_=campaign.starts_at,
        until=campaign.ends_at,
        through=min(now, campaign.ends_at),
        made_at=now,
        due=due,
        rows=rows,
        days=_both(planned.days, shown.days),
        channels=_groups(planned, shown, {name: screen.kind for name, screen in screens.items()}),
        units=_groups(planned, shown, {name: screen.unit or "" for name, screen in screens.items()}),
        screens=_both(planned.screens, shown.screens),
        found=_found(shown),
        gaps=missing,
        people=people,
        troubles=troubles,
        orders=orders,
        signed=sign(store, clock),
        unfit=shown.unfit,
        doubled=doubled,
    )


def sign(store: Store, clock: Clock) -> Signed:
    """The checkpoint that goes out on paper."""
    with store.write() as connection:
        keys = signing_keys(connection, clock.now())
        made = checkpoint_in(connection, clock.now(), shown=True)
    return Signed(made.origin, made.size, made.root.hex(), tuple(key.id for key in keys))


class _Planned:
    """Papers added up."""

    def __init__(self, papers: Iterable[ScreenPaper]) -> None:
        self.items: dict[str, Sum] = {}
        self.days: dict[date, Sum] = {}
        self.screens: dict[str, Sum] = {}
        for paper in papers:
            self.screens.setdefault(paper.screen, Sum())
            for one in paper.items:
                self._add(self.items, one.item, Sum(one.count.plays, 0, one.count.ms, 0))
                self._add(self.screens, paper.screen, Sum(one.count.plays, 0, one.count.ms, 0))
            for day, counts in paper.by_day.items():
                for count in counts.values():
                    self._add(self.days, day, Sum(count.plays, 0, count.ms, 0))

    @staticmethod
    def _add(sums: dict[K, Sum], key: K, one: Sum) -> None:
        sums[key] = sums.get(key, Sum()) + one


def _both(planned: Mapping[K, Sum], shown: Mapping[K, Sum]) -> list[tuple[K, Sum]]:
    keys = sorted(planned.keys() | shown.keys())
    return [(key, planned.get(key, Sum()) + shown.get(key, Sum())) for key in keys]


def _rows(
    connection: Connection, campaign: Campaign, planned: _Planned, shown: Proven, pictures: Pictures
) -> Iterator[Row]:
    texts = {ref(campaign.id, item.id): item.text or item.title or item.file or "" for item in campaign.items}
    gone = sorted((planned.items.keys() | shown.items.keys()) - texts.keys())
    for name in gone:
        texts[name] = _former_text(connection, campaign.id, name)
    for name, text in texts.items():
        both = planned.items.get(name, Sum()) + shown.items.get(name, Sum())
        yield Row(name, text, both, pictures(name))


def _former_text(connection: Connection, campaign_id: str, name: str) -> str:
    for version in campaigns.history(connection, campaign_id):
        for item in version.campaign.items:
            if ref(campaign_id, item.id) == name:
                return item.text or item.title or item.file or ""
    return ""


def _groups(planned: _Planned, shown: Proven, names: Mapping[str, str]) -> list[Group]:
    """Screens put together by what *names* calls them; those that are there no more under a dash."""
    groups: dict[str, Group] = {}
    for screen, one in _both(planned.screens, shown.screens):
        name = names.get(screen, "—")
        before = groups.get(name, Group(name, 0, 0, Sum()))
        heard = before.heard + int(screen in shown.screens)
        groups[name] = Group(name, before.screens + 1, heard, before.sum + one)
    return [groups[name] for name in sorted(groups)]


def _found(shown: Proven) -> list[Found]:
    return [
        Found(name, one.plays, from_ms(one.first_ms), from_ms(one.last_ms))
        for name, one in sorted(shown.verdicts.items())
    ]


def _gaps(connection: Connection, screens: Iterable[str], campaign: Campaign) -> Iterator[Missing]:
    """Gaps that may be of the campaign's time, on screens that it was planned or shown on (they may be gone since)."""
    begin, end = to_ms(campaign.starts_at), to_ms(campaign.ends_at)
    wanted = set(screens)
    for run in table.runs_of(connection):
        if run.screen in wanted:
            for gap, dated in gaps_within(connection, run, begin, end):
                near = from_ms(run.last_received_ms)
                yield Missing(run.screen, run.run, gap.first, gap.last, gap.why, near, dated)


def _doubled(connection: Connection, screens: Iterable[str], campaign: Campaign) -> Iterator[str]:
    """The screens of which two runs were received side by side: one run ends where the next begins, else there are two
    players with one token."""
    begin, end = to_ms(campaign.starts_at), to_ms(campaign.ends_at)
    wanted = set(screens)
    for screen, runs in groupby(table.runs_of(connection), key=lambda run: run.screen):
        last = 0
        found = False
        for run in runs:
            both_until = min(last, run.last_received_ms)
            found |= max(run.first_received_ms, begin) < min(both_until, end)
            last = max(last, run.last_received_ms)
        if found and screen in wanted:
            yield screen


def _people(connection: Connection, campaign: Campaign) -> list[tuple[str, str]]:
    found: dict[tuple[str, str], None] = {}
    for verb in ("campaign.load", "campaign.save", "campaign.submit", "campaign.approve", "campaign.return"):
        for entry in reversed(audit.newest(connection, verb=verb, object=campaign.id, limit=50)):
            found[verb, str(entry.read()["who"])] = None
    return list(found)


def _orders(connection: Connection, campaign: Campaign) -> Iterator[Order]:
    for verb in ("takeover.start", "takeover.stop"):
        begin, end = campaign.starts_at, campaign.ends_at
        for entry in reversed(audit.newest(connection, verb=verb, limit=MOST_ORDERS, from_=begin, until=end)):
            said = entry.read()
            yield Order(verb, str(said["object"]), datetime.fromisoformat(str(said["at"])))


def _troubles(connection: Connection, campaign: Campaign, screens: Iterable[str], now: datetime) -> Iterator[Trouble]:
    """Incidents on those screens, and those that were on no single one."""
    wanted = {None, *screens}
    for one in incidents.raised(connection, campaign.starts_at, min(now, campaign.ends_at), MOST_TROUBLES):
        if one.screen in wanted:
            steps = [(taken.step, taken.at) for taken in incidents.history(connection, one.number)]
            yield Trouble(one.number, one.kind, one.screen, one.what, one.facts, one.raised_at, steps)
