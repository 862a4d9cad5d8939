"""Settings of the web server."""

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class WebConfig:
    """*public_url*: the address under which screens reach the server, where it differs from the requested one.

    *body_timeout_s*: the maximum wait for the next part of a request body. *uploads_at_once*, *uploads_each* (per
    sender) and *media_at_once* reserve threads for polls. *enrolments_waiting*: the maximum of pending enrolments,
    *enrolments_per_minute*: per address, *enrolment_minutes*: the lifetime of a code.
    """

    public_url: str = ""
    body_timeout_s: float = 30.0
    uploads_at_once: int = 256
    uploads_each: int = 8
    media_at_once: int = 1024
    contacts_every_s: float = 5.0
    screenshot_max_bytes: int = 4 << 20
    enrolments_waiting: int = 1000
    enrolments_per_minute: int = 10
    enrolment_minutes: int = 30
    enrolment_poll_seconds: int = 5


class SettingView(NamedTuple):
    """A setting with its default and its help text."""

    table: str
    key: str
    value: str
    default: str
    help: str
