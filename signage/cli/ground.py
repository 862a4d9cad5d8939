"""What commands stand on that ask the schedule: all that decides what shows, and the lengths on each panel."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from signage.faults import refuse

if TYPE_CHECKING:
    from signage.library.item_resolver import ItemResolver
    from signage.model.campaign import Campaign
    from signage.model.panel import Panel
    from signage.model.screen import Screen
    from signage.schedule.rotation.rotation_cache import RotationCache, RotationsByPanel
    from signage.schedule.snapshot import ScheduleSnapshot
    from signage.services.context import AppContext


@dataclass(slots=True)
class ScheduleContext:
    """The installation as it stands, read once. Loops are worked out once a panel."""

    app_context: "AppContext"
    snapshot: "ScheduleSnapshot"
    item_resolver: "ItemResolver"
    _rotations: "RotationsByPanel | None" = field(default=None)

    def get_screen(self, screen_id: str) -> "Screen":
        """The screen of that id. Raises Refused."""
        found = next((screen for screen in self.snapshot.screens if screen.id == screen_id), None)
        if found is None:
            raise refuse("screen-unknown", "SCREEN", screen=screen_id)
        return found

    def get_panel(self, panel_id: str) -> "Panel":
        """The panel of that id. Raises Refused where the configuration no longer has it."""
        if panel_id not in self.app_context.panels:
            raise refuse("panel-unknown", "panel", panel=panel_id, known=", ".join(sorted(self.app_context.panels)))
        return self.app_context.panels[panel_id]

    def get_loops(self, panel_id: str) -> "RotationCache":
        """The loops of screens with that panel."""
        from signage.schedule.rotation.rotation_cache import RotationsByPanel

        if self._rotations is None:
            self._rotations = RotationsByPanel(
                self.app_context.panels, self.item_resolver.get_lengths, self.snapshot.settings.max_loop_ms
            )
        return self._rotations.get_cache(self.get_panel(panel_id).id)


def open_schedule_context(simulated_campaign: str | None = None) -> ScheduleContext:
    """The ground as it stands, clips that are not made yet included.

    *rehearse*: as if the newest version of that campaign were approved. Raises Refused where there is none.
    """
    from signage.cli.house import open_cli_context
    from signage.schedule.analysis.simulate import assume_approved

    house = open_cli_context()
    installation = house.load_snapshot()
    if simulated_campaign is not None:
        installation = assume_approved(installation, _get_newest_campaign(house.app_context, simulated_campaign))
    return ScheduleContext(house.app_context, installation, house.library.create_forecast_resolver(installation))


def _get_newest_campaign(office: "AppContext", campaign_id: str) -> "Campaign":
    from signage.services.campaigns.queries import require_newest_version

    with office.store.read() as connection:
        return require_newest_version(connection, campaign_id, "CAMPAIGN")[1].campaign
