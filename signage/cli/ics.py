"""``signage ics``: export a campaign's window and dayparts for calendars."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from signage.cli.context import get_app_context, get_config
from signage.model.ids import is_id

if TYPE_CHECKING:
    from signage.config import Config
    from signage.model.campaign import Campaign


@click.command("ics", help="Export a campaign's window and dayparts as iCalendar.")
@click.argument("campaign", metavar="CAMPAIGN")
@click.option("-o", "output", metavar="FILE", type=click.Path(path_type=Path), help="Output file (default: stdout).")
def ics(campaign: str, output: Path | None) -> None:
    from signage.schedule.analysis.ical import format_campaign_ical

    config = get_config()
    data = format_campaign_ical(_get_campaign(config, campaign), config.calendars)
    if output is not None:
        output.write_bytes(data)
    else:
        sys.stdout.buffer.write(data)


def _get_campaign(config: "Config", name: str) -> "Campaign":
    """Return the campaign with this id: from its file, else from the console."""
    from signage.model.campaign_file.read import read_campaign
    from signage.services.bootstrap import DATABASE_FILE
    from signage.services.campaigns.queries import campaign_unknown
    from signage.store.campaigns.campaigns import list_approved_campaigns

    file = config.campaign_folder / f"{name}.toml"
    if is_id(name) and file.is_file():
        return read_campaign(file, file.read_bytes())
    if config.storage.database or (config.state / DATABASE_FILE).exists():
        with get_app_context().store.read() as connection:
            for approved in list_approved_campaigns(connection):
                if approved.id == name:
                    return approved
    raise campaign_unknown(name, "CAMPAIGN")
