"""For one group of alike screens: its bodies by day, and whether a screen of it needs another document."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from signage.faults import Fault
from signage.model.campaign import Campaign, ref
from signage.model.panel import Panel
from signage.model.screen import Screen
from signage.protocol.playlist import Item
from signage.publish import document, serials
from signage.publish.compile import compile_body
from signage.publish.document import Body
from signage.publish.serials import Issue
from signage.schedule.priority import placed_items
from signage.schedule.programs import Loops
from signage.schedule.resolve import poll_seconds, target_index
from signage.schedule.snapshot import Installation


class Contents(Protocol):
    """What the library knows of an installation's items."""

    def lengths(self, panel: Panel) -> Mapping[str, int | Fault]:
        """Item name → its length in ms on *panel*, or why it does not show there now."""
        ...

    def item(self, name: str, panel: Panel) -> Item:
        """The document's item of that name (a campaign's, a takeover's own, the still)."""
        ...


@dataclass(slots=True)
class Compiled:
    """A body with the tails that were made of it."""

    body: Body
    _tails: dict[tuple[int, int, int], tuple[str, bytes]] = field(default_factory=dict)

    def tail(self, issued_at: datetime, poll: int) -> tuple[str, bytes]:
        """Digest and bytes of the tail of a document issued then; documents of one program and brightness share it."""
        bright = sum(1 for at, _ in self.body.brightness if at <= issued_at)
        key = (document.first_planned(self.body, issued_at), bright, poll)
        found = self._tails.get(key)
        if found is None:
            content = document.tail(self.body, issued_at, poll)
            found = self._tails[key] = (document.digest(content), content)
        return found


Bodies = dict[tuple[Hashable, date], Compiled]


@dataclass(frozen=True, slots=True)
class Ground:
    """What a round stands on. *versions*: campaign id → the name of the version that shows."""

    installation: Installation
    versions: Mapping[str, str]
    contents: Contents
    now: datetime


def stamp(ground: Ground, screen: Screen, lengths: Mapping[str, int | Fault]) -> Hashable:
    """All that decides what *screen*'s group shows: equal stamps, equal documents but for the head."""
    installation = ground.installation
    mask = target_index(installation).mask(screen)
    campaigns: list[Hashable] = []
    bit = 0
    for campaign in installation.campaigns:
        own = (mask >> bit) & ((1 << len(campaign.placements)) - 1)
        bit += len(campaign.placements)
        is_default = campaign.id == screen.default_campaign
        if own or is_default:
            known = _known(campaign, -1 if is_default else own, lengths)
            campaigns.append((campaign.id, ground.versions.get(campaign.id), own, known))
    takeovers = tuple(
        (t, lengths.get(t.item) if t.item else None)
        for number, t in enumerate(installation.takeovers)
        if mask >> bit >> number & 1
    )
    facts = (screen.panel, screen.timezone, screen.hours, screen.brightness, screen.position, screen.default_campaign)
    poll = poll_seconds(installation, screen, ground.now)
    return (facts, tuple(campaigns), takeovers, poll, installation.settings, installation.unapproved)


def _known(campaign: Campaign, own: int, lengths: Mapping[str, int | Fault]) -> tuple[int, ...]:
    """The lengths of the items in the placements whose bits are set in *own*; asking for one may order its media."""
    placed = (
        index
        for number, placement in enumerate(campaign.placements)
        if own >> number & 1
        for index in placed_items(campaign, placement)
    )
    found = (lengths.get(ref(campaign.id, campaign.items[index].id)) for index in dict.fromkeys(placed))
    return tuple(length if isinstance(length, int) else -1 for length in found)


class GroupWork:
    """One group in one round."""

    def __init__(
        self, ground: Ground, screen: Screen, panel: Panel, loops: Loops, key: Hashable, bodies: Bodies
    ) -> None:
        self._ground = ground
        self._screen = screen
        self._panel = panel
        self._loops = loops
        self._key = key
        self._bodies = bodies
        self._same: dict[tuple[str, str], bool] = {}
        self.zone = ZoneInfo(screen.timezone)
        self.poll = poll_seconds(ground.installation, screen, ground.now)

    def compiled(self, first: date) -> Compiled:
        """The body of documents issued on that local date."""
        found = self._bodies.get((self._key, first))
        if found is None:
            body = compile_body(
                self._ground.installation,
                self._screen,
                self._panel,
                first,
                self._loops,
                lambda name: self._ground.contents.item(name, self._panel),
            )
            found = self._bodies[self._key, first] = Compiled(body)
        return found

    def today(self) -> Compiled:
        """The body of documents issued now."""
        return self.compiled(self._ground.now.astimezone(self.zone).date())

    def unchanged(self, issue: Issue, old_tail: Callable[[], bytes | None]) -> bool:
        """Whether *issue* still says what is to be shown from now on. *old_tail* fetches its tail, where needed."""
        now = self._ground.now
        digest, content = self.compiled(issue.issued_at.astimezone(self.zone).date()).tail(issue.issued_at, self.poll)
        if digest == issue.tail:
            return True
        key = (issue.tail, digest)
        if key not in self._same:
            old = old_tail()
            self._same[key] = old is not None and document.says_the_same(old, content, now)
        return self._same[key]

    def issue(self, before: Issue | None, reported: int) -> tuple[Issue, bytes]:
        """The document to be issued now, and its tail."""
        now = self._ground.now
        issued_at = now.replace(microsecond=0)
        digest, content = self.today().tail(issued_at, self.poll)
        serial = serials.next_serial(before, reported)
        return Issue(serial, issued_at, digest, serials.next_modified(before, now)), content

    def next_edge(self) -> datetime | None:
        """When the next program begins."""
        return next((one.until for one in self.today().body.planned if one.until > self._ground.now), None)
