"""What must be right about the facts of a screen before it is kept.

1. The id, kind, groups, tags and unit are ids (contract, "Words").
2. The panel is one that the configuration knows; the timezone one that the tz database knows.
3. Positions are degrees on Earth; sunrise and sunset need one.
4. Brightness is 0…100 %; hours that begin and end at one time are all day, as a daypart's are.
"""

from collections.abc import Collection, Iterator
from functools import lru_cache
from zoneinfo import ZoneInfo

from signage.faults import Fault, Place
from signage.model.ids import is_id
from signage.model.screen import Screen
from signage.model.toml.findings import nearest, short
from signage.services.context import Office
from signage.store.campaigns import campaigns


def faults_of(screen: Screen, panels: Collection[str], place: Place | None = None) -> list[Fault]:
    """All that is wrong with *screen*; *place* is where it was written (default: the screen's own fields)."""
    base = place or Place()

    def at(key: str, code: str, **facts: object) -> Fault:
        return Fault("error", code, Place(base.file, base.line, key), facts)

    return [
        at(key, code, **facts)
        for check in (_ids, _panel, _zone, _position, _light)
        for key, code, facts in check(screen, panels)
    ]


def default_missing(office: Office, campaign_id: str | None) -> list[Fault]:
    """The warning that a screen's default campaign is not there (yet): neither kept, nor a file of the folder."""
    if not campaign_id or (office.root / office.folder.path / f"{campaign_id}.toml").exists():
        return []
    with office.store.read() as connection:
        kept = campaigns.get(connection, campaign_id)
    if kept is not None and kept.status == "active":
        return []
    return [Fault("warning", "default-missing", Place(key="default"), {"campaign": short(campaign_id)})]


_Wrong = Iterator[tuple[str, str, dict[str, object]]]


def _ids(screen: Screen, _: Collection[str]) -> _Wrong:
    words = [("id", screen.id), ("kind", screen.kind)]
    words += [("unit", screen.unit)] if screen.unit is not None else []
    words += [("default", screen.default_campaign)] if screen.default_campaign is not None else []
    words += [("groups", word) for word in screen.groups] + [("tags", word) for word in screen.tags]
    for key, word in words:
        if not is_id(word):
            yield key, "id-malformed" if word else "id-missing", {"id": short(word)}


def _panel(screen: Screen, panels: Collection[str]) -> _Wrong:
    if screen.panel not in panels:
        close = nearest(screen.panel, panels)
        code = "panel-unknown" if close is None else "panel-unknown-near"
        yield "panel", code, {"panel": short(screen.panel), "nearest": close, "known": ", ".join(sorted(panels))}


def _zone(screen: Screen, _: Collection[str]) -> _Wrong:
    if not _zone_known(screen.timezone):
        yield "timezone", "timezone-unknown", {"timezone": short(screen.timezone)}


@lru_cache(maxsize=4096)
def _zone_known(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, ImportError, KeyError):  # a name that is none may be a folder, a package, nothing
        return False
    return True


def _position(screen: Screen, _: Collection[str]) -> _Wrong:
    if screen.position is not None:
        lon, lat = screen.position
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            yield "position", "position-impossible", {"lon": lon, "lat": lat}
    elif any(isinstance(at, str) for at in _moments(screen)):
        yield "position", "position-needed", {}


def _moments(screen: Screen) -> Iterator[object]:
    for hours in screen.hours:
        yield hours.from_
        yield hours.until
    for step in screen.brightness:
        yield step.from_


def _light(screen: Screen, _: Collection[str]) -> _Wrong:
    for step in screen.brightness:
        if not 0 <= step.percent <= 100:
            yield "brightness", "brightness-impossible", {"percent": step.percent}
