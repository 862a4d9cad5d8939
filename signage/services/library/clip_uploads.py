"""Add clips: the one act ``clip.add`` behind the console, the API, the command line and the watched folder.

1. The permission is checked before the first byte is read, and again in the transaction that records the clip.
2. A clip belongs to the named unit, which the actor must be allowed to edit; by default to the actor's own unit.
3. ``signage.library`` receives, probes and seals the bytes outside the transaction; the clip's row, its audit entry,
   its thumbnail requests and the change counter are one transaction.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import BinaryIO

from signage.faults import refuse
from signage.library.ingest import AddedClip, StoredClip, stat_source_file
from signage.library.service import Library
from signage.model import permissions
from signage.model.clip_facts import ClipKind
from signage.model.ids import is_word
from signage.model.toml.findings import ellipsize
from signage.model.users import FOLDER_ACTOR, Actor
from signage.services.context import AppContext
from signage.store.library import clips, renditions
from signage.store.library.clips import ClipRow
from signage.store.library.uploads import UploadRow

VERB = "clip.add"


def add_clip(
    context: AppContext, library: Library, actor: Actor, source: Path | BinaryIO, name: str, unit: str | None = None
) -> AddedClip:
    """Add the clip whose bytes are in *source*, labelled *name*; durable on return.

    Raises Refused: permission missing, another unit, not a playable clip, no room.
    """
    owner = _resolve_owner(context, actor, unit, name)
    return _record_clip(context, library, actor, owner, library.clip_ingest.store(source, name, owner))


def add_folder_clip(context: AppContext, library: Library, path: Path, name: str) -> AddedClip:
    """Add the file at *path*, which stays where it is; an unchanged file is not read again. Raises Refused."""
    before = stat_source_file(path, name)
    known = library.clip_ingest.find_unchanged(before)
    if known is not None:
        return known
    added = add_clip(context, library, FOLDER_ACTOR, path, name)
    with context.store.write() as connection:
        clips.set_clip_file(connection, before.path, added.sha256, before.size_bytes, before.mtime_ns)
    return added


def create_upload(
    context: AppContext, library: Library, actor: Actor, name: str, size_bytes: int, unit: str | None = None
) -> UploadRow:
    """Begin a resumable upload. Raises Refused: permission missing, another unit, no room, too many unfinished."""
    return library.uploads.create(actor, name, size_bytes, _resolve_owner(context, actor, unit, name))


def write_upload(
    context: AppContext,
    library: Library,
    actor: Actor,
    upload_id: str,
    offset: int,
    body: BinaryIO | Callable[[int], bytes],
    length: int | None = None,
    checksum: tuple[str, bytes] | None = None,
) -> UploadRow:
    """Append *body* at *offset*; the last byte turns the upload into a clip (``UploadService.write``)."""
    context.check_permission(actor, VERB, upload_id)
    record = partial(_record_upload, context, library, actor)
    return library.uploads.write(upload_id, actor, offset, body, length, checksum, record=record)


def finish_upload(context: AppContext, library: Library, actor: Actor, upload_id: str) -> UploadRow:
    """Turn an upload whose bytes are complete into a clip, where a crash or a busy sandbox prevented that before."""
    context.check_permission(actor, VERB, upload_id)
    return library.uploads.finish(upload_id, actor, record=partial(_record_upload, context, library, actor))


def delete_upload(context: AppContext, library: Library, actor: Actor, upload_id: str) -> None:
    """Delete an unfinished upload and free its space (tus: termination)."""
    context.check_permission(actor, VERB, upload_id)
    library.uploads.terminate(upload_id, actor)


class FolderClips:
    """The library as the watched folder sees it (``ClipLibrary``): an unchanged file is not read again."""

    def __init__(self, context: AppContext, library: Library) -> None:
        self._app_context = context
        self._library = library

    def ingest(self, path: Path, name: str) -> str:
        """Add the file at *path*; returns the sha256 of its bytes. Raises Refused when it is not a playable clip."""
        return add_folder_clip(self._app_context, self._library, path, name).sha256

    def get_kind(self, sha256: str) -> ClipKind | None:
        """Return the kind of a clip in the library; None where it is not there."""
        facts = self._library.catalog.get_clip_facts(sha256)
        return facts.kind if facts else None


def _resolve_owner(context: AppContext, actor: Actor, unit: str | None, name: str) -> str | None:
    """Return the unit that will own the clip (rule 2). Raises Refused."""
    context.check_permission(actor, VERB, name)
    if unit is None:
        return actor.unit
    if not is_word(unit):
        raise refuse("word-malformed", "unit", word=ellipsize(unit))
    if not permissions.may_edit_unit(actor, unit):
        raise refuse("not-your-unit", "unit", unit=unit, own=actor.unit)
    return unit


def _record_upload(context: AppContext, library: Library, actor: Actor, clip: StoredClip, upload: UploadRow) -> None:
    _record_clip(context, library, actor, upload.unit, clip)


def _record_clip(context: AppContext, library: Library, actor: Actor, owner: str | None, clip: StoredClip) -> AddedClip:
    facts, size_bytes = clip.facts, clip.size_bytes
    details = {"name": clip.name, "bytes": size_bytes, "kind": facts.kind}
    with context.transaction(actor, VERB, clip.sha256, **details) as tx:
        row = ClipRow(clip.sha256, size_bytes, clip.name, facts, owner, tx.at, actor.id)
        is_new = clips.create_clip(tx.connection, row)
        tx.add_details(fresh=is_new)
        renditions.delete_failed_renditions(tx.connection, clip.sha256)  # uploading a clip again is asking again
        library.clip_ingest.request_thumbnails(tx.connection, clip)
    return AddedClip(clip.sha256, facts, is_new)
