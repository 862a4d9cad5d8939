"""The configuration and the office as commands open them, once a run."""

import getpass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from signage.cli.lazy_group import GlobalOptions
from signage.model.users import Actor, make_cli_actor

if TYPE_CHECKING:
    from signage.config import Config
    from signage.library.service import Library
    from signage.services.context import AppContext


def get_config_path() -> Path:
    """The file that ``--config`` names."""
    context = click.get_current_context()
    return context.ensure_object(GlobalOptions).config


def get_config() -> "Config":
    """The configuration. Raises Refused with all that is wrong with it."""
    return _load_config(get_config_path())


@cache
def _load_config(path: Path) -> "Config":
    from signage.config import load_config

    return load_config(path)


def get_app_context() -> "AppContext":
    """The office over its state folder, which is made and brought up to date where needed."""
    from signage.services.bootstrap import open_app_context

    return open_app_context(get_config())


def get_library() -> "Library":
    """The library of the installation."""
    from signage.library.service import Library

    return Library.from_settings(get_config())


def get_synced_app_context() -> "AppContext":
    """The office with the campaign files as they lie now.

    A running server watches them; where none runs they are taken over here first, and what is wrong with them is told.
    """
    from signage.cli.errors import print_faults
    from signage.services.bootstrap import open_app_context
    from signage.services.campaigns.folder_watch import scan_folder_if_unwatched

    library = get_library()
    office = open_app_context(get_config(), library=library)
    try:
        for outcome in scan_folder_if_unwatched(office):
            print_faults(outcome.faults)
    finally:
        library.sandbox.close()
    return office


def get_actor() -> Actor:
    """Whoever sits at this command line: may write the state folder, and so may do everything."""
    try:
        return make_cli_actor(getpass.getuser())
    except (OSError, KeyError):
        return make_cli_actor("unknown")


def get_server_zone(office: "AppContext") -> ZoneInfo:
    """The server's timezone."""
    return ZoneInfo(office.timezone)
