"""The configuration and the office as commands open them, once a run."""

import getpass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from signage.cli.lazy_group import Invocation
from signage.model.users import Actor, owner

if TYPE_CHECKING:
    from signage.config import Config
    from signage.library.service import Library
    from signage.services.context import Office


def config_path() -> Path:
    """The file that ``--config`` names."""
    context = click.get_current_context()
    return context.ensure_object(Invocation).config


def the_config() -> "Config":
    """The configuration. Raises Refused with all that is wrong with it."""
    return _config(config_path())


@cache
def _config(path: Path) -> "Config":
    from signage.config import load

    return load(path)


def the_office() -> "Office":
    """The office over its state folder, which is made and brought up to date where needed."""
    from signage.services.bootstrap import open_office

    return open_office(the_config())


def the_library() -> "Library":
    """The library of the installation."""
    from signage.library.service import Library

    return Library.of(the_config())


def the_current_office() -> "Office":
    """The office with the campaign files as they lie now.

    A running server watches them; where none runs they are taken over here first, and what is wrong with them is told.
    """
    from signage.cli.errors import tell
    from signage.services.bootstrap import open_office
    from signage.services.campaigns.folder_watch import catch_up

    library = the_library()
    office = open_office(the_config(), clips=library.clips)
    try:
        for outcome in catch_up(office):
            tell(outcome.faults)
    finally:
        library.jail.close()
    return office


def the_actor() -> Actor:
    """Whoever sits at this command line: may write the state folder, and so may do everything."""
    try:
        return owner(getpass.getuser())
    except (OSError, KeyError):
        return owner("unknown")


def server_zone(office: "Office") -> ZoneInfo:
    """The server's timezone."""
    return ZoneInfo(office.timezone)
