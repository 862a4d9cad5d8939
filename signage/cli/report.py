"""``signage report``: write a campaign's report in the format of the file extension."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from signage.cli.context import get_actor, open_cli_context

if TYPE_CHECKING:
    from signage.messages import Language


@click.command("report", help="Write the report of a campaign: planned and proven plays.")
@click.argument("campaign_id", metavar="CAMPAIGN")
@click.option(
    "-o",
    "--output",
    "path",
    metavar="FILE",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Output file; its extension selects the format: .docx, .xlsx, .pdf, .csv.",
)
@click.option("--lang", "language", type=click.Choice(["zh", "en"]), default="zh", help="Language of the report.")
def report(campaign_id: str, path: Path, language: "Language") -> None:
    from signage.cli.errors import report_archive_damage
    from signage.evidence.reports.text import get_report_text
    from signage.evidence.reports.write import check_ending
    from signage.services.campaigns.simulation import create_forecast_provider
    from signage.services.evidence.reports import create_report

    check_ending(path)
    context = open_cli_context()
    forecast_provider = create_forecast_provider(context.app_context, context.rules, context.library)
    written = create_report(context.app_context, get_actor(), campaign_id, path, forecast_provider, language)
    total = written.total
    if written.is_empty:
        click.echo(get_report_text(language).empty_note)
    click.echo(f"{path}: {total.proven} of {total.planned} plays, checkpoint key {', '.join(written.checkpoint.keys)}")
    report_archive_damage(written.archive_damage)
