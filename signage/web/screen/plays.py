"""``POST plays``: the proof of play comes in; the answer goes out when all of it is on disk."""

import msgspec
from flask import Response

from signage.protocol.plays import MAX_BATCH_BYTES, MAX_BATCH_PLAYS
from signage.web.http.request_body import BodyError
from signage.web.request_context import get_dependencies, get_screen_playlist, read_body, respond_json


class _PlaysEnvelope(msgspec.Struct):
    plays: tuple[msgspec.Raw, ...] = ()


_envelope_decoder = msgspec.json.Decoder(_PlaysEnvelope)


def receive_plays() -> Response:
    """Hand a batch to the intake, unless it is larger than a batch may be."""
    batch = read_body(MAX_BATCH_BYTES)
    if _has_too_many_plays(batch):
        raise BodyError(413, "web-plays-many")
    return respond_json(get_dependencies().play_ingest.submit(get_screen_playlist().screen, batch))


def _has_too_many_plays(batch: bytes) -> bool:
    """Whether it holds more plays than a batch may; one that cannot be read is the intake's to refuse."""
    try:
        return len(_envelope_decoder.decode(batch).plays) > MAX_BATCH_PLAYS
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
