"""``POST plays``: the proof of play comes in; the answer goes out when all of it is on disk."""

import msgspec
from flask import Response

from signage.protocol.plays import MAX_BYTES, MAX_PLAYS
from signage.web.http.request_body import BodyError
from signage.web.request_context import answer, read_body, screen, services


class _Counted(msgspec.Struct):
    plays: tuple[msgspec.Raw, ...] = ()


_counter = msgspec.json.Decoder(_Counted)


def post() -> Response:
    """Hand a batch to the intake, unless it is larger than a batch may be."""
    batch = read_body(MAX_BYTES)
    if _too_many(batch):
        raise BodyError(413, "web-plays-many")
    return answer(services().intake.submit(screen().screen, batch))


def _too_many(batch: bytes) -> bool:
    """Whether it holds more plays than a batch may; one that cannot be read is the intake's to refuse."""
    try:
        return len(_counter.decode(batch).plays) > MAX_PLAYS
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
