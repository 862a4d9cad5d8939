"""Screens: displays that poll."""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import time
from typing import Literal

SunEvent = Literal["sunrise", "sunset"]
SunTime = time | SunEvent
"""A local time of the screen's zone, or the sun's at its position."""


@dataclass(frozen=True, slots=True)
class OperatingHours:
    """Between *from_* and *until* the screen is lit; outside it is dark by order. Over midnight as a daypart is."""

    from_: SunTime
    until: SunTime


@dataclass(frozen=True, slots=True)
class BrightnessStep:
    """From this local time on, every day, the panel runs at *percent*."""

    from_: SunTime
    percent: int


@dataclass(frozen=True, slots=True)
class Screen:
    """A display and what is known of it. *position* is (longitude, latitude) in degrees."""

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

    @property
    def depends_on_sun(self) -> bool:
        """Whether the operating hours or the brightness use sunrise or sunset, and so the position."""
        times = [edge for hours in self.hours for edge in (hours.from_, hours.until)]
        times += [step.from_ for step in self.brightness]
        return any(isinstance(edge, str) for edge in times)

    @property
    def selector_key(self) -> tuple[Hashable, ...]:
        """The attributes that selectors compare, except the id: a selector that names no id treats equals alike."""
        return (self.kind, self.groups, self.tags, self.unit)

    @property
    def schedule_key(self) -> tuple[Hashable, ...]:
        """The attributes that decide the schedule, except those that selectors compare.

        Screens with equal keys that match the same selectors show the same at every instant. Every attribute of a
        screen belongs in this key or in ``selector_key``; the id alone is in neither.
        """
        position = self.position if self.depends_on_sun else None
        return (self.panel, self.timezone, self.hours, self.brightness, position, self.default_campaign)


def parse_sun_time(text: str) -> SunTime:
    """Read ``06:30``, ``06:30:00``, ``sunrise`` or ``sunset``. Raises ValueError when it is none of them."""
    if text in ("sunrise", "sunset"):
        return "sunrise" if text == "sunrise" else "sunset"
    found = time.fromisoformat(text)
    if found.tzinfo is not None or ":" not in text:
        raise ValueError(text)
    return found


def format_sun_time(value: SunTime) -> str:
    """How :func:`sun_time` reads it."""
    return value if isinstance(value, str) else value.isoformat(timespec="auto" if value.second else "minutes")
