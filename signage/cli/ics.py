"""``signage ics``: a campaign's window and dayparts for other calendars."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from signage.cli.context import get_app_context, get_config
from signage.model.ids import is_id

if TYPE_CHECKING:
    from signage.config import Config
    from signage.model.campaign import Campaign


@click.command("ics", help="A campaign's window and dayparts as iCalendar, for other calendars.")
@click.argument("campaign", metavar="CAMPAIGN")
@click.option("-o", "output", metavar="FILE", type=click.Path(path_type=Path), help="Write there (default: stdout).")
def ics(campaign: str, output: Path | None) -> None:
    from signage.schedule.analysis.ical import format_campaign_ical

    config = get_config()
    data = format_campaign_ical(_get_campaign(config, campaign), config.calendars)
    if output is not None:
        output.write_bytes(data)
    else:
        sys.stdout.buffer.write(data)


def _get_campaign(config: "Config", name: str) -> "Campaign":
    """The campaign of that id: its file as it lies, else the one that was made in the console."""
    from signage.model.campaign_file.read import read_campaign
    from signage.services.bootstrap import DATABASE_FILE
    from signage.services.campaigns.queries import campaign_unknown
    from signage.store.campaigns.campaigns import list_approved_campaigns

    file = config.campaign_folder / f"{name}.toml"
    if is_id(name) and file.is_file():
        return read_campaign(file, file.read_bytes())
    if config.storage.database or (config.state / DATABASE_FILE).exists():
        with get_app_context().store.read() as connection:
            for one in list_approved_campaigns(connection):
                if one.id == name:
                    return one
    raise campaign_unknown(name, "CAMPAIGN")
