"""What the evidence is told by the configuration."""

from dataclasses import dataclass

MIN_KEEP_DAYS = 183
"""Records of what was shown are kept for six months at the least, whoever asks for less."""


@dataclass(frozen=True, slots=True)
class EvidenceConfig:
    """``[evidence]``.

    *keep_days*: how long sealed days are kept (three years; never under 183 days); *seal_after_days*: how long a day
    waits to be sealed, for screens that were away; *checkpoints*: a folder outside into which each signed checkpoint
    is written (empty: none); *remind_h*, *draft_h*: how long before a report is due its owners are reminded and its
    draft is made; *smtp*: ``host:port`` of a mail server for reports and reminders (empty: none); *mail_from*,
    *mail_to*: whom from, and to whom, separated by commas.
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
        """How long sealed days are kept, the least that must be regarded."""
        return max(self.keep_days, MIN_KEEP_DAYS)
