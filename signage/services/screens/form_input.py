"""Facts of a screen as a form or a command line says them, made to values."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from signage.faults import Fault, Place, Refused
from signage.model.screen import Screen
from signage.model.toml.findings import short
from signage.services.screens.screens_csv import parse_brightness, parse_hours, parse_position

T = TypeVar("T")
_PLAIN = {"kind": "kind", "panel": "panel", "unit": "unit", "timezone": "timezone", "default": "default_campaign"}
_OPTIONAL = ("unit", "default")


def new_screen(screen_id: str, said: Mapping[str, Any], timezone: str) -> Screen:
    """The screen that *said* describes; *timezone* where it names none. Raises Refused when something cannot be read.

    Without a kind it is ``screen``; a panel must be said.
    """
    blank = Screen(id=screen_id, kind="screen", panel="", timezone=timezone)
    return editor(said)(blank)


def editor(said: Mapping[str, Any]) -> Callable[[Screen], Screen]:
    """What *said* changes in a screen; an empty word takes a fact away. Raises Refused when unreadable."""
    faults: list[Fault] = []
    facts: dict[str, Any] = {}
    for key, name in _PLAIN.items():
        if said.get(key) is not None:
            facts[name] = said[key] or (None if key in _OPTIONAL else "")
    if said.get("position") is not None:
        found = _parsed(faults, "position", _words([said["position"]]), parse_position)
        facts["position"] = found[0] if found else None
    if said.get("hours"):
        facts["hours"] = _parsed(faults, "hours", _words(said["hours"]), parse_hours)
    if said.get("brightness"):
        facts["brightness"] = _parsed(faults, "brightness", _words(said["brightness"]), parse_brightness)
    for key, name in (("group", "groups"), ("tag", "tags")):
        if said.get(key):
            facts[name] = _words(said[key])
    if faults:
        raise Refused(faults)
    return lambda screen: _labelled(replace(screen, **facts), said)


def _labelled(screen: Screen, said: Mapping[str, Any]) -> Screen:
    def of(old: tuple[str, ...], key: str) -> tuple[str, ...]:
        more, less = said.get(f"add_{key}") or (), said.get(f"drop_{key}") or ()
        return tuple(word for word in dict.fromkeys((*old, *more)) if word not in less)

    return replace(screen, groups=of(screen.groups, "group"), tags=of(screen.tags, "tag"))


def _words(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value.strip() for value in values if value.strip()))


def _parsed(faults: list[Fault], key: str, values: Iterable[str], parse: Callable[[str], T]) -> tuple[T, ...]:
    found = []
    for value in values:
        try:
            found.append(parse(value))
        except ValueError:
            faults.append(Fault("error", f"{key}-unreadable", Place(key=key), {"text": short(value)}))
    return tuple(found)
