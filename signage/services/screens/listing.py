"""Questions about screens: rows for lists, on a terminal and in JSON."""

from collections.abc import Sequence
from dataclasses import dataclass

from signage.model.screen import Screen, show_sun_time
from signage.services.context import Office
from signage.services.selectors import named
from signage.store.screens import heartbeats as contacts
from signage.store.screens import screens
from signage.store.screens.heartbeats import Contact
from signage.store.screens.screens import Kept

HEADS = ("SCREEN", "KIND", "PANEL", "GROUPS", "TAGS", "UNIT", "ZONE", "SEEN", "STATE")


@dataclass(frozen=True, slots=True)
class Row:
    """A screen with what is known of it."""

    kept: Kept
    contact: Contact | None

    @property
    def screen(self) -> Screen:
        return self.kept.screen

    @property
    def state(self) -> str:
        """``revoked``, ``no token``, ``never seen`` or ``known``."""
        if self.kept.revoked_at is not None:
            return "revoked"
        if self.kept.token is None:
            return "no token"
        return "known" if self.contact and self.contact.seen_at else "never seen"


def rows(office: Office, selectors: Sequence[str] = ()) -> list[Row]:
    """All screens by id, or those that *selectors* name. Raises Refused when one names nothing."""
    with office.store.read() as connection:
        kept = list(screens.every(connection))
        if selectors:
            wanted = {screen.id for screen in named([one.screen for one in kept], selectors)}
            kept = [one for one in kept if one.screen.id in wanted]
        heard = contacts.get(connection)
    return [Row(one, heard.get(one.screen.id)) for one in kept]


def as_cells(row: Row) -> tuple[object, ...]:
    """The cells under :data:`HEADS`."""
    screen, contact = row.screen, row.contact
    at = contact.seen_at if contact else None
    return (
        *(screen.id, screen.kind, screen.panel, ";".join(screen.groups), ";".join(screen.tags), screen.unit),
        *(screen.timezone, at and at.isoformat(timespec="seconds"), row.state),
    )


def as_json(row: Row) -> dict[str, object]:
    """The same for programs."""
    screen, contact = row.screen, row.contact
    return {
        "screen": screen.id,
        "kind": screen.kind,
        "panel": screen.panel,
        "groups": screen.groups,
        "tags": screen.tags,
        "unit": screen.unit,
        "timezone": screen.timezone,
        "default": screen.default_campaign,
        "position": screen.position,
        "hours": [{"from": show_sun_time(h.from_), "until": show_sun_time(h.until)} for h in screen.hours],
        "brightness": [{"from": show_sun_time(b.from_), "percent": b.percent} for b in screen.brightness],
        "state": row.state,
        "seen_at": contact.seen_at if contact else None,
        "serial": contact.serial if contact else None,
    }
