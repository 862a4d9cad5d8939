"""Explanations: the item that a screen shows at an instant, its position in the loop, and the trace of every rule.

Works for any date: the programs of the local day are planned as for a playlist.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

from signage import messages
from signage.faults import Fault
from signage.model.screen import Screen
from signage.model.takeover import Takeover
from signage.schedule.analysis.rule_trace import CampaignTrace, TraceStep
from signage.schedule.live_content import BUILTIN_STILL, LivePlacement
from signage.schedule.operating_hours import list_lit_intervals
from signage.schedule.priority import CampaignCandidate, LengthByItem, select_top_tier
from signage.schedule.programs import PlannedProgram, plan_programs
from signage.schedule.rotation.rotation_cache import RotationCache
from signage.schedule.snapshot import ScheduleSnapshot
from signage.schedule.takeovers import list_running_takeovers
from signage.schedule.timezones import list_local_days

_NEARBY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Explanation:
    """An explanation. *item* None: the screen is dark. *entry* (from 0) and *position_ms* locate the item in the
    loop."""

    screen: str
    at: datetime
    item: str | None
    program: PlannedProgram
    entry: int | None
    position_ms: int | None
    trace: tuple[TraceStep, ...]


def explain(
    snapshot: ScheduleSnapshot, screen: Screen, lengths: LengthByItem, at: datetime, rotations: RotationCache
) -> Explanation:
    """Explain what *screen* shows at the instant *at* (aware)."""
    (_, day_end), *_ = list_local_days(ZoneInfo(screen.timezone), at, at + timedelta(microseconds=1))
    program = plan_programs(snapshot, screen, lengths, at, day_end, rotations)[0]
    item = entry = position = None
    if program.rotation is not None:
        position = program.get_position_ms(at)
        ends = accumulate(rotations.get_length_ms(name) for name in program.rotation.entries)
        entry = next(number for number, end in enumerate(ends) if position < end)
        item = program.rotation.entries[entry]
    screen_trace = _ScreenTrace(snapshot, screen, lengths, at)
    trace = (*screen_trace.iter_steps(), *_trace_loop(program, rotations, entry, position))
    return Explanation(screen.id, at, item, program, entry, position, trace)


def render_trace_step(step: TraceStep, language: messages.Language, zone: ZoneInfo) -> str:
    """Render the reason of *step* in *language*, with times in *zone*."""
    facts = dict(step.facts)
    for name, fact in step.facts.items():
        if isinstance(fact, datetime):
            facts[name] = f"{fact.astimezone(zone):%Y-%m-%d %H:%M:%S}"
        elif isinstance(fact, Fault):
            facts[name] = messages.render_fault(fact, language)
    return messages.render_message(f"explain-{step.code}", language, facts)


class _ScreenTrace:
    """Traces rule 1 step by step at one instant."""

    def __init__(self, snapshot: ScheduleSnapshot, screen: Screen, lengths: LengthByItem, at: datetime) -> None:
        self._snapshot = snapshot
        self._screen = screen
        self._lengths = lengths
        self._at = at

    def iter_steps(self) -> Iterator[TraceStep]:
        """Yield every step from the takeovers to the still."""
        winner = yield from self._trace_takeovers()
        dark = yield from self._trace_hours(winner)
        tier = yield from self._trace_campaigns()
        covered: TraceStep | None = None
        if winner is not None:
            covered = TraceStep("takeover", "", False, "covered", {"by": winner.id})
        elif dark:
            covered = TraceStep("hours", "", False, "covered-by-hours")
        if covered is not None:
            for candidate in tier:
                yield TraceStep(covered.rule, candidate.campaign, False, covered.code, covered.facts)
            return
        yield from self._trace_default(tier)

    def _trace_takeovers(self) -> Generator[TraceStep, None, Takeover | None]:
        running = list_running_takeovers(self._snapshot, self._screen, self._at)
        winner: Takeover | None = running[-1] if running else None
        for takeover in self._snapshot.takeovers:
            facts: dict[str, object] = {"from": takeover.from_, "until": takeover.ends_at, "who": takeover.who}
            facts["cause"] = takeover.why
            if takeover is winner:
                yield TraceStep("takeover", takeover.id, True, "takeover-wins", facts)
            elif takeover in running and winner is not None:
                yield TraceStep("takeover", takeover.id, False, "takeover-older", facts | {"by": winner.id})
            elif takeover.from_ <= self._at < takeover.ends_at:
                yield TraceStep("takeover", takeover.id, False, "takeover-elsewhere", facts)
            elif takeover.from_ - _NEARBY <= self._at < takeover.ends_at + _NEARBY:
                yield TraceStep("takeover", takeover.id, False, "takeover-not-now", facts)
        return winner

    def _trace_hours(self, winner: Takeover | None) -> Generator[TraceStep, None, bool]:
        if not self._screen.hours:
            return False
        is_lit = bool(list_lit_intervals(self._screen, self._at, self._at + timedelta(microseconds=1)))
        if winner is not None and not is_lit:
            yield TraceStep("hours", self._screen.id, True, "hours-but-takeover")
        else:
            yield TraceStep("hours", self._screen.id, is_lit, "hours-lit" if is_lit else "hours-dark")
        return not is_lit

    def _trace_campaigns(self) -> Generator[TraceStep, None, tuple[CampaignCandidate, ...]]:
        traces = [
            CampaignTrace(self._snapshot, campaign, self._screen, self._lengths, self._at)
            for campaign in self._snapshot.campaigns
        ]
        approved = {campaign.id for campaign in self._snapshot.campaigns}
        for unapproved in sorted(n for n in self._snapshot.unapproved if "/" not in n and n not in approved):
            yield TraceStep("approved", unapproved, False, "not-approved")
        for trace in traces:
            yield from trace.steps
        tier = select_top_tier(trace.candidate for trace in traces if trace.candidate is not None)
        for trace in traces:
            yield from self._trace_priority(trace, tier)
        return tier

    def _trace_priority(self, trace: CampaignTrace, tier: tuple[CampaignCandidate, ...]) -> Iterator[TraceStep]:
        campaign = trace.campaign
        facts: dict[str, object] = {"priority": trace.candidate.priority if trace.candidate else campaign.priority}
        if any(trace.candidate is shown for shown in tier):
            yield TraceStep("priority", campaign.id, True, "tier-top" if len(tier) == 1 else "tier-shared", facts)
        elif trace.candidate is not None:
            higher = {"by": ", ".join(t.campaign for t in tier), "higher": tier[0].priority}
            yield TraceStep("priority", campaign.id, False, "tier-lower", facts | higher)
        elif trace.steps and trace.steps[0].kept:
            yield TraceStep("priority", campaign.id, False, "nothing-to-show")

    def _trace_default(self, tier: tuple[CampaignCandidate, ...]) -> Iterator[TraceStep]:
        name = self._screen.default_campaign
        default = self._snapshot.find_campaign(name) if name else None
        if name and tier:
            yield TraceStep("default", name, False, "default-not-needed")
        elif name and default is None:
            yield TraceStep("default", name, False, "default-unknown")
        elif default is not None:
            yield TraceStep("default", default.id, True, "default-asked")
            trace = CampaignTrace(self._snapshot, default, self._screen, self._lengths, self._at, is_default=True)
            yield from trace.steps
            if trace.candidate is not None:
                yield TraceStep("default", default.id, True, "default-shows")
                tier = (trace.candidate,)
            else:
                yield TraceStep("default", default.id, False, "default-empty")
        if tier:
            yield TraceStep("still", BUILTIN_STILL, False, "still-not-needed")
        else:
            yield TraceStep("still", BUILTIN_STILL, True, "still-shows")


def _trace_loop(
    program: PlannedProgram, rotations: RotationCache, entry: int | None, position: int | None
) -> Iterator[TraceStep]:
    """Yield the steps of rules 2 to 5: shares, the order inside each placement, limits, and the current turn."""
    rotation, live = program.rotation, program.live
    if rotation is None or entry is None or position is None:
        return  # the screen is dark: no item has a turn
    total = sum(placement.share for placement in live.placements)
    for placement in live.placements:
        name = f"{placement.campaign}#{placement.number}"
        percent = f"{100 * placement.share / total:.4g}"
        facts = {"share": placement.share, "total": total, "percent": percent}
        yield TraceStep("share", name, True, "share-alone" if len(live.placements) == 1 else "share-of", facts)
        weights = ", ".join(f"{item.name} {item.weight}" for item in placement.items)
        yield TraceStep(
            "order", name, True, _get_order_code(placement), {"weights": weights, "item": placement.items[0].name}
        )
    for note in rotation.notes:
        yield TraceStep("limits", program.why, True, f"note-{note.code}", dict(note.facts))
    yield from _trace_turns(program, rotations, entry, position)


def _get_order_code(placement: LivePlacement) -> str:
    if len(placement.items) == 1:
        return "order-single"
    return "order-listed" if placement.listed else "order-fair"


def _trace_turns(program: PlannedProgram, rotations: RotationCache, entry: int, position: int) -> Iterator[TraceStep]:
    rotation = program.rotation
    assert rotation is not None
    ends = list(accumulate(rotations.get_length_ms(name) for name in rotation.entries))
    upcoming: dict[str, int] = {}
    for ahead in range(1, len(ends)):
        number = (entry + ahead) % len(ends)
        wait = (ends[number - 1] if number else 0) - position
        upcoming.setdefault(rotation.entries[number], wait % rotation.loop_ms)
    now = rotation.entries[entry]
    facts = {"entry": entry + 1, "entries": len(ends), "loop_s": f"{rotation.loop_ms / 1000:g}"}
    yield TraceStep("turn", now, True, "turn-now", facts | {"seconds": f"{(ends[entry] - position) / 1000:g}"})
    for name, wait in sorted(upcoming.items(), key=lambda pair: pair[1]):
        if name != now:
            yield TraceStep("turn", name, False, "turn-later", {"seconds": f"{wait / 1000:g}"})
    played = set(rotation.entries)
    for name in dict.fromkeys(item.name for p in program.live.placements for item in p.items):
        if name not in played:
            yield TraceStep("turn", name, False, "turn-never")
