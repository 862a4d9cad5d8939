"""Validation of a screen's values.

1. The id and kind are ids; groups, tags and unit are words (contract, "Words"); the name and the address are short
   lines of any script.
2. The panel is configured; the timezone is in the tz database.
3. A position is in degrees, within the ranges of longitude and latitude; sunrise and sunset need a position.
4. Brightness is 0…100 %. Operating hours that begin and end at the same time cover the whole day, as in a daypart.
"""

from collections.abc import Collection, Iterator
from functools import lru_cache
from zoneinfo import ZoneInfo

from signage.faults import Fault, FaultLocation
from signage.model.ids import is_id, is_word
from signage.model.screen import Screen
from signage.model.toml.findings import ellipsize, find_closest_match
from signage.services.context import AppContext
from signage.services.names import MAX_ADDRESS_LENGTH, MAX_NAME_LENGTH, find_name_fault
from signage.store.campaigns import campaigns


def validate_screen(screen: Screen, panels: Collection[str], location: FaultLocation | None = None) -> list[Fault]:
    """Return all faults of *screen*; *location*: where its values were entered (default: the screen's own fields)."""
    base = location or FaultLocation()

    return [
        Fault("error", code, FaultLocation(base.file, base.line, key), facts)
        for check in (
            _check_ids,
            _check_words,
            _check_texts,
            _check_panel,
            _check_timezone,
            _check_position,
            _check_brightness,
        )
        for key, code, facts in check(screen, panels)
    ]


def check_default_campaign(context: AppContext, campaign_id: str | None) -> list[Fault]:
    """Return a warning where a screen's default campaign does not exist (yet), neither stored nor as a file."""
    if not campaign_id or (context.root / context.folder.path / f"{campaign_id}.toml").exists():
        return []
    with context.store.read() as connection:
        campaign = campaigns.get_campaign(connection, campaign_id)
    if campaign is not None and campaign.status == "active":
        return []
    return [Fault("warning", "default-missing", FaultLocation(key="default"), {"campaign": ellipsize(campaign_id)})]


_FieldFaults = Iterator[tuple[str, str, dict[str, object]]]


def _check_ids(screen: Screen, _: Collection[str]) -> _FieldFaults:
    words = [("id", screen.id), ("kind", screen.kind)]
    words += [("default", screen.default_campaign)] if screen.default_campaign is not None else []
    for key, word in words:
        if not is_id(word):
            yield key, "id-malformed" if word else "id-missing", {"id": ellipsize(word)}


def _check_words(screen: Screen, _: Collection[str]) -> _FieldFaults:
    words = [("groups", word) for word in screen.groups] + [("tags", word) for word in screen.tags]
    words += [("unit", screen.unit)] if screen.unit is not None else []
    for key, word in words:
        if not is_word(word):
            yield key, "word-malformed", {"word": ellipsize(word)}


def _check_texts(screen: Screen, _: Collection[str]) -> _FieldFaults:
    for key, text, most in (("name", screen.name, MAX_NAME_LENGTH), ("address", screen.address, MAX_ADDRESS_LENGTH)):
        if text is not None and (fault := find_name_fault(text, most)):
            code, facts = fault
            yield key, code, facts


def _check_panel(screen: Screen, panels: Collection[str]) -> _FieldFaults:
    if screen.panel not in panels:
        nearest = find_closest_match(screen.panel, panels)
        code = "panel-unknown" if nearest is None else "panel-unknown-near"
        yield "panel", code, {"panel": ellipsize(screen.panel), "nearest": nearest, "known": ", ".join(sorted(panels))}


def _check_timezone(screen: Screen, _: Collection[str]) -> _FieldFaults:
    if not _is_known_timezone(screen.timezone):
        yield "timezone", "timezone-unknown", {"timezone": ellipsize(screen.timezone)}


@lru_cache(maxsize=4096)
def _is_known_timezone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, ImportError, KeyError):  # an invalid name may be a folder or a package
        return False
    return True


def _check_position(screen: Screen, _: Collection[str]) -> _FieldFaults:
    if screen.position is not None:
        lon, lat = screen.position
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            yield "position", "position-impossible", {"lon": lon, "lat": lat}
    elif any(isinstance(time, str) for time in _list_times(screen)):
        yield "position", "position-needed", {}


def _list_times(screen: Screen) -> Iterator[object]:
    for hours in screen.hours:
        yield hours.from_
        yield hours.until
    for step in screen.brightness:
        yield step.from_


def _check_brightness(screen: Screen, _: Collection[str]) -> _FieldFaults:
    for step in screen.brightness:
        if not 0 <= step.percent <= 100:
            yield "brightness", "brightness-impossible", {"percent": step.percent}
