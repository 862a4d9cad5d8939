"""What commands stand on that ask the schedule: all that decides what shows, and the lengths on each panel."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from signage.faults import refuse

if TYPE_CHECKING:
    from signage.library.item_resolver import Contents
    from signage.model.campaign import Campaign
    from signage.model.panel import Panel
    from signage.model.screen import Screen
    from signage.schedule.programs import Loops
    from signage.schedule.snapshot import Installation
    from signage.services.context import Office


@dataclass(slots=True)
class Ground:
    """The installation as it stands, read once. Loops are worked out once a panel."""

    office: "Office"
    installation: "Installation"
    contents: "Contents"
    _loops: "dict[str, Loops]" = field(default_factory=dict)

    def screen(self, screen_id: str) -> "Screen":
        """The screen of that id. Raises Refused."""
        found = next((screen for screen in self.installation.screens if screen.id == screen_id), None)
        if found is None:
            raise refuse("screen-unknown", "SCREEN", screen=screen_id)
        return found

    def panel(self, panel_id: str) -> "Panel":
        """The panel of that id. Raises Refused where the configuration no longer has it."""
        if panel_id not in self.office.panels:
            raise refuse("panel-unknown", "panel", panel=panel_id, known=", ".join(sorted(self.office.panels)))
        return self.office.panels[panel_id]

    def loops(self, panel_id: str) -> "Loops":
        """The loops of screens with that panel."""
        from signage.schedule.programs import Loops
        from signage.schedule.rotation.loop import rotate

        if panel_id not in self._loops:
            lengths = self.contents.lengths(self.panel(panel_id))
            self._loops[panel_id] = Loops(rotate, self.installation.settings.max_loop_ms, lengths)
        return self._loops[panel_id]


def ground(rehearse: str | None = None) -> Ground:
    """The ground as it stands, clips that are not made yet included.

    *rehearse*: as if the newest version of that campaign were approved. Raises Refused where there is none.
    """
    from signage.cli.house import the_house
    from signage.schedule.analysis.simulate import rehearsed

    house = the_house()
    installation = house.installation()
    if rehearse is not None:
        installation = rehearsed(installation, _newest(house.office, rehearse))
    return Ground(house.office, installation, house.on_paper(installation))


def _newest(office: "Office", campaign_id: str) -> "Campaign":
    from signage.store.campaigns import campaigns

    with office.store.read() as connection:
        kept = campaigns.get(connection, campaign_id)
        version = kept and campaigns.version(connection, campaign_id, kept.current)
    if not version:
        raise refuse("campaign-unknown", "CAMPAIGN", id=campaign_id)
    return version.campaign
