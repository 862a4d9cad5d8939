"""The configuration and the office as commands open them, once a run."""

import getpass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from signage.cli.group import Invocation
from signage.model.people import Actor, owner

if TYPE_CHECKING:
    from signage.acts.act import Office
    from signage.config import Config
    from signage.library.house import Library


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
    from signage.acts.opening import open_office

    return open_office(the_config())


def the_library() -> "Library":
    """The library of the installation."""
    from signage.library.house import Library

    return Library.of(the_config())


def the_current_office() -> "Office":
    """The office with the campaign files as they lie now.

    A running server watches them; where none runs they are taken over here first, and what is wrong with them is told.
    """
    from signage.acts.folder import catch_up
    from signage.acts.opening import open_office
    from signage.cli.ending import tell

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
