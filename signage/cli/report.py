"""``signage report``: a campaign's summary, in the format of the file's ending."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from signage.cli.context import get_actor, open_schedule_context

if TYPE_CHECKING:
    from signage.messages import Language
    from signage.model.campaign import Campaign
    from signage.schedule.analysis.simulate import ScreenForecast


@click.command("report", help="The summary of a campaign: what was planned, what is proven.")
@click.argument("campaign_id", metavar="CAMPAIGN")
@click.option(
    "-o",
    "--output",
    "path",
    metavar="FILE",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to, in the format of its ending: .docx, .xlsx, .pdf, .csv.",
)
@click.option("--lang", "language", type=click.Choice(["zh", "en"]), default="zh", help="The words of the report.")
def report(campaign_id: str, path: Path, language: "Language") -> None:
    from signage.cli.errors import report_archive_damage
    from signage.evidence.reports.text import get_report_text
    from signage.evidence.reports.write import check_ending
    from signage.schedule.analysis.simulate import simulate
    from signage.services.evidence.reports import create_report

    check_ending(path)
    here = open_schedule_context(simulated_campaign=campaign_id)

    def papers(campaign: "Campaign", begin: datetime, end: datetime) -> "Iterable[ScreenForecast]":
        return simulate(here.snapshot, campaign, begin, end, here.get_rotations)

    made = create_report(here.app_context, get_actor(), campaign_id, path, papers, language)
    total = made.total
    if made.is_empty:
        click.echo(get_report_text(language).empty_note)
    click.echo(f"{path}: {total.proven} of {total.planned} plays, checkpoint key {', '.join(made.checkpoint.keys)}")
    report_archive_damage(made.archive_damage)
