"""The office with its library and its rules, as commands that ask about items open it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from signage.cli.context import get_config, get_library, get_synced_app_context

if TYPE_CHECKING:
    from signage.config import Config
    from signage.library.service import Library
    from signage.publish.load_snapshot import ScheduleRules
    from signage.schedule.snapshot import ScheduleSnapshot
    from signage.services.context import AppContext


@dataclass(frozen=True, slots=True)
class CliContext:
    """The configuration and what stands on it."""

    config: "Config"
    app_context: "AppContext"
    library: "Library"
    rules: "ScheduleRules"

    def load_snapshot(self) -> "ScheduleSnapshot":
        """All that decides what shows, with the screens, for any date."""
        from signage.publish.load_snapshot import load_full_snapshot

        with self.app_context.store.read() as connection:
            return load_full_snapshot(connection, self.rules)


def open_cli_context() -> CliContext:
    """Everything open, with the campaign files as they lie now."""
    from signage.publish.load_snapshot import ScheduleRules

    config = get_config()
    office = get_synced_app_context()
    return CliContext(config, office, get_library(), ScheduleRules(config.schedule_settings, config.calendars))
