"""What campaigns plan, on paper: for reports, whoever asks for them."""

from collections.abc import Iterable
from datetime import datetime

from signage.library.paper import OnPaper
from signage.library.service import Library
from signage.model.campaign import Campaign
from signage.publish.load_snapshot import Rules, load_whole
from signage.schedule.analysis.simulate import ScreenPaper, simulate
from signage.schedule.programs import Loops
from signage.schedule.rotation.loop import rotate
from signage.services.context import Office
from signage.services.evidence.reports import Papers


def papers_of(office: Office, rules: Rules, library: Library) -> Papers:
    """Simulates a campaign over its screens as everything stands when it is asked."""

    def papers(campaign: Campaign, begin: datetime, end: datetime) -> Iterable[ScreenPaper]:
        with office.store.read() as connection:
            installation = load_whole(connection, rules)
        contents = OnPaper(library.catalogue, installation)
        known: dict[str, Loops] = {}

        def loops(panel_id: str) -> Loops:
            if panel_id not in known:
                lengths = contents.lengths(office.panels[panel_id])
                known[panel_id] = Loops(rotate, installation.settings.max_loop_ms, lengths)
            return known[panel_id]

        return simulate(installation, campaign, begin, end, loops)

    return papers
