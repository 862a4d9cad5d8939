"""Exports the audit bundle; the audit log entry of the export seals it."""

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
from signage.store.plays.plays import list_runs
from signage.store.screens import screens

_MIN_TIME = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_TIME = datetime(9999, 1, 1, tzinfo=UTC)


def export_bundle(
    app: AppContext,
    actor: Actor,
    folder: Path,
    from_: datetime | None = None,
    until: datetime | None = None,
    unit: str | None = None,
) -> ExportedBundle:
    """Write the bundle of a period (half-open) and a unit into *folder*.

    Raises Refused: permission missing, folder not empty, a unit without screens and campaigns.
    """
    app.check_permission(actor, EXPORT_VERB, folder.name)
    with app.store.read() as connection:
        scope = _build_scope(connection, from_, until, unit)
        return write_bundle(
            app.store, app.clock, folder, scope, _build_sources(app, connection), actor.id, actor.channel
        )


def _build_scope(
    connection: Connection, from_: datetime | None, until: datetime | None, unit: str | None
) -> BundleScope:
    if unit is None:
        return BundleScope(from_, until)
    screen_ids = {row.screen.id for row in screens.iter_screens(connection) if row.screen.unit == unit}
    campaign_ids = set(_list_unit_campaigns(connection, unit))
    if not screen_ids and not campaign_ids:
        raise refuse("unit-unknown", "--unit", unit=unit)

    def is_unit_entry(record: dict[str, Any]) -> bool:
        object_ = str(record["object"])
        ids = {object_, object_.partition("/")[0]}
        return record["details"].get("unit") == unit or bool(ids & screen_ids) or bool(ids & campaign_ids)

    def is_unit_play(play: JudgedPlay) -> bool:
        return play.screen in screen_ids or play.item.partition("/")[0] in campaign_ids

    return BundleScope(from_, until, unit, is_unit_entry, is_unit_play, screen_ids.__contains__)


def _list_unit_campaigns(connection: Connection, unit: str) -> Iterator[str]:
    for row, version in campaigns.list_current_versions(connection):
        if version.campaign.unit == unit:
            yield row.id


def _build_sources(app: AppContext, connection: Connection) -> BundleSources:
    def list_published(begin: datetime | None, end: datetime | None) -> Iterator[tuple[str, int]]:
        screen_ids = {*screens.list_screen_ids(connection), *(run.screen for run in list_runs(connection))}
        for screen_id in sorted(screen_ids):
            for row in playlists.list_playlists_between(connection, screen_id, begin or _MIN_TIME, end or _MAX_TIME):
                yield row.screen, row.serial

    return BundleSources(
        evidence=build_evidence(app, connection),
        find_playlist=lambda screen, serial: find_published_document(connection, screen, serial),
        list_published=list_published,
        find_picture=create_rendition_lookup(app),
    )


def create_rendition_lookup(app: AppContext) -> Callable[[str], Path | None]:
    """Return a function: the path of a rendition by its sha256, None where it does not exist."""
    blobs = BlobStore(app.state / FOLDER_NAME)

    def find_path(sha256: str) -> Path | None:
        try:
            path = blobs.get_path(sha256)
        except ValueError:
            return None
        return path if path.exists() else None

    return find_path
