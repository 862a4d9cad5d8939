"""What was played, for those who ask: plays with their verdicts, judged against the documents as published."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from signage.evidence.archive_files import Archive, JudgedPlay
from signage.evidence.archive_integrity import ArchiveDamage
from signage.evidence.judged_plays import (
    EvidenceContext,
    PlayGap,
    RejectedRecordView,
    find_archive_damage,
    list_gaps,
    list_rejected_records,
    read_judged_plays,
)
from signage.faults import refuse
from signage.model.campaign import format_item_ref
from signage.protocol.epoch import to_ms
from signage.protocol.playlist import Playlist, decode_playlist
from signage.publish import document
from signage.services.context import AppContext
from signage.store import playlists
from signage.store.campaigns import campaigns
from signage.store.engine import Connection
from signage.store.plays import plays as table
from signage.store.screens import screens

ARCHIVE_FOLDER = "archive"


@dataclass(frozen=True, slots=True)
class ScreenPlays:
    """The plays of one screen, to be read once, the gaps in its numbers, and the records that were not taken.

    *unfit*: files of the archive that are not those that were sealed; the plays in them are left out.
    """

    screen: str
    zone: ZoneInfo
    plays: Iterator[JudgedPlay]
    gaps: list[PlayGap]
    damaged_files: list[ArchiveDamage]
    rejected: Iterator[RejectedRecordView]


def find_published_document(connection: Connection, screen: str, serial: int) -> bytes | None:
    """The bytes of the document of that screen and serial, as they were served."""
    found = playlists.get_playlist(connection, screen, serial)
    tail = None if found is None else playlists.get_shared_body(connection, found.body_sha256)
    if found is None or tail is None:
        return None
    head = document.encode_header(found.screen, found.serial, found.issued_at, ZoneInfo(found.timezone))
    return document.join(head, tail)


def build_evidence(office: AppContext, connection: Connection) -> EvidenceContext:
    """What plays are told by, as *connection* sees it."""

    def documents(screen: str, serial: int) -> Playlist | None:
        content = find_published_document(connection, screen, serial)
        return None if content is None else decode_playlist(content)

    return EvidenceContext(documents, get_archive(office), _create_item_lookup(connection))


def _create_item_lookup(connection: Connection) -> Callable[[str], bool]:
    """Whether a campaign ever had an item of that name; the program's own items are known."""
    names: dict[str, set[str]] = {}

    def known(item: str) -> bool:
        campaign = item.partition("/")[0]
        if campaign.startswith("_"):
            return True
        if campaign not in names:
            versions = campaigns.iter_versions(connection, campaign)
            names[campaign] = {
                format_item_ref(campaign, one.id) for version in versions for one in version.campaign.items
            }
        return item in names[campaign]

    return known


def get_archive(office: AppContext) -> Archive:
    """The sealed days of the office."""
    return Archive(office.state / ARCHIVE_FOLDER)


def get_screen_zone(office: AppContext, screen: str) -> ZoneInfo:
    """The zone of a screen; the server's where the screen is not known."""
    with office.store.read() as connection:
        kept = screens.get_screen(connection, screen)
    return ZoneInfo(kept.screen.timezone if kept else office.timezone)


@contextmanager
def open_screen_plays(
    office: AppContext, screen: str, from_: datetime | None = None, until: datetime | None = None
) -> Iterator[ScreenPlays]:
    """The plays of *screen* whose corrected time is in the period (half-open), while the context lasts.

    Raises Refused for a screen that is not known and never played.
    """
    with office.store.read() as connection, office.store.read() as reading:
        kept = screens.get_screen(connection, screen)
        if kept is None and not table.list_runs(connection, screen):
            raise refuse("plays-no-screen", screen, screen=screen)
        zone = ZoneInfo(kept.screen.timezone if kept else office.timezone)
        period = None if from_ is None else to_ms(from_), None if until is None else to_ms(until)
        found = read_judged_plays(reading, build_evidence(office, connection), [screen], *period)
        left_out = find_archive_damage(reading, get_archive(office), screen, *period)
        yield ScreenPlays(
            screen,
            zone,
            found,
            list_gaps(connection, screen),
            left_out,
            list_rejected_records(connection, screen, zone),
        )
