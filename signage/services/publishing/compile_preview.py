"""A screen's document as it would be compiled at an instant, without publishing it."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from signage.faults import refuse
from signage.model.screen import Screen
from signage.publish import document
from signage.publish.compile import compile_body
from signage.publish.group_compiler import Contents
from signage.publish.load_snapshot import Rules, load
from signage.schedule.programs import Loops
from signage.schedule.resolve import poll_seconds
from signage.schedule.rotation.loop import rotate
from signage.schedule.snapshot import Installation
from signage.services.context import Office
from signage.store import playlists
from signage.store.screens import screens


class Compiler:
    """Documents on demand: everything is read once. *contents_of* gives items with their media."""

    def __init__(self, office: Office, rules: Rules, contents_of: Callable[[Installation], Contents]) -> None:
        self._office = office
        with office.store.read() as connection:
            self.installation = load(connection, rules).installation
            self.screens = {kept.screen.id: kept.screen for kept in screens.every(connection)}
            self._serials = {one.screen: one.serial for one in playlists.newest(connection)}
        self._contents = contents_of(self.installation)
        self._loops: dict[str, Loops] = {}

    def screen(self, screen_id: str) -> Screen:
        """The screen of that id. Raises Refused where there is none."""
        found = self.screens.get(screen_id)
        if found is None:
            raise refuse("screen-unknown", screen_id, screen=screen_id)
        return found

    def document(self, screen_id: str, at: datetime) -> bytes:
        """The document of a screen as issued at *at*, under the serial that it has (1 where it has none)."""
        screen = self.screen(screen_id)
        zone = ZoneInfo(screen.timezone)
        panel = self._office.panels[screen.panel]
        if panel.id not in self._loops:
            lengths = self._contents.lengths(panel)
            self._loops[panel.id] = Loops(rotate, self.installation.settings.max_loop_ms, lengths)
        issued_at = at.replace(microsecond=0)
        body = compile_body(
            self.installation,
            screen,
            panel,
            issued_at.astimezone(zone).date(),
            self._loops[panel.id],
            lambda name: self._contents.item(name, panel),
        )
        head = document.head(screen_id, self._serials.get(screen_id, 1), issued_at, zone)
        return document.join(head, document.tail(body, issued_at, poll_seconds(self.installation, screen, at)))
