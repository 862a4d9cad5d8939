"""Clips of the library, and the upload of small ones in one request (``uploads.py`` takes large ones)."""

from collections.abc import Iterator
from datetime import datetime
from io import RawIOBase
from typing import Any, BinaryIO, cast

from flask import request
from msgspec import UNSET, Struct, UnsetType

from signage.faults import refuse
from signage.services.library import clip_uploads
from signage.services.library import clips as clip_library
from signage.services.library.clips import ClipView
from signage.web.api.framework.operations import ApiRequest, ApiResource, PageOut, PageQuery, build_page
from signage.web.api.resources.library.details import LibraryDetailsIn, parse_details
from signage.web.http.body_places import BodySender
from signage.web.request_context import get_runtime

api = ApiResource("clips")
MAX_SMALL_UPLOAD_MB = 64
MULTIPART = "multipart/form-data"


class ClipOut(Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """A clip. *name*: its first file name; *thumbnail*: the address of its small picture, once rendered."""

    sha256: str
    name: str
    names: tuple[str, ...]
    title: str
    kind: str
    type: str
    bytes: int
    width: int
    height: int
    duration_ms: int | None
    unit: str | None
    added_at: datetime
    added_by: str
    tags: tuple[str, ...]
    source: str
    rights: str
    from_: str
    until: str
    version: int
    made: int
    failed: int
    wanted: int
    thumbnail: str | None


class ClipAddedOut(Struct, frozen=True):
    """*fresh*: the library did not contain these bytes before."""

    sha256: str
    name: str
    kind: str
    bytes: int
    fresh: bool


class ClipFileIn(Struct, frozen=True):
    """One file of a multipart form. *unit*: the owner."""

    file: bytes
    unit: str | UnsetType = UNSET


class ClipDetailsIn(LibraryDetailsIn, frozen=True, kw_only=True):
    """The details of a clip. *based_on*: the version that was edited, 0 for none; dates as ``2026-03-15``."""

    based_on: int


class ClipUsesOut(Struct, frozen=True):
    """The items (``campaign/item``) of active campaigns that show the clip."""

    items: tuple[str, ...]


class ClipQuery(PageQuery, frozen=True, kw_only=True):
    """*search*: part of a name."""

    search: str = ""


@api.get("/clips", "clip.view", query=ClipQuery, answer=PageOut[ClipOut])
def list_(api_request: ApiRequest) -> PageOut[ClipOut]:
    """List clips by sha256."""
    query = api_request.query
    clips = clip_library.list_clips_after(api_request.app, query.cursor, query.limit + 1, query.search)
    return build_page([_build_clip_out(clip) for clip in clips], query.limit, lambda clip: clip.sha256)


@api.post(
    "/clips",
    "clip.add",
    body=ClipFileIn,
    answer=ClipAddedOut,
    status=201,
    consumes=MULTIPART,
    raw=True,
    errors=(400, 413, 507),
)
def add(api_request: ApiRequest) -> ClipAddedOut:
    """Upload a small clip as the part ``file`` of a multipart form."""
    limit = min(api_request.library.config.max_mb, MAX_SMALL_UPLOAD_MB) << 20
    sender = BodySender("user", api_request.actor.id)
    with get_runtime().body_reader.open_chunks(dict(request.environ), limit + (64 << 10), sender) as chunks:
        request.environ["wsgi.input"] = ChunkReader(chunks)
        request.max_content_length = limit + (64 << 10)
        file = request.files.get("file")
        if file is None:
            raise refuse("form-needed", "file")
        unit, name = request.form.get("unit") or None, file.filename or "?"
        ingested = clip_uploads.add_clip(
            api_request.app, api_request.library, api_request.actor, cast(BinaryIO, file.stream), name, unit
        )
    clip, _ = clip_library.get_clip(api_request.app, ingested.sha256)
    return ClipAddedOut(
        ingested.sha256, file.filename or clip.row.name, ingested.facts.kind, clip.row.bytes, ingested.is_new
    )


@api.get("/clips/{id}", "clip.view", answer=ClipOut, errors=(404,))
def show(api_request: ApiRequest) -> ClipOut:
    """Get a clip by its sha256."""
    return _build_clip_out(clip_library.get_clip(api_request.app, api_request.id)[0])


@api.add("PUT", "/clips/{id}/details", "clip.change", body=ClipDetailsIn, answer=ClipOut, errors=(404, 409))
def describe(api_request: ApiRequest) -> ClipOut:
    """Update the details of a clip: title, source, rights, validity."""
    clip_library.update_details(
        api_request.app, api_request.actor, api_request.id, parse_details(api_request.body), api_request.body.based_on
    )
    return show(api_request)


@api.add("DELETE", "/clips/{id}", "clip.remove", status=204, errors=(404, 409))
def remove(api_request: ApiRequest) -> None:
    """Remove a clip from the library; refused while a campaign uses it."""
    clip_library.delete_clip(api_request.app, api_request.actor, api_request.id)


@api.get("/clips/{id}/uses", "clip.view", answer=ClipUsesOut)
def uses(api_request: ApiRequest) -> ClipUsesOut:
    """List the items that use a clip."""
    return ClipUsesOut(tuple(clip_library.find_uses(api_request.app, [api_request.id])[api_request.id]))


class ChunkReader(RawIOBase):
    """A request body that arrives in chunks, as a readable file."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._pieces = chunks
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill *buffer* with the next bytes."""
        if not self._rest:
            self._rest = next(self._pieces, b"")
        chunk, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(chunk)] = chunk
        return len(chunk)


def _build_clip_out(clip: ClipView) -> ClipOut:
    row, details = clip.row, clip.details
    return ClipOut(
        sha256=row.sha256,
        name=row.name,
        names=clip.names,
        title=clip.title,
        kind=clip.kind,
        type=row.facts.type,
        bytes=row.bytes,
        width=row.facts.width,
        height=row.facts.height,
        duration_ms=row.facts.duration_ms,
        unit=row.unit,
        added_at=row.added_at,
        added_by=row.added_by,
        tags=details.tags,
        source=details.source,
        rights=details.rights,
        from_=details.from_,
        until=details.until,
        version=clip.version,
        made=clip.finished_renditions,
        failed=len(clip.failed_renditions),
        wanted=clip.total_renditions,
        thumbnail=f"/media/{row.thumbnail}.jpg" if row.thumbnail else None,
    )
