"""``POST status``: records what a screen reports of itself."""

import msgspec
from flask import Response
from msgspec import UNSET

from signage.model.line_text import clean_line
from signage.protocol.status import StatusMessage
from signage.web.http.json_body import JsonError, decode_any_json
from signage.web.http.request_body import BodyError
from signage.web.request_context import get_dependencies, get_now, get_screen_playlist, read_body

MAX_BYTES = 64 * 1024
_MAX_TEXT_LENGTH, _MAX_FAULTS = 300, 50


def receive_status() -> Response:
    """Record the status, its texts as lines of a displayable length."""
    try:
        message = msgspec.convert(_drop_nulls(decode_any_json(read_body(MAX_BYTES) or b"{}")), StatusMessage)
    except (JsonError, msgspec.ValidationError) as error:
        raise BodyError(400, "web-status-unreadable") from error
    get_dependencies().record_status(get_screen_playlist().screen, _limit_values(message), get_now())
    return Response(status=204)


def _drop_nulls(fields: object) -> object:
    """Remove null fields: they count as absent, except ``item``, where null means dark."""
    if not isinstance(fields, dict):
        return fields
    return {name: value for name, value in fields.items() if value is not None or name == "item"}


def _limit_values(message: StatusMessage) -> StatusMessage:
    position = message.position
    if position is not UNSET and not (-180 <= position[0] <= 180 and -90 <= position[1] <= 90):
        raise BodyError(400, "web-status-position")
    changes: dict[str, object] = {
        name: clean_line(value, _MAX_TEXT_LENGTH)
        for name in ("player", "version", "item", "clock")
        if isinstance(value := getattr(message, name), str)
    }
    if message.faults is not UNSET:
        changes["faults"] = tuple(clean_line(fault, _MAX_TEXT_LENGTH) for fault in message.faults[:_MAX_FAULTS])
    return msgspec.structs.replace(message, **changes)
