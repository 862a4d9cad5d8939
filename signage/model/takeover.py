"""Takeovers: orders that replace everything on the screens they name, until they end."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Takeover:
    """Exactly one of *text*, *item* (``campaign/item``) and *blank* is set. Instants are UTC, whole seconds.

    *until* is as ordered; *stopped_at* when a person ended it sooner. *number* grows with each start: of two that
    name a screen, the one started last wins.
    """

    id: str
    number: int
    screens: tuple[str, ...]
    from_: datetime
    until: datetime
    who: str
    why: str
    text: str | None = None
    item: str | None = None
    blank: bool = False
    stopped_at: datetime | None = None

    @property
    def ends_at(self) -> datetime:
        """The instant from which it no longer holds."""
        return self.until if self.stopped_at is None else max(self.from_, min(self.until, self.stopped_at))
