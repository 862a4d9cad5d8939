"""Evidence handed out: the audit bundle. That it was is an entry of the log, the one that seals it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from signage.evidence.archive_files import JudgedPlay
from signage.evidence.bundle.export import EXPORT_VERB, ExportedBundle, write_bundle
from signage.evidence.bundle.scope import BundleScope, BundleSources
from signage.faults import refuse
from signage.library.blobs import BlobStore
from signage.library.service import FOLDER_NAME
from signage.model.users import Actor
from signage.services.context import AppContext
from signage.services.evidence.plays import build_evidence, find_published_document
from signage.store import playlists
from signage.store.campaigns import campaigns
from signage.store.engine import Connection
from signage.store.plays import plays as table
from signage.store.screens import screens

_MIN_TIME = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_TIME = datetime(9999, 1, 1, tzinfo=UTC)


def export_bundle(
    office: AppContext,
    actor: Actor,
    folder: Path,
    from_: datetime | None = None,
    until: datetime | None = None,
    unit: str | None = None,
) -> ExportedBundle:
    """Write the bundle of a period (half-open) and a unit into *folder*.

    Raises Refused: duty missing, the folder taken, a unit that owns nothing.
    """
    office.check_permission(actor, EXPORT_VERB, folder.name)
    with office.store.read() as connection:
        scope = _build_scope(connection, from_, until, unit)
        return write_bundle(
            office.store, office.clock, folder, scope, _build_sources(office, connection), actor.id, actor.channel
        )


def _build_scope(
    connection: Connection, from_: datetime | None, until: datetime | None, unit: str | None
) -> BundleScope:
    if unit is None:
        return BundleScope(from_, until)
    its_screens = {kept.screen.id for kept in screens.iter_screens(connection) if kept.screen.unit == unit}
    its_campaigns = set(_list_unit_campaigns(connection, unit))
    if not its_screens and not its_campaigns:
        raise refuse("unit-unknown", "--unit", unit=unit)

    def entry(said: dict[str, Any]) -> bool:
        name = str(said["object"])
        about = {name, name.partition("/")[0]}
        return said["details"].get("unit") == unit or bool(about & its_screens) or bool(about & its_campaigns)

    def play(proof: JudgedPlay) -> bool:
        return proof.screen in its_screens or proof.item.partition("/")[0] in its_campaigns

    return BundleScope(from_, until, unit, entry, play, its_screens.__contains__)


def _list_unit_campaigns(connection: Connection, unit: str) -> Iterator[str]:
    for kept in campaigns.list_campaigns(connection):
        version = campaigns.get_version(connection, kept.id, kept.current_version)
        if version is not None and version.campaign.unit == unit:
            yield kept.id


def _build_sources(office: AppContext, connection: Connection) -> BundleSources:
    def documents(begin: datetime | None, end: datetime | None) -> Iterator[tuple[str, int]]:
        names = {*screens.list_screen_ids(connection), *(run.screen for run in table.list_runs(connection))}
        for screen in sorted(names):
            for one in playlists.list_playlists_between(connection, screen, begin or _MIN_TIME, end or _MAX_TIME):
                yield one.screen, one.serial

    return BundleSources(
        evidence=build_evidence(office, connection),
        find_playlist=lambda screen, serial: find_published_document(connection, screen, serial),
        list_published=documents,
        find_picture=create_rendition_lookup(office),
    )


def create_rendition_lookup(office: AppContext) -> Callable[[str], Path | None]:
    """The file of a rendition by its sha256; None where it is not kept."""
    blobs = BlobStore(office.state / FOLDER_NAME)

    def picture(sha256: str) -> Path | None:
        try:
            path = blobs.get_path(sha256)
        except ValueError:
            return None
        return path if path.exists() else None

    return picture
