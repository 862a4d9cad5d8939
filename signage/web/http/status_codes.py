"""HTTP status codes of refusals, by the code of the first fault; one table for the console and the API."""

from signage.faults import Refused

_UNREADABLE = ("json-unreadable", "json-no-object")
_FORBIDDEN = (
    *("duty-missing", "own-work", "second-self", "same-hand", "confirm-own", "not-your-unit", "session-needed"),
    "csrf-wrong",
    *("installation-wide", "takeover-screens-of-others", "takeover-common-screens", "takeover-of-others"),
    *("duty-unconfirmed", "takeover-item-of-others", "consent-own-request", "own-rights"),
)
_NOT_FOUND = (
    *("campaign-unknown", "screen-unknown", "takeover-unknown", "user-unknown", "token-unknown", "session-unknown"),
    *("incident-unknown", "clip-unknown", "enrolment-code-unknown", "version-unknown", "passkey-unknown"),
    *("slogan-unknown", "plays-no-screen", "report-format-unknown", "screenshot-unknown"),
    *("expected-unknown", "consent-unknown", "form-gone"),
)
_CONFLICT = (
    *("screen-exists", "user-exists", "campaign-exists", "version-changed", "version-not-in-review", "takeover-over"),
    *("campaign-of-file", "campaign-of-console", "campaign-overtaken", "campaign-in-review", "campaign-ended"),
    *("campaign-not-ended", "slogan-overtaken", "slogan-twice", "in-use", "clip-in-takeover", "incident-state"),
    *("confirm-invited", "consent-answered", "consent-over", "form-overtaken"),
)
_UPLOAD_STATUS_CODES = {
    "upload-unknown": 404,
    "upload-over": 410,
    "upload-offset": 409,
    "upload-busy": 423,
    "upload-checksum": 460,  # of tus, not of HTTP
    "upload-checksum-unknown": 400,
    "upload-longer": 413,
    "upload-cut": 400,
    "upload-size": 400,
    "upload-not-yours": 403,
    "upload-many": 429,
    "pairing-throttled": 429,
    "clip-too-large": 413,
    "library-quota": 413,
    "library-disk-full": 507,
    "library-busy": 503,
}
_STATUS_BY_CODE = {
    **_UPLOAD_STATUS_CODES,
    **dict.fromkeys(_UNREADABLE, 400),
    **dict.fromkeys(_FORBIDDEN, 403),
    **dict.fromkeys(_NOT_FOUND, 404),
    **dict.fromkeys(_CONFLICT, 409),
}


def get_status(refused: Refused) -> int:
    """Return the HTTP status of a refusal, by its first fault; 422 by default."""
    return _STATUS_BY_CODE.get(refused.faults[0].code, 422) if refused.faults else 422
