"""Evidence handed out: the audit bundle. That it was is an entry of the log, the one that seals it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from signage.evidence.archive_files import Proof
from signage.evidence.bundle.export import VERB, Exported, export
from signage.evidence.bundle.scope import Scope, Sources
from signage.faults import refuse
from signage.library.blobs import Blobs
from signage.library.service import FOLDER_NAME
from signage.model import permissions as duties
from signage.model.users import Actor
from signage.services.context import Office
from signage.services.evidence.plays import evidence, published
from signage.store import playlists
from signage.store.campaigns import campaigns
from signage.store.engine import Connection
from signage.store.plays import plays as table
from signage.store.screens import screens

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_END = datetime(9999, 1, 1, tzinfo=UTC)


def export_bundle(
    office: Office,
    actor: Actor,
    folder: Path,
    from_: datetime | None = None,
    until: datetime | None = None,
    unit: str | None = None,
) -> Exported:
    """Write the bundle of a period (half-open) and a unit into *folder*.

    Raises Refused: duty missing, the folder taken, a unit that owns nothing.
    """
    if not duties.may(actor, VERB):
        with office.act(actor, VERB, folder.name):
            pass
    with office.store.read() as connection:
        scope = _scope(connection, from_, until, unit)
        return export(office.store, office.clock, folder, scope, _sources(office, connection), actor.id, actor.via)


def _scope(connection: Connection, from_: datetime | None, until: datetime | None, unit: str | None) -> Scope:
    if unit is None:
        return Scope(from_, until)
    its_screens = {kept.screen.id for kept in screens.every(connection) if kept.screen.unit == unit}
    its_campaigns = set(_campaigns_of(connection, unit))
    if not its_screens and not its_campaigns:
        raise refuse("unit-unknown", "--unit", unit=unit)

    def entry(said: dict[str, Any]) -> bool:
        name = str(said["object"])
        about = {name, name.partition("/")[0]}
        return said["details"].get("unit") == unit or bool(about & its_screens) or bool(about & its_campaigns)

    def play(proof: Proof) -> bool:
        return proof.screen in its_screens or proof.item.partition("/")[0] in its_campaigns

    return Scope(from_, until, unit, entry, play, its_screens.__contains__)


def _campaigns_of(connection: Connection, unit: str) -> Iterator[str]:
    for kept in campaigns.every(connection):
        version = campaigns.version(connection, kept.id, kept.current)
        if version is not None and version.campaign.unit == unit:
            yield kept.id


def _sources(office: Office, connection: Connection) -> Sources:
    def documents(begin: datetime | None, end: datetime | None) -> Iterator[tuple[str, int]]:
        names = {*screens.ids(connection), *(run.screen for run in table.runs_of(connection))}
        for screen in sorted(names):
            for one in playlists.between(connection, screen, begin or _BEGINNING, end or _END):
                yield one.screen, one.serial

    return Sources(
        evidence=evidence(office, connection),
        document=lambda screen, serial: published(connection, screen, serial),
        published=documents,
        picture=pictures(office),
    )


def pictures(office: Office) -> Callable[[str], Path | None]:
    """The file of a rendition by its sha256; None where it is not kept."""
    blobs = Blobs(office.state / FOLDER_NAME)

    def picture(sha256: str) -> Path | None:
        try:
            path = blobs.path(sha256)
        except ValueError:
            return None
        return path if path.exists() else None

    return picture
