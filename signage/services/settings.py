"""What the acts are told by the configuration."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class ApprovalConfig:
    """``[approval]``. *required*: how many people must approve what others submitted.

    *files*: ``trusted`` takes a campaign file as approved by whoever may write the folder, ``review`` asks people.
    """

    required: int = 1
    files: Literal["trusted", "review"] = "trusted"


@dataclass(frozen=True, slots=True)
class TakeoverConfig:
    """``[takeover]``. *max_h*: the longest that one may be ordered for; *poll_seconds*: how often its screens ask."""

    max_h: float = 24.0
    poll_seconds: int = 5


@dataclass(frozen=True, slots=True)
class FolderConfig:
    """``[folder]``. *path*: where campaign files lie; *settle_ms*: how long a file must lie still before it is read."""

    path: str = "playlists"
    settle_ms: int = 300


@dataclass(frozen=True, slots=True)
class SessionConfig:
    """``[session]``: how long a person stays logged in to the console, unused (*idle_minutes*) and in all (*hours*)."""

    idle_minutes: int = 120
    hours: float = 12.0


@dataclass(frozen=True, slots=True)
class IncidentConfig:
    """``[incident]``: the targets of each step, and when a silent screen is missed.

    *mobile_kinds* lose their power when their vehicle stops; they are missed only after *mobile_silent_hours*.
    """

    dispatch_minutes: int = 15
    handle_minutes: int = 240
    answer_minutes: int = 1440
    silent_minutes: int = 30
    mobile_kinds: tuple[str, ...] = ("taxi-roof",)
    mobile_silent_hours: float = 72.0


@dataclass(frozen=True, slots=True)
class NoticeConfig:
    """``[notice]``: who is told of incidents, and how.

    *smtp* is ``host:port`` of a mail server, *smtp_security* ``none``, ``starttls`` or ``tls``; *mail_to* gets every
    notice, and whoever of *roster* is on duty that day (``mon=li@example.org``). *webhooks* are addresses with their
    kind before them (``wecom https://…``). In *quiet_from*–*quiet_until* only the kinds in *urgent* are told at once.
    Notices are grouped: one in *every_minutes* at the most.
    """

    smtp: str = ""
    smtp_security: str = "none"
    smtp_user: str = ""
    smtp_password: str = ""
    mail_from: str = ""
    mail_to: tuple[str, ...] = ()
    roster: tuple[str, ...] = ()
    webhooks: tuple[str, ...] = ()
    every_minutes: int = 5
    quiet_from: str = ""
    quiet_until: str = ""
    urgent: tuple[str, ...] = ("silent-many", "refused-document", "report")
    language: str = "zh"
