"""Reports: a campaign's summary made, and its delivery kept."""

import tempfile
from pathlib import Path

from signage.evidence.bundle.play_parts import create_thumbnail
from signage.evidence.reports.build import assemble_report
from signage.evidence.reports.report import CampaignReport
from signage.evidence.reports.write import check_ending, write_report
from signage.messages import Language
from signage.model.campaign import Campaign
from signage.model.screen import Screen
from signage.model.users import Actor
from signage.protocol.playlist import decode_playlist
from signage.services.campaigns.queries import require_newest_version
from signage.services.context import AppContext
from signage.services.evidence.bundle_export import create_rendition_lookup
from signage.services.evidence.planned_periods import ForecastProvider, list_planned_periods
from signage.services.evidence.plays import build_evidence, find_published_document
from signage.store import playlists
from signage.store.engine import Connection
from signage.store.screens import screens

REPORT_VERB = "report.make"
MAX_DOCUMENTS = 40


def create_report(
    office: AppContext, actor: Actor, campaign_id: str, path: Path, papers: ForecastProvider, language: Language = "zh"
) -> CampaignReport:
    """Write the summary of a campaign into *path*, in the format of its ending; that it was made is logged.

    Raises Refused: no such campaign, no such format, the file cannot be written, duty missing.
    """
    check_ending(path)
    with office.transaction(actor, REPORT_VERB, campaign_id, file=path.name) as tx:
        campaign = get_newest_campaign(tx.connection, campaign_id)
        tx.add_details(unit=campaign.unit)
    report = build_report(office, campaign, papers)
    write_report(report, path, language)
    return report


def get_report(office: AppContext, campaign_id: str, papers: ForecastProvider) -> CampaignReport:
    """The summary of a campaign's newest version as values, as of now. Raises Refused where there is no campaign."""
    with office.store.read() as connection:
        campaign = get_newest_campaign(connection, campaign_id)
    return build_report(office, campaign, papers)


def get_thumbnail(office: AppContext, sha256: str) -> bytes | None:
    """A small picture (PNG) of a rendition, as reports show it; None where it is not kept."""
    source = create_rendition_lookup(office)(sha256)
    if source is None:
        return None
    with tempfile.TemporaryDirectory(prefix="signage-picture-") as work:
        target = Path(work) / "small.png"
        return target.read_bytes() if create_thumbnail(source, target) else None


def build_report(app: AppContext, campaign: Campaign, forecast_provider: ForecastProvider) -> CampaignReport:
    """Build the report of a campaign as of now."""
    with app.store.read() as connection:
        periods = list_planned_periods(connection, campaign.id, app.clock.now())
    forecasts = forecast_provider(periods)
    with app.store.read() as connection:
        screens_by_id = {row.screen.id: row.screen for row in screens.iter_screens(connection)}
        pictures = _ItemPictures(app, connection, campaign, screens_by_id)
        return assemble_report(
            app.store,
            app.clock,
            build_evidence(app, connection),
            campaign,
            forecasts,
            screens_by_id,
            pictures.find_path,
            counted_from=min((period.begin for period in periods if period.begin < period.end), default=None),
        )


def get_newest_campaign(connection: Connection, campaign_id: str) -> Campaign:
    """The newest version of a campaign. Raises Refused where there is none of that id."""
    return require_newest_version(connection, campaign_id, "CAMPAIGN")[1].campaign


class _ItemPictures:
    """A picture of each item, from the documents that were published."""

    def __init__(
        self, office: AppContext, connection: Connection, campaign: Campaign, screens_: dict[str, Screen]
    ) -> None:
        self._find_file = create_rendition_lookup(office)
        self._paths: dict[str, Path] = {}
        kinds: dict[str, int] = {}
        for name, screen in screens_.items():
            if kinds.setdefault(screen.kind, 0) * 4 < MAX_DOCUMENTS:
                kinds[screen.kind] += 1
                self._collect_from_documents(connection, name, campaign)

    def find_path(self, item: str) -> Path | None:
        """The file of a picture of *item*."""
        return self._paths.get(item)

    def _collect_from_documents(self, connection: Connection, screen: str, campaign: Campaign) -> None:
        for one in playlists.list_playlists_between(connection, screen, campaign.starts_at, campaign.ends_at)[-1:]:
            content = find_published_document(connection, screen, one.serial)
            if content is None:
                continue
            for name, item in decode_playlist(content).items.items():
                if name.startswith(f"{campaign.id}/") and name not in self._paths:
                    for medium in sorted(item.media, key=lambda m: not m.type.startswith("image/")):
                        path = self._find_file(medium.sha256)
                        if path is not None:
                            self._paths[name] = path
                            break
