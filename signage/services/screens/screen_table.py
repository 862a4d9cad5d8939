"""Questions about screens: rows for lists, on a terminal and in JSON."""

from collections.abc import Sequence
from dataclasses import dataclass

from signage.model.screen import Screen, format_sun_time
from signage.services.context import AppContext
from signage.services.selectors import select_screens
from signage.store.screens import heartbeats, screens
from signage.store.screens.heartbeats import HeartbeatRow
from signage.store.screens.screens import ScreenRow

COLUMN_HEADINGS = ("NAME", "SCREEN", "KIND", "PANEL", "GROUPS", "TAGS", "UNIT", "ZONE", "SEEN", "STATE")


@dataclass(frozen=True, slots=True)
class ScreenListEntry:
    """A screen with what is known of it."""

    row: ScreenRow
    contact: HeartbeatRow | None

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
        return "known" if self.contact and self.contact.seen_at else "never seen"


def list_screens(context: AppContext, selectors: Sequence[str] = ()) -> list[ScreenListEntry]:
    """All screens by id, or those that *selectors* name. Raises Refused when one names nothing."""
    with context.store.read() as connection:
        kept = list(screens.iter_screens(connection))
        if selectors:
            wanted = {screen.id for screen in select_screens([one.screen for one in kept], selectors)}
            kept = [one for one in kept if one.screen.id in wanted]
        heard = heartbeats.get_heartbeats(connection)
    return [ScreenListEntry(one, heard.get(one.screen.id)) for one in kept]


def format_cells(row: ScreenListEntry) -> tuple[object, ...]:
    """The cells under :data:`HEADS`."""
    screen, contact = row.screen, row.contact
    at = contact.seen_at if contact else None
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
        *(screen.timezone, at and at.isoformat(timespec="seconds"), row.state),
    )


def to_json(row: ScreenListEntry) -> dict[str, object]:
    """The same for programs."""
    screen, contact = row.screen, row.contact
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
        "hours": [{"from": format_sun_time(h.from_), "until": format_sun_time(h.until)} for h in screen.hours],
        "brightness": [{"from": format_sun_time(b.from_), "percent": b.percent} for b in screen.brightness],
        "state": row.state,
        "seen_at": contact.seen_at if contact else None,
        "serial": contact.serial if contact else None,
    }
