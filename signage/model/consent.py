"""A consent (用屏同意): a unit's permission that another unit may show things on its screens."""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Literal

MIN_SHARE, MAX_SHARE = 1, 10_000
MIN_PRIORITY, MAX_PRIORITY = -1000, 1000

ConsentState = Literal["asked", "given", "declined", "withdrawn"]
"""``asked``: a request without an answer; only ``given`` permits anything."""


@dataclass(frozen=True, slots=True)
class ConsentHours:
    """The hours of a consent, by the wall clock at the screen: over midnight as a daypart is."""

    from_: time
    until: time

    def __str__(self) -> str:
        return f"{self.from_.isoformat('minutes')}-{self.until.isoformat('minutes')}"


@dataclass(frozen=True, slots=True)
class Consent:
    """*unit* permits campaigns of the unit *to* on those of its own screens that the selectors *screens* match.

    *campaign*: only this campaign of *to*; None: a standing consent. *hours*: only then. There the shares of these
    campaigns count as at most *max_share*, their priority as at most *max_priority*. *until* is not included. *number*
    grows with each consent.
    """

    id: str
    number: int
    unit: str
    to: str
    screens: tuple[str, ...]
    campaign: str | None = None
    hours: ConsentHours | None = None
    max_share: int | None = None
    max_priority: int | None = None
    until: datetime | None = None


def parse_consent_hours(text: str) -> ConsentHours:
    """Parse ``06:00-22:00``. Raises ValueError."""
    begin, dash, end = text.strip().partition("-")
    times = [time.fromisoformat(part.strip()) for part in (begin, end)]
    if not dash or any(":" not in part for part in (begin, end)) or any(t.tzinfo for t in times):
        raise ValueError(text)
    return ConsentHours(*times)
