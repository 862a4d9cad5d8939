"""The office with its library and its rules, as commands that ask about items open it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from signage.cli.context import the_config, the_current_office, the_library

if TYPE_CHECKING:
    from signage.config import Config
    from signage.library.item_resolver import Contents
    from signage.library.service import Library
    from signage.publish.load_snapshot import Rules
    from signage.schedule.snapshot import Installation
    from signage.services.context import Office


@dataclass(frozen=True, slots=True)
class House:
    """The configuration and what stands on it."""

    config: "Config"
    office: "Office"
    library: "Library"
    rules: "Rules"

    def installation(self) -> "Installation":
        """All that decides what shows, with the screens, for any date."""
        from signage.publish.load_snapshot import load_whole

        with self.office.store.read() as connection:
            return load_whole(connection, self.rules)

    def on_paper(self, installation: "Installation") -> "Contents":
        """What is known of the items of *installation*, clips that are not made yet included."""
        from signage.library.paper import OnPaper

        return OnPaper(self.library.catalogue, installation)


def the_house() -> House:
    """Everything open, with the campaign files as they lie now."""
    from signage.publish.load_snapshot import Rules

    config = the_config()
    office = the_current_office()
    return House(config, office, the_library(), Rules(config.schedule_settings, config.calendars))
