"""Screens: displays that poll."""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import time
from typing import Literal

SunEvent = Literal["sunrise", "sunset"]
SunTime = time | SunEvent
"""A local time of the screen's time zone, or sunrise or sunset at its position."""


@dataclass(frozen=True, slots=True)
class OperatingHours:
    """The screen is lit between *from_* and *until* and dark otherwise; over midnight like a daypart."""

    from_: SunTime
    until: SunTime


@dataclass(frozen=True, slots=True)
class BrightnessStep:
    """Brightness of the panel in *percent* from this local time on, every day."""

    from_: SunTime
    percent: int


@dataclass(frozen=True, slots=True)
class Screen:
    """A display and its attributes; *name* and *address* are for people.

    *position* is (longitude, latitude) in degrees.
    """

    id: str
    kind: str
    panel: str
    timezone: str
    groups: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    unit: str | None = None
    position: tuple[float, float] | None = None
    hours: tuple[OperatingHours, ...] = ()
    brightness: tuple[BrightnessStep, ...] = ()
    default_campaign: str | None = None
    name: str | None = None
    address: str | None = None

    @property
    def depends_on_sun(self) -> bool:
        """Whether operating hours or brightness depend on sunrise or sunset, and so on the position."""
        times = [edge for hours in self.hours for edge in (hours.from_, hours.until)]
        times += [step.from_ for step in self.brightness]
        return any(isinstance(edge, str) for edge in times)

    @property
    def selector_key(self) -> tuple[Hashable, ...]:
        """The attributes that selectors compare, except the id: equal keys match alike but for the id."""
        return (self.kind, self.groups, self.tags, self.unit)

    @property
    def schedule_key(self) -> tuple[Hashable, ...]:
        """The attributes that decide the schedule, except those that selectors compare.

        Screens with equal keys that match the same selectors show the same at every instant. Every attribute of a
        screen belongs in this key or in ``selector_key``, except the id, the name and the address.
        """
        position = self.position if self.depends_on_sun else None
        return (self.panel, self.timezone, self.hours, self.brightness, position, self.default_campaign)


def parse_sun_time(text: str) -> SunTime:
    """Parse ``06:30``, ``06:30:00``, ``sunrise`` or ``sunset``. Raises ValueError for anything else."""
    if text in ("sunrise", "sunset"):
        return "sunrise" if text == "sunrise" else "sunset"
    parsed = time.fromisoformat(text)
    if parsed.tzinfo is not None or ":" not in text:
        raise ValueError(text)
    return parsed


def format_sun_time(value: SunTime) -> str:
    """Format a time so that :func:`parse_sun_time` reads it."""
    return value if isinstance(value, str) else value.isoformat(timespec="auto" if value.second else "minutes")
