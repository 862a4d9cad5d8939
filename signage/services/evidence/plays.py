"""What was played, for those who ask: plays with their verdicts, judged against the documents as published."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from signage.evidence.archive_files import Archive, Proof
from signage.evidence.archive_integrity import Unfit
from signage.evidence.judged_plays import Evidence, Gap, Rejected, gaps_of, proofs, rejected_of, unfit
from signage.faults import refuse
from signage.model.campaign import ref
from signage.protocol.playlist import Playlist, decode
from signage.publish import document
from signage.services.context import Office
from signage.store import playlists
from signage.store.campaigns import campaigns
from signage.store.column_types import to_ms
from signage.store.engine import Connection
from signage.store.plays import plays as table
from signage.store.screens import screens

ARCHIVE = "archive"


@dataclass(frozen=True, slots=True)
class ScreenPlays:
    """The plays of one screen, to be read once, the gaps in its numbers, and the records that were not taken.

    *unfit*: files of the archive that are not those that were sealed; the plays in them are left out.
    """

    screen: str
    zone: ZoneInfo
    plays: Iterator[Proof]
    gaps: list[Gap]
    unfit: list[Unfit]
    rejected: Iterator[Rejected]


def published(connection: Connection, screen: str, serial: int) -> bytes | None:
    """The bytes of the document of that screen and serial, as they were served."""
    found = playlists.get(connection, screen, serial)
    tail = None if found is None else playlists.tail(connection, found.tail)
    if found is None or tail is None:
        return None
    head = document.head(found.screen, found.serial, found.issued_at, ZoneInfo(found.timezone))
    return document.join(head, tail)


def evidence(office: Office, connection: Connection) -> Evidence:
    """What plays are told by, as *connection* sees it."""

    def documents(screen: str, serial: int) -> Playlist | None:
        content = published(connection, screen, serial)
        return None if content is None else decode(content)

    return Evidence(documents, archive(office), _known(connection))


def _known(connection: Connection) -> Callable[[str], bool]:
    """Whether a campaign ever had an item of that name; the program's own items are known."""
    names: dict[str, set[str]] = {}

    def known(item: str) -> bool:
        campaign = item.partition("/")[0]
        if campaign.startswith("_"):
            return True
        if campaign not in names:
            versions = campaigns.history(connection, campaign)
            names[campaign] = {ref(campaign, one.id) for version in versions for one in version.campaign.items}
        return item in names[campaign]

    return known


def archive(office: Office) -> Archive:
    """The sealed days of the office."""
    return Archive(office.state / ARCHIVE)


def zone_of(office: Office, screen: str) -> ZoneInfo:
    """The zone of a screen; the server's where the screen is not known."""
    with office.store.read() as connection:
        kept = screens.get(connection, screen)
    return ZoneInfo(kept.screen.timezone if kept else office.timezone)


@contextmanager
def plays_of(
    office: Office, screen: str, from_: datetime | None = None, until: datetime | None = None
) -> Iterator[ScreenPlays]:
    """The plays of *screen* whose corrected time is in the period (half-open), while the context lasts.

    Raises Refused for a screen that is not known and never played.
    """
    with office.store.read() as connection, office.store.read() as reading:
        kept = screens.get(connection, screen)
        if kept is None and not table.runs_of(connection, screen):
            raise refuse("plays-no-screen", screen, screen=screen)
        zone = ZoneInfo(kept.screen.timezone if kept else office.timezone)
        period = None if from_ is None else to_ms(from_), None if until is None else to_ms(until)
        found = proofs(reading, evidence(office, connection), [screen], *period)
        left_out = unfit(reading, archive(office), screen, *period)
        yield ScreenPlays(
            screen, zone, found, gaps_of(connection, screen), left_out, rejected_of(connection, screen, zone)
        )
