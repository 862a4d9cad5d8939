"""``enrolments``: a new screen asks to be let in, and comes back for its token."""

import msgspec
from flask import Response, request

from signage.protocol.status import EnrolmentPending, EnrolmentRequest
from signage.services.screens.enrolments import Enrolment, TooManyError
from signage.web.http.problems import problem
from signage.web.http.request_body import BodyError
from signage.web.request_context import answer, language, read_body, services

LIMIT = 4096
_decoder = msgspec.json.Decoder(EnrolmentRequest)
_MAX_SIDE = 16384


def post() -> Response:
    """Begin an enrolment: 201 with the code that the screen shows."""
    asked = _read(read_body(LIMIT))
    try:
        begun = services().enrolments.ask(asked, request.remote_addr or "")
    except TooManyError as much:
        again = [("Retry-After", str(much.after_s))]
        return problem(429, "web-enrolments-many", language=language(), headers=again)
    response = answer(_pending(begun), 201)
    response.headers["Location"] = f"/screen/v1/enrolments/{begun.id}"
    return response


def get(enrolment_id: str) -> Response:
    """How it stands: 202 pending, 200 with the token, 410 once that was used."""
    found = services().enrolments.look(enrolment_id)
    if found is None:
        return problem(404, "web-enrolment-unknown", language=language())
    if found.state == "pending":
        return answer(_pending(found), 202)
    if found.given is None:
        return problem(410, "web-enrolment-over", language=language())
    return answer(found.given)


def _pending(enrolment: Enrolment) -> EnrolmentPending:
    return EnrolmentPending(enrolment.id, enrolment.code, services().config.enrolment_poll_seconds)


def _read(body: bytes) -> EnrolmentRequest:
    try:
        asked = _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BodyError(400, "web-enrolment-unreadable") from error
    sides = (asked.panel.width, asked.panel.height)
    if not asked.hardware.strip() or len(asked.hardware) > 200 or not all(0 < side <= _MAX_SIDE for side in sides):
        raise BodyError(400, "web-enrolment-unreadable")
    return asked
