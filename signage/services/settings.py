"""Settings of the services, each class a table of ``config.toml``."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class ApprovalConfig:
    """``[approval]``. *required*: how many people must approve a version.

    *files*: ``trusted`` takes a campaign file as approved by whoever may write the folder, ``review`` asks people.
    """

    required: int = 1
    files: Literal["trusted", "review"] = "trusted"


@dataclass(frozen=True, slots=True)
class TakeoverConfig:
    """``[takeover]``. *max_h*: the longest duration; *poll_seconds*: how often its screens poll."""

    max_h: float = 24.0
    poll_seconds: int = 5


@dataclass(frozen=True, slots=True)
class ConsentConfig:
    """``[consent]``. *enforce*: a unit's campaigns show on another unit's screens only by that unit's consent."""

    enforce: bool = True


@dataclass(frozen=True, slots=True)
class FolderConfig:
    """``[folder]``. *path*: of the campaign files; *settle_ms*: how long a file must be unchanged before it is read."""

    path: str = "playlists"
    settle_ms: int = 300


@dataclass(frozen=True, slots=True)
class SessionConfig:
    """``[session]``: how long a console session lasts without use (*idle_minutes*) and in total (*hours*)."""

    idle_minutes: int = 120
    hours: float = 12.0


@dataclass(frozen=True, slots=True)
class IncidentConfig:
    """``[incident]``: the deadlines of each step, and when an offline screen is an incident.

    *mobile_kinds* lose their power when their vehicle stops; they are missed only after *mobile_silent_hours*.
    """

    dispatch_minutes: int = 15
    handle_minutes: int = 240
    answer_minutes: int = 1440
    silent_minutes: int = 30
    mobile_kinds: tuple[str, ...] = ("taxi-roof",)
    mobile_silent_hours: float = 72.0


MailSecurity = Literal["none", "starttls", "tls"]


@dataclass(frozen=True, slots=True)
class MailConfig:
    """``[mail]``: the SMTP server of all mail and the sender's address (``from``). An empty *host* sends no mail.

    *port* 0 is the usual one of *tls* (25, 587, 465). *password_file* is read when mail is sent, where *password* is
    empty.
    """

    host: str = ""
    port: int = 0
    tls: MailSecurity = "none"
    user: str = ""
    password: str = ""
    password_file: str = ""
    from_: str = ""


@dataclass(frozen=True, slots=True)
class NoticeConfig:
    """``[notice]``: recipients, channels and hours of incident notices.

    *mail_to* receives every notice, and so does whoever is on duty that day by *roster* (``mon=li@example.org``).
    *webhooks* are URLs after their kind (``wecom https://…``). From *quiet_from* to *quiet_until* only the kinds in
    *urgent* are sent. Notices are grouped: at most one message in *every_minutes*. *smtp* (``host:port``),
    *smtp_security*, *smtp_user*, *smtp_password*, *mail_from*: the mail server where ``[mail]`` names none.
    """

    smtp: str = ""
    smtp_security: MailSecurity = "none"
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
