"""Clips of the library; small ones are uploaded here whole (``uploads.py`` takes all)."""

from collections.abc import Iterator
from datetime import datetime
from io import RawIOBase
from typing import Any

from flask import request
from msgspec import UNSET, Struct, UnsetType

from signage.faults import refuse
from signage.services.library import clips as clip_library
from signage.services.library.clips import Clip
from signage.web.api.framework.operations import Asked, Page, Paging, Resource, page_of
from signage.web.api.resources.details import Said, details_of
from signage.web.request_context import web

api = Resource("clips")
SMALL_MB = 64
MULTIPART = "multipart/form-data"


class ClipShown(Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """A clip. *name*: the one it came in with first; *thumbnail*: where a small picture of it is, once made."""

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


class ClipTaken(Struct, frozen=True):
    """*fresh*: its bytes were not in the library before."""

    sha256: str
    name: str
    kind: str
    bytes: int
    fresh: bool


class ClipFile(Struct, frozen=True):
    """One file, as a form sends it; its name is a label. *unit*: whose it is."""

    file: bytes
    unit: str | UnsetType = UNSET


class ClipSaid(Said, frozen=True, kw_only=True):
    """What is said of a clip. *based_on*: the version that was changed, 0 for none; days as ``2026-03-15``."""

    based_on: int


class Uses(Struct, frozen=True):
    """The items (``campaign/item``) of active campaigns that show it."""

    items: tuple[str, ...]


class ClipQuery(Paging, frozen=True, kw_only=True):
    """*search*: what a name holds."""

    search: str = ""


@api.get("/clips", "clip.view", query=ClipQuery, answer=Page[ClipShown])
def list_(asked: Asked) -> Page[ClipShown]:
    """Clips by sha256."""
    q = asked.query
    found = clip_library.in_order(asked.office, q.cursor, q.limit + 1, q.search)
    return page_of([_shown(one) for one in found], q.limit, lambda one: one.sha256)


@api.post(
    "/clips",
    "clip.add",
    body=ClipFile,
    answer=ClipTaken,
    status=201,
    takes=MULTIPART,
    raw=True,
    errors=(400, 413, 507),
)
def add(asked: Asked) -> ClipTaken:
    """Take a small clip in, sent as the file ``file`` of a form."""
    limit = min(asked.library.config.max_mb, SMALL_MB) << 20
    sender = f"person {asked.actor.id}"
    with web().bodies.pieces(dict(request.environ), limit + (64 << 10), sender) as pieces:
        request.environ["wsgi.input"] = Pieces(pieces)
        request.max_content_length = limit + (64 << 10)
        file = request.files.get("file")
        if file is None:
            raise refuse("form-needed", "file")
        unit, name = request.form.get("unit") or None, file.filename or "?"
        taken = asked.library.taking.take_in(file.stream, name, asked.actor, unit)  # type: ignore[arg-type]
    clip, _ = clip_library.get(asked.office, taken.sha256)
    return ClipTaken(taken.sha256, file.filename or clip.kept.name, taken.facts.kind, clip.kept.bytes, taken.fresh)


@api.get("/clips/{id}", "clip.view", answer=ClipShown, errors=(404,))
def show(asked: Asked) -> ClipShown:
    """One clip by its sha256."""
    return _shown(clip_library.get(asked.office, asked.id)[0])


@api.add("PUT", "/clips/{id}/details", "clip.change", body=ClipSaid, answer=ClipShown, errors=(404, 409))
def describe(asked: Asked) -> ClipShown:
    """Say of a clip what it is, where it comes from, and until when it may be used."""
    clip_library.describe(asked.office, asked.actor, asked.id, details_of(asked.body), asked.body.based_on)
    return show(asked)


@api.add("DELETE", "/clips/{id}", "clip.remove", status=204, errors=(404, 409))
def remove(asked: Asked) -> None:
    """Take a clip out of the library; refused where a campaign uses it."""
    clip_library.remove(asked.office, asked.actor, asked.id)


@api.get("/clips/{id}/uses", "clip.view", answer=Uses)
def uses(asked: Asked) -> Uses:
    """Where a clip is used."""
    return Uses(tuple(clip_library.where_used(asked.office, [asked.id])[asked.id]))


class Pieces(RawIOBase):
    """A body that comes piece by piece, as a file to be read."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill *buffer* with what comes next."""
        if not self._rest:
            self._rest = next(self._pieces, b"")
        piece, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(piece)] = piece
        return len(piece)


def _shown(clip: Clip) -> ClipShown:
    kept, details = clip.kept, clip.details
    length = kept.facts.get("duration_ms")
    return ClipShown(
        sha256=kept.sha256,
        name=kept.name,
        names=clip.names,
        title=clip.title,
        kind=clip.kind,
        type=str(kept.facts.get("type", "")),
        bytes=kept.bytes,
        width=int(kept.facts.get("width") or 0),
        height=int(kept.facts.get("height") or 0),
        duration_ms=int(length) if length else None,
        unit=kept.unit,
        added_at=kept.added_at,
        added_by=kept.added_by,
        tags=details.tags,
        source=details.source,
        rights=details.rights,
        from_=details.from_,
        until=details.until,
        version=clip.version,
        made=clip.made,
        failed=len(clip.failed),
        wanted=clip.wanted,
        thumbnail=f"/media/{kept.thumbnail}.jpg" if kept.thumbnail else None,
    )
