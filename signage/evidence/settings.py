"""Settings of plays and evidence, the tables ``[plays]`` and ``[evidence]`` of ``config.toml``."""

from dataclasses import dataclass

MIN_KEEP_DAYS = 183
"""The least retention of plays, in days: six months, whatever is configured."""


@dataclass(frozen=True, slots=True)
class PlaysConfig:
    """``[plays]``: what a screen may have stored in a day, and the disk space that intake leaves free."""

    mb_per_day: int = 64
    reserve_mb: int = 16


@dataclass(frozen=True, slots=True)
class EvidenceConfig:
    """``[evidence]``: retention and sealing of plays, checkpoints, reminders and drafts of reports.

    *keep_days*: retention of sealed days, at least 183; *seal_after_days*: days until a day is sealed, for screens that
    were offline; *checkpoints*: external folder of signed checkpoints (empty: none); *remind_h*, *draft_h*: hours
    before a report is due for its reminder and draft; *mail_to*: recipients of both, separated by commas; *smtp*
    (``host:port``), *mail_from*: the mail server and sender where ``[mail]`` names none.
    """

    keep_days: int = 1096
    seal_after_days: int = 4
    checkpoints: str = ""
    remind_h: float = 24.0
    draft_h: float = 2.0
    smtp: str = ""
    mail_from: str = ""
    mail_to: str = ""

    @property
    def effective_keep_days(self) -> int:
        """Retention of sealed days, at least MIN_KEEP_DAYS."""
        return max(self.keep_days, MIN_KEEP_DAYS)
