"""For one group of alike screens: its bodies by day, and whether a screen of it needs another document."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from signage.faults import Fault
from signage.model.campaign import Campaign, format_item_ref
from signage.model.panel import Panel
from signage.model.screen import Screen
from signage.protocol.playlist import PlaylistItem
from signage.publish import document, serials
from signage.publish.compile import compile_body
from signage.publish.document import PlaylistBody
from signage.publish.serials import PlaylistVersion
from signage.schedule.priority import list_placed_items
from signage.schedule.rotation.rotation_cache import RotationCache
from signage.schedule.snapshot import ScheduleSnapshot
from signage.schedule.takeovers import get_poll_seconds
from signage.schedule.targets import get_target_index


class ItemSource(Protocol):
    """What the library knows of an installation's items."""

    def get_lengths(self, panel: Panel) -> Mapping[str, int | Fault]:
        """Item name → its length in ms on *panel*, or why it does not show there now."""
        ...

    def get_item(self, name: str, panel: Panel) -> PlaylistItem:
        """The document's item of that name (a campaign's, a takeover's own, the still)."""
        ...

    def request_missing(self) -> None:
        """Order the media of the items whose lengths were looked up and that are not made yet."""
        ...


@dataclass(slots=True)
class CompiledBody:
    """A body with the tails that were made of it."""

    body: PlaylistBody
    _shared_bodies: dict[tuple[int, int, int], tuple[str, bytes]] = field(default_factory=dict)

    def get_shared_body(self, issued_at: datetime, poll: int) -> tuple[str, bytes]:
        """Digest and bytes of the tail of a document issued then; documents of one program and brightness share it."""
        bright = sum(1 for at, _ in self.body.brightness if at <= issued_at)
        key = (document.find_program_index(self.body, issued_at), bright, poll)
        found = self._shared_bodies.get(key)
        if found is None:
            content = document.encode_shared_body(self.body, issued_at, poll)
            found = self._shared_bodies[key] = (document.hash_shared_body(content), content)
        return found


CompiledBodies = dict[tuple[Hashable, date], CompiledBody]


@dataclass(frozen=True, slots=True)
class PlannerInput:
    """What a round stands on. *versions*: campaign id → the name of the version that shows."""

    snapshot: ScheduleSnapshot
    campaign_versions: Mapping[str, str]
    item_source: ItemSource
    now: datetime


def compute_fingerprint(ground: PlannerInput, screen: Screen, lengths: Mapping[str, int | Fault]) -> Hashable:
    """All that decides what *screen*'s group shows: equal stamps, equal documents but for the head."""
    installation = ground.snapshot
    mask = get_target_index(installation).get_mask(screen)
    campaigns: list[Hashable] = []
    bit = 0
    for campaign in installation.campaigns:
        own = (mask >> bit) & ((1 << len(campaign.placements)) - 1)
        bit += len(campaign.placements)
        is_default = campaign.id == screen.default_campaign
        if own or is_default:
            known = _list_item_lengths(campaign, -1 if is_default else own, lengths)
            campaigns.append((campaign.id, ground.campaign_versions.get(campaign.id), own, known))
    takeovers = tuple(
        (t, lengths.get(t.item) if t.item else None)
        for number, t in enumerate(installation.takeovers)
        if mask >> bit >> number & 1
    )
    poll = get_poll_seconds(installation, screen, ground.now)
    return (screen.schedule_key, tuple(campaigns), takeovers, poll, installation.settings, installation.unapproved)


def _list_item_lengths(campaign: Campaign, own: int, lengths: Mapping[str, int | Fault]) -> tuple[int, ...]:
    """The lengths of the items in the placements whose bits are set in *own*; asking for one may order its media."""
    placed = (
        index
        for number, placement in enumerate(campaign.placements)
        if own >> number & 1
        for index in list_placed_items(campaign, placement)
    )
    found = (lengths.get(format_item_ref(campaign.id, campaign.items[index].id)) for index in dict.fromkeys(placed))
    return tuple(length if isinstance(length, int) else -1 for length in found)


class GroupCompiler:
    """One group in one round."""

    def __init__(
        self,
        ground: PlannerInput,
        screen: Screen,
        panel: Panel,
        loops: RotationCache,
        key: Hashable,
        bodies: CompiledBodies,
    ) -> None:
        self._input = ground
        self._screen = screen
        self._panel = panel
        self._loops = loops
        self._fingerprint = key
        self._bodies = bodies
        self._equivalence_cache: dict[tuple[str, str], bool] = {}
        self.zone = ZoneInfo(screen.timezone)
        self.poll_seconds = get_poll_seconds(ground.snapshot, screen, ground.now)

    def get_body(self, first: date) -> CompiledBody:
        """The body of documents issued on that local date."""
        found = self._bodies.get((self._fingerprint, first))
        if found is None:
            body = compile_body(
                self._input.snapshot,
                self._screen,
                self._panel,
                first,
                self._loops,
                lambda name: self._input.item_source.get_item(name, self._panel),
            )
            found = self._bodies[self._fingerprint, first] = CompiledBody(body)
        return found

    def get_todays_body(self) -> CompiledBody:
        """The body of documents issued now."""
        return self.get_body(self._input.now.astimezone(self.zone).date())

    def is_unchanged(self, issue: PlaylistVersion, old_tail: Callable[[], bytes | None]) -> bool:
        """Whether *issue* still says what is to be shown from now on. *old_tail* fetches its tail, where needed."""
        now = self._input.now
        digest, content = self.get_body(issue.issued_at.astimezone(self.zone).date()).get_shared_body(
            issue.issued_at, self.poll_seconds
        )
        if digest == issue.body_sha256:
            return True
        key = (issue.body_sha256, digest)
        if key not in self._equivalence_cache:
            old = old_tail()
            self._equivalence_cache[key] = old is not None and document.is_equivalent_from(old, content, now)
        return self._equivalence_cache[key]

    def make_next_version(self, before: PlaylistVersion | None, reported: int) -> tuple[PlaylistVersion, bytes]:
        """The document to be issued now, and its tail."""
        now = self._input.now
        issued_at = now.replace(microsecond=0)
        digest, content = self.get_todays_body().get_shared_body(issued_at, self.poll_seconds)
        serial = serials.compute_next_serial(before, reported)
        return PlaylistVersion(serial, issued_at, digest, serials.compute_next_modified_at(before, now)), content

    def get_takeover_ends(self, issued_at: datetime) -> Mapping[str, datetime]:
        """Return takeover id → its last instant in the document issued now, at *issued_at*."""
        return document.get_takeover_ends(self.get_todays_body().body, issued_at)

    def get_next_program_start(self) -> datetime | None:
        """When the next program begins."""
        return next((one.until for one in self.get_todays_body().body.programs if one.until > self._input.now), None)
