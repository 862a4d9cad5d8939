"""Open the configuration, the application context and the schedule for commands."""

import getpass
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from signage.cli.lazy_group import GlobalOptions
from signage.faults import refuse
from signage.model.users import Actor, make_cli_actor

if TYPE_CHECKING:
    from signage.config import Config
    from signage.library.item_resolver import ItemResolver
    from signage.library.service import Library
    from signage.model.campaign import Campaign
    from signage.model.panel import Panel
    from signage.model.screen import Screen
    from signage.publish.load_snapshot import ScheduleRules
    from signage.schedule.rotation.rotation_cache import RotationCache, RotationsByPanel
    from signage.schedule.snapshot import ScheduleSnapshot
    from signage.services.context import AppContext


def get_config_path() -> Path:
    """Return the path that ``--config`` gives."""
    context = click.get_current_context()
    return context.ensure_object(GlobalOptions).config


def get_config() -> "Config":
    """Load the configuration, once per process. Raises Refused with all its faults."""
    return _load_config(get_config_path())


@cache
def _load_config(path: Path) -> "Config":
    from signage.config import load_config

    return load_config(path)


def get_app_context() -> "AppContext":
    """Open the application context; the state folder is created and the database migrated where needed."""
    from signage.services.bootstrap import open_app_context

    return open_app_context(get_config())


def get_library() -> "Library":
    """Open the media library of the installation."""
    from signage.library.service import Library

    return Library.from_settings(get_config())


def get_synced_app_context() -> "AppContext":
    """Open the application context after an import of the campaign folder.

    A running server watches the folder. Without one the files are imported here, and their faults are printed.
    """
    from signage.cli.errors import print_faults
    from signage.services.bootstrap import open_app_context
    from signage.services.campaigns.folder_watch import scan_folder_if_unwatched

    library = get_library()
    app_context = open_app_context(get_config(), library=library)
    try:
        for outcome in scan_folder_if_unwatched(app_context):
            print_faults(outcome.faults)
    finally:
        library.sandbox.close()
    return app_context


def get_actor() -> Actor:
    """Return the system user as an actor with every permission: they can write the state folder anyway."""
    try:
        return make_cli_actor(getpass.getuser())
    except (OSError, KeyError):
        return make_cli_actor("unknown")


def get_server_zone(app_context: "AppContext") -> ZoneInfo:
    """Return the server's time zone."""
    return ZoneInfo(app_context.timezone)


@dataclass(frozen=True, slots=True)
class CliContext:
    """The opened installation: configuration, application context, library and schedule rules."""

    config: "Config"
    app_context: "AppContext"
    library: "Library"
    rules: "ScheduleRules"

    def load_snapshot(self) -> "ScheduleSnapshot":
        """Load the schedule's input for all screens and any date."""
        from signage.publish.load_snapshot import load_full_snapshot

        with self.app_context.store.read() as connection:
            return load_full_snapshot(connection, self.rules)


def open_cli_context() -> CliContext:
    """Open the installation after an import of the campaign folder."""
    from signage.publish.load_snapshot import ScheduleRules

    config = get_config()
    app_context = get_synced_app_context()
    return CliContext(config, app_context, get_library(), ScheduleRules(config.schedule_settings, config.calendars))


@dataclass(slots=True)
class ScheduleContext:
    """A schedule snapshot, the lengths of its items and the rotations of each panel, computed once."""

    app_context: "AppContext"
    snapshot: "ScheduleSnapshot"
    item_resolver: "ItemResolver"
    _rotations: "RotationsByPanel | None" = field(default=None)

    def get_screen(self, screen_id: str) -> "Screen":
        """Return the screen with this id. Raises Refused if there is none."""
        screen = next((screen for screen in self.snapshot.screens if screen.id == screen_id), None)
        if screen is None:
            raise refuse("screen-unknown", "SCREEN", screen=screen_id)
        return screen

    def get_panel(self, panel_id: str) -> "Panel":
        """Return the panel with this id. Raises Refused if the configuration no longer has it."""
        if panel_id not in self.app_context.panels:
            raise refuse("panel-unknown", "panel", panel=panel_id, known=", ".join(sorted(self.app_context.panels)))
        return self.app_context.panels[panel_id]

    def get_rotations(self, panel_id: str) -> "RotationCache":
        """Return the rotations of screens with this panel."""
        from signage.schedule.rotation.rotation_cache import RotationsByPanel

        if self._rotations is None:
            self._rotations = RotationsByPanel(
                self.app_context.panels, self.item_resolver.get_lengths, self.snapshot.settings.max_loop_ms
            )
        return self._rotations.get_cache(self.get_panel(panel_id).id)


def open_schedule_context(simulated_campaign: str | None = None) -> ScheduleContext:
    """Open the current schedule; renditions that do not exist yet get their expected length.

    With *simulated_campaign* its newest version counts as approved. Raises Refused if there is no such campaign.
    """
    from signage.schedule.analysis.simulate import assume_approved

    context = open_cli_context()
    snapshot = context.load_snapshot()
    if simulated_campaign is not None:
        snapshot = assume_approved(snapshot, _get_newest_campaign(context.app_context, simulated_campaign))
    return ScheduleContext(context.app_context, snapshot, context.library.create_forecast_resolver(snapshot))


def _get_newest_campaign(app_context: "AppContext", campaign_id: str) -> "Campaign":
    from signage.services.campaigns.queries import require_newest_version

    with app_context.store.read() as connection:
        return require_newest_version(connection, campaign_id, "CAMPAIGN")[1].campaign
