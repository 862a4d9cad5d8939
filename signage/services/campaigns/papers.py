"""What campaigns plan, on paper: for reports, whoever asks for them."""

from collections.abc import Iterable
from datetime import datetime

from signage.library.service import Library
from signage.model.campaign import Campaign
from signage.publish.load_snapshot import ScheduleRules, load_full_snapshot
from signage.schedule.analysis.simulate import ScreenForecast, simulate
from signage.schedule.rotation.rotation_cache import RotationsByPanel
from signage.services.context import AppContext
from signage.services.evidence.reports import ForecastProvider


def create_forecast_provider(office: AppContext, rules: ScheduleRules, library: Library) -> ForecastProvider:
    """Simulates a campaign over its screens as everything stands when it is asked."""

    def papers(campaign: Campaign, begin: datetime, end: datetime) -> Iterable[ScreenForecast]:
        with office.store.read() as connection:
            installation = load_full_snapshot(connection, rules)
        contents = library.create_forecast_resolver(installation)
        rotations = RotationsByPanel(office.panels, contents.get_lengths, installation.settings.max_loop_ms)
        return simulate(installation, campaign, begin, end, rotations.get_cache)

    return papers
