"""What can be set about serving."""

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class WebConfig:
    """*public_url* is how screens reach the server when that is not the address they asked for (``https://…``).

    *body_timeout_s*: a request body that takes longer is given up. *uploads_at_once*, of them *uploads_each* from one
    sender, and *media_at_once* leave threads free for polls however slow the others are. *enrolments_waiting* bounds
    the table of screens that ask to be let in, *enrolments_per_minute* how often one address may ask,
    *enrolment_minutes* how long a code holds.
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
    """A setting with what it is for people to look at."""

    table: str
    key: str
    value: str
    default: str
    help: str
