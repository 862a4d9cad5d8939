"""Resumable uploads: tus 1.0 (https://tus.io/protocols/resumable-upload) with creation, checksum, expiration and
termination, over ``signage.services.library.clip_uploads``.

With its last byte the upload becomes a clip, or is refused with the reason (422 to the last ``PATCH``, permanently in
``GET``). An upload survives the end of its session and continues after the next login.
"""

import base64
import binascii
from collections.abc import Callable, Iterator
from datetime import datetime
from email.utils import format_datetime

from flask import request
from msgspec import Struct

from signage.faults import Refused, refuse
from signage.library.rendition_maker import MB
from signage.library.uploads.service import CHECKSUMS, UploadRow, get_refusal
from signage.services.library import clip_uploads
from signage.web.api.framework.operations import (
    PREFIX,
    PUBLIC,
    ApiRequest,
    ApiResource,
    Response,
    format_faults,
    get_language,
)
from signage.web.http.body_places import BodySender
from signage.web.http.problems import respond_problem
from signage.web.http.request_body import BodyError
from signage.web.request_context import get_runtime

api = ApiResource("uploads")
TUS_VERSION = "1.0.0"
TUS_EXTENSIONS = "creation,checksum,expiration,termination"
CHUNK_TYPE = "application/offset+octet-stream"
_TUS_HEADERS = {"Tus-Resumable": TUS_VERSION}


class UploadOut(Struct, frozen=True):
    """The state of an upload. *state*: open, taken (*sha256* is its clip) or refused (*faults* say why)."""

    id: str
    name: str
    size: int
    offset: int
    state: str
    sha256: str | None
    expires_at: datetime
    faults: tuple[dict[str, str], ...]


@api.add("OPTIONS", "/uploads", PUBLIC, status=204, headers=_TUS_HEADERS)
def options(api_request: ApiRequest) -> Response:
    """List the supported tus versions and extensions."""
    response = _respond_empty()
    response.headers["Tus-Version"] = TUS_VERSION
    response.headers["Tus-Extension"] = TUS_EXTENSIONS
    response.headers["Tus-Max-Size"] = str(api_request.library.config.max_mb * MB)
    response.headers["Tus-Checksum-Algorithm"] = ",".join(CHECKSUMS)
    return response


@api.post("/uploads", "clip.add", status=201, raw=True, headers=_TUS_HEADERS, errors=(400, 412, 413, 429, 507))
def create(api_request: ApiRequest) -> Response:
    """Create an upload of ``Upload-Length`` bytes, named by ``Upload-Metadata`` (``filename``, ``unit``)."""
    _check_version()
    size = _parse_number_header("Upload-Length")
    if size is None:
        raise BodyError(400, "tus-length")
    metadata = _parse_metadata(request.headers.get("Upload-Metadata", ""))
    name = metadata.get("filename") or metadata.get("name") or "?"
    upload = clip_uploads.create_upload(
        api_request.app, api_request.library, api_request.actor, name, size, metadata.get("unit") or None
    )
    response = _respond_empty(201)
    response.headers["Location"] = f"{PREFIX}/uploads/{upload.id}"
    response.headers["Upload-Expires"] = _format_http_date(upload.expires_at)
    return response


@api.add("HEAD", "/uploads/{id}", "clip.add", headers=_TUS_HEADERS, errors=(403, 404, 410, 423))
def head(api_request: ApiRequest) -> Response:
    """Get the offset of an upload (``Upload-Offset``); a complete one that was not ingested yet is ingested now."""
    _check_version()
    upload = clip_uploads.finish_upload(api_request.app, api_request.library, api_request.actor, api_request.id)
    response = _respond_with_offset(upload, 200)
    response.headers["Upload-Length"] = str(upload.size)
    name = base64.b64encode(upload.name.encode("utf-8", "replace")).decode()
    response.headers["Upload-Metadata"] = f"filename {name}"
    return response


@api.get("/uploads/{id}", "clip.add", answer=UploadOut, errors=(403, 404, 410))
def show(api_request: ApiRequest) -> UploadOut:
    """Get the state of an upload and its result."""
    upload = api_request.library.uploads.get(api_request.id, api_request.actor)
    refusal = get_refusal(upload)
    state = "refused" if refusal else "taken" if upload.sha256 else "open"
    faults = format_faults(refusal.faults) if refusal else ()
    return UploadOut(
        upload.id, upload.name, upload.size, upload.offset, state, upload.sha256, upload.expires_at, faults
    )


@api.add(
    "PATCH",
    "/uploads/{id}",
    "clip.add",
    status=204,
    consumes=CHUNK_TYPE,
    body=bytes,
    raw=True,
    headers=_TUS_HEADERS,
    errors=(400, 403, 404, 409, 410, 412, 413, 415, 422, 423, 507),
)
def patch(api_request: ApiRequest) -> Response:
    """Append the body at ``Upload-Offset``; with ``Upload-Checksum`` all of it or none."""
    return _append_chunk(api_request)


@api.add("DELETE", "/uploads/{id}", "clip.add", status=204, headers=_TUS_HEADERS, errors=(403, 404, 410))
def end(api_request: ApiRequest) -> Response:
    """Delete an upload."""
    _check_version()
    clip_uploads.delete_upload(api_request.app, api_request.library, api_request.actor, api_request.id)
    return _respond_empty()


@api.post("/uploads/{id}", "clip.add", status=204, raw=True, headers=_TUS_HEADERS, errors=(400, 404))
def overridden(api_request: ApiRequest) -> Response:
    """Append or delete by ``X-HTTP-Method-Override``, for clients without PATCH and DELETE."""
    method = request.headers.get("X-HTTP-Method-Override", "").upper()
    if method == "PATCH":
        return _append_chunk(api_request)
    if method == "DELETE":
        return end(api_request)
    raise BodyError(400, "tus-override")


def _append_chunk(api_request: ApiRequest) -> Response:
    _check_version()
    if (request.content_type or "").partition(";")[0].strip() != CHUNK_TYPE:
        raise BodyError(415, "api-media-type", ("Accept", CHUNK_TYPE))
    offset = _parse_number_header("Upload-Offset")
    if offset is None:
        raise BodyError(400, "tus-offset")
    before = api_request.library.uploads.get(api_request.id, api_request.actor)
    remaining_bytes = max(0, before.size - before.offset)
    length = request.content_length
    try:
        with get_runtime().body_reader.open_chunks(
            request.environ, remaining_bytes, BodySender("user", api_request.actor.id)
        ) as chunks:
            body, checksum = _create_reader(chunks), _parse_checksum()
            upload = clip_uploads.write_upload(
                api_request.app, api_request.library, api_request.actor, api_request.id, offset, body, length, checksum
            )
    except Refused as refused:
        if refused.faults[0].code == "upload-checksum":
            return _respond_checksum_mismatch(refused)
        raise
    refusal = get_refusal(upload)
    if refusal is not None:
        raise refusal
    response = _respond_with_offset(upload, 204)
    if upload.sha256 is not None:
        response.headers["Clip-SHA256"] = upload.sha256
    return response


def _respond_checksum_mismatch(refused: Refused) -> Response:
    """Answer with tus's own status for a wrong checksum, which HTTP does not define."""
    response = respond_problem(400, refused.faults[0].code, language=get_language(), faults=refused.faults)
    response.status = "460 Checksum Mismatch"
    response.headers.update(_TUS_HEADERS)
    return response


def _create_reader(chunks: Iterator[bytes]) -> Callable[[int], bytes]:
    rest = b""

    def read(max_bytes: int) -> bytes:
        nonlocal rest
        chunk = rest or next(chunks, b"")
        chunk, rest = chunk[:max_bytes], chunk[max_bytes:]
        return chunk

    return read


def _check_version() -> None:
    if request.headers.get("Tus-Resumable") != TUS_VERSION:
        raise BodyError(412, "tus-version", ("Tus-Version", TUS_VERSION))


def _parse_number_header(header: str) -> int | None:
    text = request.headers.get(header, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _parse_checksum() -> tuple[str, bytes] | None:
    text = request.headers.get("Upload-Checksum")
    if text is None:
        return None
    algorithm, _, digest = text.partition(" ")
    try:
        return algorithm, base64.b64decode(digest, validate=True)
    except (binascii.Error, ValueError):
        raise refuse(
            "upload-checksum-unknown", "Upload-Checksum", algorithm=text[:40], known=", ".join(CHECKSUMS)
        ) from None


def _parse_metadata(text: str) -> dict[str, str]:
    metadata: dict[str, str] = {}
    for pair in text.split(",")[:20]:
        key, _, value = pair.strip().partition(" ")
        try:
            metadata[key] = base64.b64decode(value, validate=True).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            raise BodyError(400, "tus-metadata") from None
    return metadata


def _respond_with_offset(upload: UploadRow, status: int) -> Response:
    response = _respond_empty(status)
    response.headers["Upload-Offset"] = str(upload.offset)
    response.headers["Upload-Expires"] = _format_http_date(upload.expires_at)
    return response


def _respond_empty(status: int = 204) -> Response:
    response = Response(status=status)
    response.headers.update(_TUS_HEADERS)
    response.headers["Cache-Control"] = "no-store"
    return response


def _format_http_date(at: datetime) -> str:
    return format_datetime(at, usegmt=True)
