"""Compiles and caches the playlist bodies of one screen group; decides which screens need a new version."""

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
from signage.schedule.consents import get_rights
from signage.schedule.priority import list_placed_items
from signage.schedule.rotation.rotation_cache import RotationCache
from signage.schedule.snapshot import ScheduleSnapshot
from signage.schedule.takeovers import get_poll_seconds


class ItemSource(Protocol):
    """Lengths and playlist items by item name; the library implements it (``library/item_resolver.py``)."""

    def get_lengths(self, panel: Panel) -> Mapping[str, int | Fault]:
        """Return item name → length in ms on *panel*, or why the item cannot be shown there. Changes nothing."""
        ...

    def get_item(self, name: str, panel: Panel) -> PlaylistItem:
        """Return the playlist item of that name: of a campaign, of a takeover, or the fallback picture."""
        ...

    def request_missing(self) -> None:
        """Order the media of the items whose lengths were looked up and that are not made yet."""
        ...


@dataclass(slots=True)
class CompiledBody:
    """A body with the shared bodies that were encoded from it."""

    body: PlaylistBody
    _shared_bodies: dict[tuple[int, int, int], tuple[str, bytes]] = field(default_factory=dict)

    def get_shared_body(self, issued_at: datetime, poll_seconds: int) -> tuple[str, bytes]:
        """Return digest and bytes of the shared body of a document issued at *issued_at*.

        Documents that begin with the same program and brightness share it.
        """
        brightness_index = sum(1 for at, _ in self.body.brightness if at <= issued_at)
        key = (document.find_program_index(self.body, issued_at), brightness_index, poll_seconds)
        shared_body = self._shared_bodies.get(key)
        if shared_body is None:
            content = document.encode_shared_body(self.body, issued_at, poll_seconds)
            shared_body = self._shared_bodies[key] = (document.hash_shared_body(content), content)
        return shared_body


CompiledBodies = dict[tuple[Hashable, date], CompiledBody]


@dataclass(frozen=True, slots=True)
class PlannerInput:
    """Input of one planning round. *campaign_versions*: campaign id → content hash of the version that shows."""

    snapshot: ScheduleSnapshot
    campaign_versions: Mapping[str, str]
    item_source: ItemSource
    now: datetime


def compute_fingerprint(planner_input: PlannerInput, screen: Screen, lengths: Mapping[str, int | Fault]) -> Hashable:
    """Return everything that decides what the group of *screen* shows: equal fingerprints, equal shared bodies."""
    snapshot = planner_input.snapshot
    rights = get_rights(snapshot, screen)
    mask = rights.permitted
    campaigns: list[Hashable] = []
    bit = 0
    for campaign in snapshot.campaigns:
        placement_bits = (mask >> bit) & ((1 << len(campaign.placements)) - 1)
        bit += len(campaign.placements)
        is_default = campaign.id == screen.default_campaign and rights.shows_default
        if placement_bits or is_default:
            item_lengths = _list_item_lengths(campaign, -1 if is_default else placement_bits, lengths)
            version = planner_input.campaign_versions.get(campaign.id)
            campaigns.append((campaign.id, version, placement_bits, item_lengths))
    takeovers = tuple(
        (takeover, lengths.get(takeover.item_ref or ""))
        for number, takeover in enumerate(snapshot.takeovers)
        if mask >> bit >> number & 1
    )
    poll_seconds = get_poll_seconds(snapshot, screen, planner_input.now)
    facts = (screen.schedule_key, poll_seconds, snapshot.settings, snapshot.unapproved)
    return (facts, tuple(campaigns), takeovers, rights.consents)


def _list_item_lengths(campaign: Campaign, placement_bits: int, lengths: Mapping[str, int | Fault]) -> tuple[int, ...]:
    """Return the lengths of the items in the placements whose bits are set; -1 for one that cannot be shown."""
    indexes = dict.fromkeys(
        index
        for number, placement in enumerate(campaign.placements)
        if placement_bits >> number & 1
        for index in list_placed_items(campaign, placement)
    )
    item_lengths = (lengths.get(format_item_ref(campaign.id, campaign.items[index].id)) for index in indexes)
    return tuple(length if isinstance(length, int) else -1 for length in item_lengths)


class GroupCompiler:
    """Compiles one screen group in one planning round."""

    def __init__(
        self,
        planner_input: PlannerInput,
        screen: Screen,
        panel: Panel,
        rotations: RotationCache,
        fingerprint: Hashable,
        bodies: CompiledBodies,
    ) -> None:
        self._input = planner_input
        self._screen = screen
        self._panel = panel
        self._rotations = rotations
        self._fingerprint = fingerprint
        self._bodies = bodies
        self._equivalence_cache: dict[tuple[str, str], bool] = {}
        self.zone = ZoneInfo(screen.timezone)
        self.poll_seconds = get_poll_seconds(planner_input.snapshot, screen, planner_input.now)

    def get_body(self, first: date) -> CompiledBody:
        """Return the body of documents issued on the local date *first*."""
        compiled = self._bodies.get((self._fingerprint, first))
        if compiled is None:
            body = compile_body(
                self._input.snapshot,
                self._screen,
                self._panel,
                first,
                self._rotations,
                lambda name: self._input.item_source.get_item(name, self._panel),
            )
            compiled = self._bodies[self._fingerprint, first] = CompiledBody(body)
        return compiled

    def get_todays_body(self) -> CompiledBody:
        """Return the body of documents issued now."""
        return self.get_body(self._input.now.astimezone(self.zone).date())

    def is_unchanged(self, version: PlaylistVersion, get_old_body: Callable[[], bytes | None]) -> bool:
        """Whether *version* still shows what is to be shown from now on. *get_old_body* reads its shared body."""
        body = self.get_body(version.issued_at.astimezone(self.zone).date())
        digest, content = body.get_shared_body(version.issued_at, self.poll_seconds)
        if digest == version.body_sha256:
            return True
        key = (version.body_sha256, digest)
        if key not in self._equivalence_cache:
            old_body = get_old_body()
            self._equivalence_cache[key] = old_body is not None and document.is_equivalent_from(
                old_body, content, self._input.now
            )
        return self._equivalence_cache[key]

    def make_next_version(self, before: PlaylistVersion | None, reported_serial: int) -> tuple[PlaylistVersion, bytes]:
        """Return the version to be issued now, and its shared body."""
        now = self._input.now
        issued_at = now.replace(microsecond=0)
        digest, content = self.get_todays_body().get_shared_body(issued_at, self.poll_seconds)
        serial = serials.compute_next_serial(before, reported_serial)
        return PlaylistVersion(serial, issued_at, digest, serials.compute_next_modified_at(before, now)), content

    def get_takeover_ends(self, issued_at: datetime) -> Mapping[str, datetime]:
        """Return takeover id → its last instant in the document issued now, at *issued_at*."""
        return document.get_takeover_ends(self.get_todays_body().body, issued_at)

    def get_next_program_start(self) -> datetime | None:
        """Return when the next program begins."""
        programs = self.get_todays_body().body.programs
        return next((program.until for program in programs if program.until > self._input.now), None)
