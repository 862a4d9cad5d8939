"""Parsers of a screen's fields, for forms, the command line and CSV files."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

from signage.faults import Fault, FaultLocation
from signage.model.screen import BrightnessStep, OperatingHours, parse_sun_time
from signage.model.toml.findings import ellipsize

T = TypeVar("T")


def parse_position(text: str) -> tuple[float, float]:
    """Parse ``lon,lat`` or ``lon;lat`` in degrees. Raises ValueError."""
    lon, lat = text.replace(";", ",").split(",")
    return float(lon), float(lat)


def parse_hours(text: str) -> OperatingHours:
    """Parse ``06:00-23:00`` or ``sunrise-sunset``. Raises ValueError."""
    begin, end = text.split("-")
    return OperatingHours(parse_sun_time(begin.strip()), parse_sun_time(end.strip()))


def parse_brightness(text: str) -> BrightnessStep:
    """Parse ``sunset=40``: 40 % from sunset on. Raises ValueError."""
    at, percent = text.split("=")
    return BrightnessStep(parse_sun_time(at.strip()), int(percent.strip().removesuffix("%")))


def parse_values(
    faults: list[Fault], location: FaultLocation, key: str, values: Iterable[str], parse: Callable[[str], T]
) -> tuple[T, ...]:
    """Parse *values* of the field *key*; append a fault at *location* for each that *parse* rejects."""
    parsed = []
    for value in values:
        try:
            parsed.append(parse(value))
        except ValueError:
            faults.append(Fault("error", f"{key}-unreadable", replace(location, key=key), {"text": ellipsize(value)}))
    return tuple(parsed)
