"""Compiles the playlist of a screen at an instant without publishing it."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from signage.faults import refuse
from signage.model.screen import Screen
from signage.publish import document
from signage.publish.compile import compile_body
from signage.publish.group_compiler import ItemSource
from signage.publish.load_snapshot import ScheduleRules, load_current_snapshot
from signage.schedule.rotation.rotation_cache import RotationsByPanel
from signage.schedule.snapshot import ScheduleSnapshot
from signage.schedule.takeovers import get_poll_seconds
from signage.services.context import AppContext
from signage.store import playlists
from signage.store.screens import screens


class PreviewCompiler:
    """Compiles playlists on demand; everything is read from the store once."""

    def __init__(
        self, context: AppContext, rules: ScheduleRules, create_resolver: Callable[[ScheduleSnapshot], ItemSource]
    ) -> None:
        self._app_context = context
        with context.store.read() as connection:
            self.snapshot = load_current_snapshot(connection, rules).snapshot
            self.screens = {row.screen.id: row.screen for row in screens.iter_screens(connection)}
            self._serials = {row.screen: row.serial for row in playlists.iter_current_playlists(connection)}
        self._item_resolver = create_resolver(self.snapshot)
        self._rotations = RotationsByPanel(
            context.panels, self._item_resolver.get_lengths, self.snapshot.settings.max_loop_ms
        )

    def get_screen(self, screen_id: str) -> Screen:
        """Return a screen. Raises Refused: it does not exist."""
        screen = self.screens.get(screen_id)
        if screen is None:
            raise refuse("screen-unknown", screen_id, screen=screen_id)
        return screen

    def request_missing_media(self) -> None:
        """Request the renditions that the playlists compiled so far lacked."""
        self._item_resolver.request_missing()

    def compile_document(self, screen_id: str, at: datetime) -> bytes:
        """Return the playlist of a screen as issued at *at*, with its current serial (1 where it has none)."""
        screen = self.get_screen(screen_id)
        zone = ZoneInfo(screen.timezone)
        panel = self._app_context.panels[screen.panel]
        issued_at = at.replace(microsecond=0)
        body = compile_body(
            self.snapshot,
            screen,
            panel,
            issued_at.astimezone(zone).date(),
            self._rotations.get_cache(panel.id),
            lambda name: self._item_resolver.get_item(name, panel),
        )
        header = document.encode_header(screen_id, self._serials.get(screen_id, 1), issued_at, zone)
        return document.join(
            header, document.encode_shared_body(body, issued_at, get_poll_seconds(self.snapshot, screen, at))
        )
