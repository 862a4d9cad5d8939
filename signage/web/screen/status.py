"""``POST status``: what a screen says of itself."""

import msgspec
from flask import Response
from msgspec import UNSET

from signage.protocol.status import Status
from signage.web.http.request_body import BodyError
from signage.web.request_context import now, read_body, screen, services

LIMIT = 64 * 1024
_LETTERS, _FAULTS = 300, 50


def post() -> Response:
    """Record the status, with its texts cut to a length that a table can show."""
    try:
        told = msgspec.convert(_without_nulls(msgspec.json.decode(read_body(LIMIT) or b"{}")), Status)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise BodyError(400, "web-status-unreadable") from error
    services().record_status(screen().screen, _bounded(told), now())
    return Response(status=204)


def _without_nulls(told: object) -> object:
    """Everything is optional: what is null was not said (but an item, where null is "dark")."""
    if not isinstance(told, dict):
        return told
    return {name: value for name, value in told.items() if value is not None or name == "item"}


def _bounded(told: Status) -> Status:
    place = told.position
    if place is not UNSET and not (-180 <= place[0] <= 180 and -90 <= place[1] <= 90):
        raise BodyError(400, "web-status-position")
    changes: dict[str, object] = {
        name: value[:_LETTERS]
        for name in ("player", "version", "item", "clock")
        if isinstance(value := getattr(told, name), str)
    }
    if told.faults is not UNSET:
        changes["faults"] = tuple(fault[:_LETTERS] for fault in told.faults[:_FAULTS])
    return msgspec.structs.replace(told, **changes)
