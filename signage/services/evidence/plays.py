"""Reads plays with verdicts, judged against the playlists as published."""

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
from signage.store.plays.plays import list_runs
from signage.store.screens import screens

ARCHIVE_FOLDER = "archive"


@dataclass(frozen=True, slots=True)
class ScreenPlays:
    """The plays of one screen (an iterator, to be read once), the gaps in its numbers, and its rejected records.

    *damaged_files*: missing or altered archive files; their plays are left out.
    """

    screen: str
    zone: ZoneInfo
    plays: Iterator[JudgedPlay]
    gaps: list[PlayGap]
    damaged_files: list[ArchiveDamage]
    rejected: Iterator[RejectedRecordView]


def find_published_document(connection: Connection, screen: str, serial: int) -> bytes | None:
    """Return the bytes of the playlist of that screen and serial as served; None where there is none."""
    row = playlists.get_playlist(connection, screen, serial)
    body = None if row is None else playlists.get_shared_body(connection, row.body_sha256)
    if row is None or body is None:
        return None
    header = document.encode_header(row.screen, row.serial, row.issued_at, ZoneInfo(row.timezone))
    return document.join(header, body)


def build_evidence(app: AppContext, connection: Connection) -> EvidenceContext:
    """Return what plays are judged by, read through *connection*."""

    def find_playlist(screen: str, serial: int) -> Playlist | None:
        content = find_published_document(connection, screen, serial)
        return None if content is None else decode_playlist(content)

    return EvidenceContext(find_playlist, get_archive(app), _create_item_lookup(connection))


def _create_item_lookup(connection: Connection) -> Callable[[str], bool]:
    """Return a function: did any version of a campaign have an item of that name? Built-in items count as known."""
    names: dict[str, set[str]] = {}

    def is_known_item(name: str) -> bool:
        campaign_id = name.partition("/")[0]
        if campaign_id.startswith("_"):
            return True
        if campaign_id not in names:
            versions = campaigns.iter_versions(connection, campaign_id)
            names[campaign_id] = {
                format_item_ref(campaign_id, item.id) for version in versions for item in version.campaign.items
            }
        return name in names[campaign_id]

    return is_known_item


def get_archive(app: AppContext) -> Archive:
    """Return the archive of sealed days."""
    return Archive(app.state / ARCHIVE_FOLDER)


def get_screen_zone(app: AppContext, screen: str) -> ZoneInfo:
    """Return the time zone of a screen; that of the server for an unknown screen."""
    with app.store.read() as connection:
        row = screens.get_screen(connection, screen)
    return ZoneInfo(row.screen.timezone if row else app.timezone)


@contextmanager
def open_screen_plays(
    app: AppContext, screen: str, from_: datetime | None = None, until: datetime | None = None
) -> Iterator[ScreenPlays]:
    """Open the plays of *screen* with corrected times in the half-open period, while the context lasts.

    Raises Refused for an unknown screen without plays.
    """
    with app.store.read() as connection, app.store.read() as play_connection:
        row = screens.get_screen(connection, screen)
        if row is None and not list_runs(connection, screen):
            raise refuse("plays-no-screen", screen, screen=screen)
        zone = ZoneInfo(row.screen.timezone if row else app.timezone)
        period = None if from_ is None else to_ms(from_), None if until is None else to_ms(until)
        yield ScreenPlays(
            screen,
            zone,
            plays=read_judged_plays(play_connection, build_evidence(app, connection), [screen], *period),
            gaps=list_gaps(connection, screen),
            damaged_files=find_archive_damage(play_connection, get_archive(app), screen, *period),
            rejected=list_rejected_records(connection, screen, zone),
        )
