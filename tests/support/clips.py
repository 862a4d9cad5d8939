"""The acts of ``services/library/clip_uploads`` over a library alone."""

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from signage.library.ingest import AddedClip
from signage.library.service import Library
from signage.model.users import FOLDER_ACTOR, Actor
from signage.services.context import AppContext
from signage.services.library import clip_uploads
from signage.store.library.uploads import UploadRow


def make_context(library: Library) -> AppContext:
    """An application context over the database of *library*."""
    state = library.blobs.folder.parent
    return AppContext(library.store, library.clock, state.parent, state)


def add_clip(
    library: Library, source: Path | BinaryIO, name: str, actor: Actor = FOLDER_ACTOR, unit: str | None = None
) -> AddedClip:
    return clip_uploads.add_clip(make_context(library), library, actor, source, name, unit)


def create_upload(library: Library, actor: Actor, name: str, size: int, unit: str | None = None) -> UploadRow:
    return clip_uploads.create_upload(make_context(library), library, actor, name, size, unit)


def write_upload(
    library: Library,
    upload_id: str,
    actor: Actor,
    offset: int,
    body: BinaryIO | Callable[[int], bytes],
    length: int | None = None,
    checksum: tuple[str, bytes] | None = None,
) -> UploadRow:
    context = make_context(library)
    return clip_uploads.write_upload(context, library, actor, upload_id, offset, body, length, checksum)


def finish_upload(library: Library, upload_id: str, actor: Actor) -> UploadRow:
    return clip_uploads.finish_upload(make_context(library), library, actor, upload_id)
