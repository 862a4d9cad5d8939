"""Facts of a screen as a form or a command line says them, made to values."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from signage.faults import Fault, FaultLocation, Refused
from signage.model.screen import Screen
from signage.model.toml.findings import ellipsize
from signage.services.screens.screens_csv import parse_brightness, parse_hours, parse_position

T = TypeVar("T")
_TEXT_FIELDS = {"kind": "kind", "panel": "panel", "unit": "unit", "timezone": "timezone", "default": "default_campaign"}
_OPTIONAL_FIELDS = ("unit", "default")


def parse_new_screen(screen_id: str, said: Mapping[str, Any], timezone: str) -> Screen:
    """The screen that *said* describes; *timezone* where it names none. Raises Refused when something cannot be read.

    Without a kind it is ``screen``; a panel must be said.
    """
    blank = Screen(id=screen_id, kind="screen", panel="", timezone=timezone)
    return parse_screen_edit(said)(blank)


def parse_screen_edit(said: Mapping[str, Any]) -> Callable[[Screen], Screen]:
    """What *said* changes in a screen; an empty word takes a fact away. Raises Refused when unreadable."""
    faults: list[Fault] = []
    facts: dict[str, Any] = {}
    for key, name in _TEXT_FIELDS.items():
        if said.get(key) is not None:
            facts[name] = said[key] or (None if key in _OPTIONAL_FIELDS else "")
    if said.get("position") is not None:
        found = _parse_values(faults, "position", _normalize_words([said["position"]]), parse_position)
        facts["position"] = found[0] if found else None
    if said.get("hours"):
        facts["hours"] = _parse_values(faults, "hours", _normalize_words(said["hours"]), parse_hours)
    if said.get("brightness"):
        facts["brightness"] = _parse_values(
            faults, "brightness", _normalize_words(said["brightness"]), parse_brightness
        )
    for key, name in (("group", "groups"), ("tag", "tags")):
        if said.get(key):
            facts[name] = _normalize_words(said[key])
    if faults:
        raise Refused(faults)
    return lambda screen: _apply_label_changes(replace(screen, **facts), said)


def _apply_label_changes(screen: Screen, said: Mapping[str, Any]) -> Screen:
    def of(old: tuple[str, ...], key: str) -> tuple[str, ...]:
        more, less = said.get(f"add_{key}") or (), said.get(f"drop_{key}") or ()
        return tuple(word for word in dict.fromkeys((*old, *more)) if word not in less)

    return replace(screen, groups=of(screen.groups, "group"), tags=of(screen.tags, "tag"))


def _normalize_words(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value.strip() for value in values if value.strip()))


def _parse_values(faults: list[Fault], key: str, values: Iterable[str], parse: Callable[[str], T]) -> tuple[T, ...]:
    found = []
    for value in values:
        try:
            found.append(parse(value))
        except ValueError:
            faults.append(Fault("error", f"{key}-unreadable", FaultLocation(key=key), {"text": ellipsize(value)}))
    return tuple(found)
