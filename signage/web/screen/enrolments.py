"""Enrolment: a new screen requests a code, and polls for its token."""

import msgspec
from flask import Response, request

from signage.model.line_text import clean_line
from signage.protocol.status import EnrolmentPending, EnrolmentRequest
from signage.services.screens.enrolments import EnrolmentLimitError, EnrolmentRow
from signage.web.http.json_body import JsonError, decode_json_as
from signage.web.http.problems import respond_problem
from signage.web.http.request_body import BodyError
from signage.web.request_context import get_dependencies, get_language, read_body, respond_json

MAX_BYTES = 4096
_MAX_SIDE, _MAX_HARDWARE = 16384, 200


def begin_enrolment() -> Response:
    """Start an enrolment: 201 with the code that the screen shows."""
    enrolment_request = _parse_request(read_body(MAX_BYTES))
    try:
        enrolment = get_dependencies().enrolments.request_enrolment(enrolment_request, request.remote_addr or "")
    except EnrolmentLimitError as error:
        headers = [("Retry-After", str(error.retry_after_s))]
        return respond_problem(429, "web-enrolments-many", language=get_language(), headers=headers)
    response = respond_json(_build_pending(enrolment), 201)
    response.headers["Location"] = f"/screen/v1/enrolments/{enrolment.id}"
    return response


def get_enrolment(enrolment_id: str) -> Response:
    """Return its state: 202 pending, 200 with the token, 410 once the token was used."""
    enrolment = get_dependencies().enrolments.find_enrolment(enrolment_id)
    if enrolment is None:
        return respond_problem(404, "web-enrolment-unknown", language=get_language())
    if enrolment.state == "pending":
        return respond_json(_build_pending(enrolment), 202)
    if enrolment.credentials is None:
        return respond_problem(410, "web-enrolment-over", language=get_language())
    return respond_json(enrolment.credentials)


def _build_pending(enrolment: EnrolmentRow) -> EnrolmentPending:
    return EnrolmentPending(enrolment.id, enrolment.code, get_dependencies().config.enrolment_poll_seconds)


def _parse_request(body: bytes) -> EnrolmentRequest:
    try:
        enrolment_request = decode_json_as(body, EnrolmentRequest)
    except JsonError as error:
        raise BodyError(400, "web-enrolment-unreadable") from error
    sides = (enrolment_request.panel.width, enrolment_request.panel.height)
    if (
        not enrolment_request.hardware.strip()
        or len(enrolment_request.hardware) > _MAX_HARDWARE
        or not all(0 < side <= _MAX_SIDE for side in sides)
    ):
        raise BodyError(400, "web-enrolment-unreadable")
    return msgspec.structs.replace(enrolment_request, hardware=clean_line(enrolment_request.hardware, _MAX_HARDWARE))
