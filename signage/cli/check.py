"""``signage check``: whether the configuration and campaigns are sound."""

import errno
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from signage import messages
from signage.cli.context import get_config_path
from signage.cli.errors import format_fault, get_language
from signage.cli.output import json_option, print_json
from signage.faults import Fault, FaultLocation, Refused

if TYPE_CHECKING:
    from signage.config import Config
    from signage.services.campaigns.checks import CheckContext
    from signage.services.context import AppContext


@dataclass(frozen=True, slots=True)
class _CheckInputs:
    """What a campaign file is looked at beside."""

    config: "Config"
    app_context: "AppContext | None"
    check_context: "CheckContext"


@click.command("check", help="Whether config and campaigns are sound. Without FILE: all of them.")
@click.argument("files", metavar="[FILE]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--strict", is_flag=True, help="Warnings count as faults.")
@json_option
def check(files: tuple[Path, ...], strict: bool, as_json: bool) -> int:
    faults = tuple(_collect_faults(files))
    if as_json:
        print_json({"faults": [_to_json(fault) for fault in faults]})
    else:
        _print_faults(faults)
    return 1 if any(strict or fault.level == "error" for fault in faults) else 0


def _collect_faults(files: tuple[Path, ...]) -> Iterable[Fault]:
    """The configuration's faults, then those of each campaign file.

    Campaigns are looked at beside a broken configuration too, with what holds by default.
    """
    from signage.config import load_config, parse_config

    path = get_config_path()
    try:
        config = load_config(path)
    except Refused as refused:
        yield from refused.faults
        config = parse_config(path, "")
    try:
        office = _open_existing_app_context(config)
    except Refused as refused:
        yield from refused.faults
        office = None
    around = _build_check_context(config, office)
    found, missing = (files, None) if files else _list_campaign_files(config)
    if missing is not None:
        yield missing
    for file in found:
        if file.resolve() != path.resolve():
            yield from _check_campaign_file(_get_display_path(file, files), file, _CheckInputs(config, office, around))


def _list_campaign_files(config: "Config") -> tuple[tuple[Path, ...], Fault | None]:
    """The files of the folder of campaigns, or why it cannot be looked into: a server goes on with what it has."""
    from signage.services.campaigns.folder_watch import is_campaign_file

    try:
        return tuple(sorted(path for path in config.campaign_folder.iterdir() if is_campaign_file(path))), None
    except OSError as error:
        gone = isinstance(error, FileNotFoundError)
        code = "folder-missing" if gone else "folder-unreadable"
        facts = {"name": config.folder.path, "why": error.strerror or str(error)}
        place = FaultLocation(str(get_config_path()), None, "folder.path")
        return (), Fault("warning" if gone else "error", code, place, facts)


def _get_display_path(file: Path, named: tuple[Path, ...]) -> Path:
    """A file as the person named it; one that was found by looking, from where the person stands."""
    if named or not file.is_relative_to(Path.cwd()):
        return file
    return file.relative_to(Path.cwd())


def _check_campaign_file(name: Path, file: Path, site: _CheckInputs) -> Iterable[Fault]:
    from signage.model.campaign_file.partial_campaign import FileCheckContext
    from signage.model.campaign_file.read import check_campaign_file
    from signage.services.campaigns.checks import check_campaign
    from signage.services.campaigns.file_import import get_file_state
    from signage.services.campaigns.file_kinds import check_clip_files, create_kind_lookup

    try:
        data = _read_bytes(file)
    except OSError as error:
        code = "file-missing" if isinstance(error, FileNotFoundError) else "file-unreadable"
        return [
            Fault("error", code, FaultLocation(str(name)), {"name": str(name), "why": error.strerror or str(error)})
        ]
    context = FileCheckContext(
        lambda path: get_file_state(site.config.root, path),
        create_kind_lookup(site.config.root, site.app_context.store if site.app_context else None),
    )
    examined = check_campaign_file(name, data, context)
    more: tuple[Fault, ...] = ()
    if examined.campaign:
        found = [
            *check_clip_files(examined.campaign, site.config.root),
            *check_campaign(examined.campaign, site.check_context),
        ]
        more = examined.locate(found)
    return sorted((*examined.faults, *more), key=lambda fault: fault.location.line or 0)


def _read_bytes(file: Path) -> bytes:
    """The bytes of a file; a pipe or a device would be waited for without an end."""
    if file.exists() and not (file.is_file() or file.is_dir()):
        raise OSError(errno.EINVAL, "not a file")
    return file.read_bytes()


def _open_existing_app_context(config: "Config") -> "AppContext | None":
    """What is enrolled and uploaded already, where there is a state folder; looking at it makes none."""
    from signage.services.bootstrap import DATABASE_FILE, open_app_context

    if not config.storage.database and not (config.state / DATABASE_FILE).exists():
        return None
    return open_app_context(config)


def _build_check_context(config: "Config", office: "AppContext | None") -> "CheckContext":
    """Panels, calendars and settings of the configuration, and the screens that are enrolled."""
    from signage.services.campaigns.checks import CheckContext
    from signage.services.screens.screen_table import list_screens

    screens = tuple(row.screen for row in list_screens(office)) if office else ()
    return CheckContext(config.panels, config.calendars, screens, config.schedule_settings)


def _to_json(fault: Fault) -> dict[str, object]:
    spoken = get_language()
    return {
        "file": fault.location.file,
        "line": fault.location.line,
        "key": fault.location.key,
        "level": fault.level,
        "what": messages.render_fault(fault, spoken),
        "mend": messages.render_hint(fault, spoken),
    }


def _print_faults(faults: tuple[Fault, ...]) -> None:
    """Faults on stderr, a line each; a word on stdout when there are none."""
    for fault in faults:
        click.echo(format_fault(fault), err=True)
    if not faults:
        click.echo({"en": "All is sound.", "zh": "检查通过。"}[get_language()])
