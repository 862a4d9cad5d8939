"""Creates campaign reports, as values and as files."""

import tempfile
from collections import Counter
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
    app: AppContext,
    actor: Actor,
    campaign_id: str,
    path: Path,
    forecast_provider: ForecastProvider,
    language: Language = "zh",
) -> CampaignReport:
    """Write the report of a campaign to *path* in the format of its extension; the audit log records it.

    Raises Refused: unknown campaign or format, file not writable, permission missing.
    """
    check_ending(path)
    with app.transaction(actor, REPORT_VERB, campaign_id, file=path.name) as tx:
        campaign = get_newest_campaign(tx.connection, campaign_id)
        tx.add_details(unit=campaign.unit)
    report = build_report(app, campaign, forecast_provider)
    write_report(report, path, language)
    return report


def get_report(app: AppContext, campaign_id: str, forecast_provider: ForecastProvider) -> CampaignReport:
    """Return the report of a campaign's newest version as of now. Raises Refused for an unknown campaign."""
    with app.store.read() as connection:
        campaign = get_newest_campaign(connection, campaign_id)
    return build_report(app, campaign, forecast_provider)


def get_thumbnail(app: AppContext, sha256: str) -> bytes | None:
    """Return a thumbnail (PNG) of a rendition; None where it does not exist or cannot be drawn."""
    source = create_rendition_lookup(app)(sha256)
    if source is None:
        return None
    with tempfile.TemporaryDirectory(prefix="signage-picture-") as folder:
        target = Path(folder) / "thumbnail.png"
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
    """Return the newest version of a campaign. Raises Refused for an unknown campaign."""
    return require_newest_version(connection, campaign_id, "CAMPAIGN")[1].campaign


class _ItemPictures:
    """The path of a picture of each item, from published playlists of at most MAX_DOCUMENTS screens."""

    def __init__(
        self, app: AppContext, connection: Connection, campaign: Campaign, screens_by_id: dict[str, Screen]
    ) -> None:
        self._find_rendition = create_rendition_lookup(app)
        self._paths: dict[str, Path] = {}
        screens_by_kind: Counter[str] = Counter()
        for screen_id, screen in screens_by_id.items():
            if screens_by_kind[screen.kind] * 4 < MAX_DOCUMENTS:
                screens_by_kind[screen.kind] += 1
                self._collect_from_playlist(connection, screen_id, campaign)

    def find_path(self, item: str) -> Path | None:
        """Return the path of a picture of *item*."""
        return self._paths.get(item)

    def _collect_from_playlist(self, connection: Connection, screen_id: str, campaign: Campaign) -> None:
        for row in playlists.list_playlists_between(connection, screen_id, campaign.starts_at, campaign.ends_at)[-1:]:
            content = find_published_document(connection, screen_id, row.serial)
            items = {} if content is None else decode_playlist(content).items
            for name, item in items.items():
                if name.startswith(f"{campaign.id}/") and name not in self._paths:
                    media = sorted(item.media, key=lambda medium: not medium.type.startswith("image/"))
                    path = next(filter(None, (self._find_rendition(medium.sha256) for medium in media)), None)
                    if path is not None:
                        self._paths[name] = path
