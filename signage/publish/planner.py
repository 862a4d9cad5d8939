"""The publishing desk: looks at everything that decides what shows, and issues the documents that must change.

A round is a function of what is stored and of the instant. Its work grows with the groups of alike screens that an
edit touches; a group of which nothing changed costs one comparison.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from signage.model.panel import Panel
from signage.publish import serials
from signage.publish.group_compiler import Bodies, Ground, GroupWork, stamp
from signage.publish.screen_groups import Fleet, Group
from signage.publish.serials import Issue
from signage.schedule.programs import Loops
from signage.schedule.rotation.loop import rotate
from signage.schedule.snapshot import Installation

_AT_LATEST = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Change:
    """A document to be published. *first*: the screen had none before."""

    screen: str
    timezone: str
    issue: Issue
    first: bool


@dataclass(slots=True)
class Round:
    """What a round found: the documents to publish, their tails by digest, and when to look again at the latest."""

    changes: list[Change]
    tails: dict[str, bytes]
    next_at: datetime


class Desk:
    """The rounds, with what they remember from one to the next.

    *tail_of* gives the bytes of a tail that was published before.
    """

    def __init__(self, panels: Mapping[str, Panel], tail_of: Callable[[str], bytes | None]) -> None:
        self._panels = panels
        self._tail_of = tail_of
        self.issues: dict[str, Issue] = {}
        self.reported: dict[str, int] = {}
        self._stamps: dict[Hashable, Hashable] = {}
        self._seen: dict[str, Hashable] = {}
        self._due: dict[str, datetime] = {}
        self._bodies: Bodies = {}
        self._last: datetime | None = None

    def round(self, ground: Ground, fleet: Fleet) -> Round:
        """All documents that must change at the instant of *ground*."""
        now = ground.now
        back = self._last is not None and now < self._last
        self._last = now
        result = Round([], {}, now + _AT_LATEST)
        by_panel = _ByPanel(ground)
        stamps: dict[Hashable, Hashable] = {}
        for group in fleet.groups(ground.installation):
            panel = self._panels.get(group.screen.panel)
            if panel is None:
                continue
            loops = by_panel.loops(panel)
            key = stamp(ground, group.screen, loops.lengths)
            key = stamps.setdefault(key, self._stamps.get(key, key))
            work = GroupWork(ground, group.screen, panel, loops, key, self._bodies)
            self._consider(group, work, key, result, back)
            edge = work.next_edge()
            result.next_at = min(result.next_at, edge or result.next_at)
        self._stamps = stamps
        self._forget(stamps, now)
        edges = _edges(ground.installation, now)
        result.next_at = min([result.next_at, *edges, *(due for due in self._due.values() if due > now)])
        return result

    def accept(self, changes: list[Change]) -> None:
        """The changes of a round are published."""
        for change in changes:
            self.issues[change.screen] = change.issue

    def _consider(self, group: Group, work: GroupWork, key: Hashable, result: Round, back: bool) -> None:
        for screen in group.members:
            if back or self._seen.get(screen) is not key or self._asks(screen):
                self._decide(screen, work, result)
                self._seen[screen] = key

    def _asks(self, screen: str) -> bool:
        """Whether a screen of a group that did not change needs a look: its daily issue, or a serial it told of."""
        due, issue = self._due.get(screen), self.issues.get(screen)
        assert self._last is not None
        return due is None or due <= self._last or issue is None or self.reported.get(screen, 0) > issue.serial

    def _decide(self, screen: str, work: GroupWork, result: Round) -> None:
        now = self._last
        assert now is not None
        issue = self.issues.get(screen)
        reported = self.reported.get(screen, 0)
        self._due[screen] = serials.next_issue_due(screen, now, work.zone)
        if (
            issue is not None
            and reported <= issue.serial
            and not serials.needs_issue(issue, screen, now, work.zone)
            and work.unchanged(issue, lambda: self._tail_of(issue.tail))
        ):
            return
        fresh, content = work.issue(issue, reported)
        result.changes.append(Change(screen, work.zone.key, fresh, issue is None))
        result.tails.setdefault(fresh.tail, content)

    def _forget(self, stamps: Mapping[Hashable, Hashable], now: datetime) -> None:
        """Drop bodies of groups that are no more, and of days that no document is of."""
        for key, first in list(self._bodies):
            if key not in stamps or abs((first - now.date()).days) > 2:
                del self._bodies[key, first]


class _ByPanel:
    """Lengths and loops, worked out once a panel."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._known: dict[str, Loops] = {}

    def loops(self, panel: Panel) -> Loops:
        found = self._known.get(panel.id)
        if found is None:
            lengths = self._ground.contents.lengths(panel)
            found = self._known[panel.id] = Loops(rotate, self._ground.installation.settings.max_loop_ms, lengths)
        return found


def _edges(installation: Installation, now: datetime) -> list[datetime]:
    """Instants to come at which a takeover or a key period begins or ends."""
    spans = [(t.from_, t.ends_at) for t in installation.takeovers]
    spans += [(p.from_, p.until) for p in installation.settings.key_periods]
    return [edge for span in spans for edge in span if edge > now]
