"""The table of screens for the command line, as text and as JSON."""

from collections.abc import Sequence
from dataclasses import dataclass

from signage.model.screen import Screen, format_sun_time
from signage.services.context import AppContext
from signage.services.selector_input import select_screens
from signage.store.screens import heartbeats, screens
from signage.store.screens.heartbeats import HeartbeatRow
from signage.store.screens.screens import ScreenRow

COLUMN_HEADINGS = ("NAME", "SCREEN", "KIND", "PANEL", "GROUPS", "TAGS", "UNIT", "ZONE", "SEEN", "STATE")


@dataclass(frozen=True, slots=True)
class ScreenListEntry:
    """A screen with its last heartbeat."""

    row: ScreenRow
    heartbeat: HeartbeatRow | None

    @property
    def screen(self) -> Screen:
        return self.row.screen

    @property
    def state(self) -> str:
        """``revoked``, ``no token``, ``never seen`` or ``known``."""
        if self.row.revoked_at is not None:
            return "revoked"
        if self.row.token_hash is None:
            return "no token"
        return "known" if self.heartbeat and self.heartbeat.seen_at else "never seen"


def list_screens(context: AppContext, selectors: Sequence[str] = ()) -> list[ScreenListEntry]:
    """List all screens by id, or those that *selectors* match. Raises Refused: a selector matches nothing."""
    with context.store.read() as connection:
        rows = list(screens.iter_screens(connection))
        if selectors:
            known = [row.screen for row in rows]
            selected = {screen.id for screen in select_screens(known, selectors, context.kind_labels)}
            rows = [row for row in rows if row.screen.id in selected]
        heartbeat_by_id = heartbeats.get_heartbeats(connection)
    return [ScreenListEntry(row, heartbeat_by_id.get(row.screen.id)) for row in rows]


def format_cells(entry: ScreenListEntry) -> tuple[object, ...]:
    """Return the cells of a row under :data:`COLUMN_HEADINGS`."""
    screen, heartbeat = entry.screen, entry.heartbeat
    at = heartbeat.seen_at if heartbeat else None
    return (
        *(
            screen.name,
            screen.id,
            screen.kind,
            screen.panel,
            ";".join(screen.groups),
            ";".join(screen.tags),
            screen.unit,
        ),
        *(screen.timezone, at and at.isoformat(timespec="seconds"), entry.state),
    )


def to_json(entry: ScreenListEntry) -> dict[str, object]:
    """Return a row as JSON."""
    screen, heartbeat = entry.screen, entry.heartbeat
    return {
        "screen": screen.id,
        "name": screen.name,
        "address": screen.address,
        "kind": screen.kind,
        "panel": screen.panel,
        "groups": screen.groups,
        "tags": screen.tags,
        "unit": screen.unit,
        "timezone": screen.timezone,
        "default": screen.default_campaign,
        "position": screen.position,
        "hours": [
            {"from": format_sun_time(hours.from_), "until": format_sun_time(hours.until)} for hours in screen.hours
        ],
        "brightness": [{"from": format_sun_time(step.from_), "percent": step.percent} for step in screen.brightness],
        "state": entry.state,
        "seen_at": heartbeat.seen_at if heartbeat else None,
        "serial": heartbeat.serial if heartbeat else None,
    }
