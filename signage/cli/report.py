"""``signage report``: a campaign's summary, in the format of the file's ending."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from signage.cli.context import the_actor
from signage.cli.ground import ground

if TYPE_CHECKING:
    from signage.messages import Language
    from signage.model.campaign import Campaign
    from signage.schedule.analysis.simulate import ScreenPaper


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
    from signage.cli.unfit import complain
    from signage.evidence.reports.text import wording
    from signage.evidence.reports.write import known_ending
    from signage.schedule.analysis.simulate import simulate
    from signage.services.evidence.reports import make_report

    known_ending(path)
    here = ground(rehearse=campaign_id)

    def papers(campaign: "Campaign", begin: datetime, end: datetime) -> "Iterable[ScreenPaper]":
        return simulate(here.installation, campaign, begin, end, here.loops)

    made = make_report(here.office, the_actor(), campaign_id, path, papers, language)
    total = made.total
    if made.empty:
        click.echo(wording(language).EMPTY)
    click.echo(f"{path}: {total.proven} of {total.planned} plays, checkpoint key {', '.join(made.signed.keys)}")
    complain(made.unfit)
