"""``signage ics``: a campaign's window and dayparts for other calendars."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from signage.cli.context import the_config, the_office
from signage.faults import refuse
from signage.model.ids import is_id

if TYPE_CHECKING:
    from signage.config import Config
    from signage.model.campaign import Campaign


@click.command("ics", help="A campaign's window and dayparts as iCalendar, for other calendars.")
@click.argument("campaign", metavar="CAMPAIGN")
@click.option("-o", "output", metavar="FILE", type=click.Path(path_type=Path), help="Write there (default: stdout).")
def ics(campaign: str, output: Path | None) -> None:
    from signage.schedule.analysis.ical import campaign_calendar

    config = the_config()
    data = campaign_calendar(_campaign(config, campaign), config.calendars)
    if output is not None:
        output.write_bytes(data)
    else:
        sys.stdout.buffer.write(data)


def _campaign(config: "Config", name: str) -> "Campaign":
    """The campaign of that id: its file as it lies, else the one that was made in the console."""
    from signage.model.campaign_file.read import read
    from signage.services.bootstrap import DATABASE
    from signage.store.campaigns.campaigns import approved

    file = config.playlists / f"{name}.toml"
    if is_id(name) and file.is_file():
        return read(file, file.read_bytes())
    if config.storage.database or (config.state / DATABASE).exists():
        with the_office().store.read() as connection:
            for one in approved(connection):
                if one.id == name:
                    return one
    raise refuse("campaign-unknown", id=name)
