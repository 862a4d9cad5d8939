"""``POST plays``: stores the proof of play and answers once it is durable."""

import msgspec
from flask import Response

from signage.evidence.play_ingest import IngestLimitError
from signage.protocol.plays import MAX_BATCH_BYTES, MAX_BATCH_PLAYS
from signage.web.http.json_body import JsonError, decode_json_as
from signage.web.http.request_body import BodyError
from signage.web.request_context import get_dependencies, get_screen_playlist, read_body, respond_json

_STATUS_BY_LIMIT = {"plays-budget": 429, "plays-reserve": 507}


class _PlaysEnvelope(msgspec.Struct):
    plays: tuple[msgspec.Raw, ...] = ()


def receive_plays() -> Response:
    """Pass a batch to the play ingest, unless it exceeds the maximum number of plays."""
    batch = read_body(MAX_BATCH_BYTES, gzip=True)
    if _has_too_many_plays(batch):
        raise BodyError(413, "web-plays-many")
    try:
        return respond_json(get_dependencies().play_ingest.submit(get_screen_playlist().screen, batch))
    except IngestLimitError as error:
        headers = ("Retry-After", str(error.retry_after_s))
        raise BodyError(_STATUS_BY_LIMIT[error.code], error.code, headers) from None


def _has_too_many_plays(batch: bytes) -> bool:
    """Whether the batch exceeds the maximum; unreadable JSON is left to the play ingest."""
    try:
        return len(decode_json_as(batch, _PlaysEnvelope).plays) > MAX_BATCH_PLAYS
    except JsonError:
        return False
