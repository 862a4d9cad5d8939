"""The HTTP status that a refusal asks for, by the code of its first fault; one table for pages and for the API."""

from signage.faults import Refused
from signage.library.uploads import HTTP_STATUS_CODES as UPLOADS

_FORBIDDEN = (
    *("duty-missing", "own-work", "second-self", "same-hand", "confirm-own", "not-your-unit", "session-needed"),
    "csrf-wrong",
)
_NOT_FOUND = (
    *("campaign-unknown", "screen-unknown", "takeover-unknown", "user-unknown", "token-unknown", "session-unknown"),
    *("incident-unknown", "clip-unknown", "enrolment-code-unknown", "version-unknown", "passkey-unknown"),
    *("slogan-unknown", "plays-no-screen", "report-format-unknown", "screenshot-unknown"),
    "expected-unknown",
)
_CONFLICT = (
    *("screen-exists", "user-exists", "campaign-exists", "version-changed", "version-not-in-review", "takeover-over"),
    *("campaign-of-file", "campaign-of-console", "campaign-overtaken", "campaign-in-review", "campaign-ended"),
    *("campaign-not-ended", "slogan-overtaken", "slogan-twice", "in-use", "incident-state"),
    "confirm-invited",
)
_STATUS_BY_CODE = {
    **UPLOADS,
    **dict.fromkeys(_FORBIDDEN, 403),
    **dict.fromkeys(_NOT_FOUND, 404),
    **dict.fromkeys(_CONFLICT, 409),
}


def get_status(refused: Refused) -> int:
    """403, 404, 409 or what uploads say, by the first fault; else 422."""
    return _STATUS_BY_CODE.get(refused.faults[0].code, 422) if refused.faults else 422
