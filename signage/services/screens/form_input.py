"""Parses the fields of a screen as a form, the API or a command line enters them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from signage.faults import Fault, FaultLocation, Refused
from signage.model.screen import Screen
from signage.services.screens.field_parsers import parse_brightness, parse_hours, parse_position, parse_values

_TEXT_FIELDS = {
    "kind": "kind",
    "panel": "panel",
    "unit": "unit",
    "timezone": "timezone",
    "default": "default_campaign",
    "name": "name",
    "address": "address",
}
_OPTIONAL_FIELDS = ("unit", "default", "name", "address")
_FORM = FaultLocation()


def parse_new_screen(screen_id: str, fields: Mapping[str, Any], timezone: str) -> Screen:
    """Parse the *fields* of a new screen; default kind ``screen``, default zone *timezone*. Raises Refused."""
    blank = Screen(id=screen_id, kind="screen", panel="", timezone=timezone)
    return parse_screen_edit(fields)(blank)


def parse_screen_edit(fields: Mapping[str, Any]) -> Callable[[Screen], Screen]:
    """Parse the changed *fields* of a screen into a function that applies them; an empty text removes a value.

    Raises Refused when a field cannot be parsed.
    """
    faults: list[Fault] = []
    values: dict[str, Any] = {}
    for key, name in _TEXT_FIELDS.items():
        if fields.get(key) is not None:
            values[name] = fields[key].strip() or (None if key in _OPTIONAL_FIELDS else "")
    if fields.get("position") is not None:
        position = parse_values(faults, _FORM, "position", _strip_words([fields["position"]]), parse_position)
        values["position"] = position[0] if position else None
    if fields.get("hours"):
        values["hours"] = parse_values(faults, _FORM, "hours", _strip_words(fields["hours"]), parse_hours)
    if fields.get("brightness"):
        words = _strip_words(fields["brightness"])
        values["brightness"] = parse_values(faults, _FORM, "brightness", words, parse_brightness)
    for key, name in (("group", "groups"), ("tag", "tags")):
        if fields.get(key):
            values[name] = _strip_words(fields[key])
    if faults:
        raise Refused(faults)
    return lambda screen: _apply_label_changes(replace(screen, **values), fields)


def _apply_label_changes(screen: Screen, fields: Mapping[str, Any]) -> Screen:
    def change_labels(labels: tuple[str, ...], key: str) -> tuple[str, ...]:
        added, removed = fields.get(f"add_{key}") or (), fields.get(f"drop_{key}") or ()
        return tuple(label for label in dict.fromkeys((*labels, *added)) if label not in removed)

    return replace(screen, groups=change_labels(screen.groups, "group"), tags=change_labels(screen.tags, "tag"))


def _strip_words(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value.strip() for value in values if value.strip()))
