"""Settings of the web server."""

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class WebConfig:
    """*public_url*: the address under which screens reach the server, where it differs from the requested one.

    A request body may take *body_timeout_s*, and beyond that as long as *body_min_bytes_per_s* allows for its length.
    *uploads_at_once*, *uploads_each* (per sender) and *media_at_once* reserve threads for polls. *connections_at_once*
    counts per worker process, *connections_each* per address (not those of *trusted_proxies*), *silent_s* is the wait
    for the first byte. *enrolments_waiting*: the maximum of pending enrolments,
    *enrolments_per_minute*: per address, *enrolment_minutes*: the lifetime of a code.
    """

    public_url: str = ""
    body_timeout_s: float = 30.0
    body_min_bytes_per_s: int = 1024
    uploads_at_once: int = 256
    uploads_each: int = 8
    media_at_once: int = 1024
    connections_at_once: int = 8192
    connections_each: int = 2048
    silent_s: float = 10.0
    trusted_proxies: tuple[str, ...] = ()
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
