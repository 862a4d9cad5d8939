"""Reports: a campaign's summary made, and its delivery kept."""

import tempfile
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

from signage.evidence.bundle.play_parts import thumbnail
from signage.evidence.reports.build import gather
from signage.evidence.reports.report import Report
from signage.evidence.reports.write import known_ending, write
from signage.faults import refuse
from signage.messages import Language
from signage.model.campaign import Campaign
from signage.model.screen import Screen
from signage.model.users import Actor
from signage.protocol.playlist import decode
from signage.schedule.analysis.simulate import ScreenPaper
from signage.services.context import Office
from signage.services.evidence.bundle_export import pictures
from signage.services.evidence.plays import evidence, published
from signage.store import playlists
from signage.store.campaigns import campaigns
from signage.store.engine import Connection
from signage.store.screens import screens

VERB = "report.make"
MOST_DOCUMENTS = 40

Papers = Callable[[Campaign, datetime, datetime], Iterable[ScreenPaper]]
"""The campaign as planned between two instants, on each of its screens."""


def make_report(
    office: Office, actor: Actor, campaign_id: str, path: Path, papers: Papers, language: Language = "zh"
) -> Report:
    """Write the summary of a campaign into *path*, in the format of its ending; that it was made is logged.

    Raises Refused: no such campaign, no such format, the file cannot be written, duty missing.
    """
    known_ending(path)
    with office.act(actor, VERB, campaign_id, file=path.name) as tx:
        campaign = newest(tx.connection, campaign_id)
        tx.note(unit=campaign.unit)
    report = report_of(office, campaign, papers)
    write(report, path, language)
    return report


def look(office: Office, campaign_id: str, papers: Papers) -> Report:
    """The summary of a campaign's newest version as values, as of now. Raises Refused where there is no campaign."""
    with office.store.read() as connection:
        campaign = newest(connection, campaign_id)
    return report_of(office, campaign, papers)


def picture(office: Office, sha256: str) -> bytes | None:
    """A small picture (PNG) of a rendition, as reports show it; None where it is not kept."""
    source = pictures(office)(sha256)
    if source is None:
        return None
    with tempfile.TemporaryDirectory(prefix="signage-picture-") as work:
        target = Path(work) / "small.png"
        return target.read_bytes() if thumbnail(source, target) else None


def report_of(office: Office, campaign: Campaign, papers: Papers) -> Report:
    """The summary as values, as of now."""
    now = min(office.clock.now(), campaign.ends_at)
    planned = papers(campaign, campaign.starts_at, now) if now > campaign.starts_at else ()
    with office.store.read() as connection:
        there = {kept.screen.id: kept.screen for kept in screens.every(connection)}
        find = _Pictures(office, connection, campaign, there)
        told = evidence(office, connection)
        return gather(office.store, office.clock, told, campaign, planned, there, find.of)


def newest(connection: Connection, campaign_id: str) -> Campaign:
    """The newest version of a campaign. Raises Refused where there is none of that id."""
    kept = campaigns.get(connection, campaign_id)
    version = kept and campaigns.version(connection, campaign_id, kept.current)
    if not version:
        raise refuse("campaign-unknown", "CAMPAIGN", id=campaign_id)
    return version.campaign


class _Pictures:
    """A picture of each item, from the documents that were published."""

    def __init__(self, office: Office, connection: Connection, campaign: Campaign, screens_: dict[str, Screen]) -> None:
        self._file = pictures(office)
        self._found: dict[str, Path] = {}
        kinds: dict[str, int] = {}
        for name, screen in screens_.items():
            if kinds.setdefault(screen.kind, 0) * 4 < MOST_DOCUMENTS:
                kinds[screen.kind] += 1
                self._look(connection, name, campaign)

    def of(self, item: str) -> Path | None:
        """The file of a picture of *item*."""
        return self._found.get(item)

    def _look(self, connection: Connection, screen: str, campaign: Campaign) -> None:
        for one in playlists.between(connection, screen, campaign.starts_at, campaign.ends_at)[-1:]:
            content = published(connection, screen, one.serial)
            if content is None:
                continue
            for name, item in decode(content).items.items():
                if name.startswith(f"{campaign.id}/") and name not in self._found:
                    for medium in sorted(item.media, key=lambda m: not m.type.startswith("image/")):
                        path = self._file(medium.sha256)
                        if path is not None:
                            self._found[name] = path
                            break
