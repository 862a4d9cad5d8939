"""``signage check``: check the configuration and campaign files."""

import errno
from collections.abc import Iterable
from contextlib import closing
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
    from signage.services.campaigns.file_import import CampaignFileReader
    from signage.services.context import AppContext
    from signage.services.library.clip_probe import ProbedClips


@dataclass(frozen=True, slots=True)
class _CheckInputs:
    """Panels, screens and clips that a campaign file is checked against."""

    reader: "CampaignFileReader"
    clips: "ProbedClips"
    check_context: "CheckContext"


@click.command("check", help="Check the configuration and campaign files (default: all files).")
@click.argument("files", metavar="[FILE]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--strict", is_flag=True, help="Treat warnings as errors.")
@json_option
def check(files: tuple[Path, ...], strict: bool, as_json: bool) -> int:
    faults = tuple(_collect_faults(files))
    if as_json:
        print_json({"faults": [_to_json(fault) for fault in faults]})
    else:
        _print_faults(faults)
    return 1 if any(strict or fault.level == "error" for fault in faults) else 0


def _collect_faults(files: tuple[Path, ...]) -> Iterable[Fault]:
    """Return the faults of the configuration, then those of each campaign file.

    If the configuration is faulty, campaigns are checked with the defaults.
    """
    from signage.config import load_config, parse_config
    from signage.services.campaigns.file_import import CampaignFileReader
    from signage.services.consents.decision import describe_pending_decision
    from signage.services.library.clip_probe import ProbedClips

    path = get_config_path()
    try:
        config = load_config(path)
    except Refused as refused:
        yield from refused.faults
        config = parse_config(path, "")
    try:
        app_context = open_existing_app_context(config)
    except Refused as refused:
        yield from refused.faults
        app_context = None
    undecided = describe_pending_decision(app_context, str(path)) if app_context else None
    if undecided is not None:
        yield undecided
    check_context = build_check_context(config, app_context)
    campaign_files, folder_fault = (files, None) if files else _list_campaign_files(config)
    if folder_fault is not None:
        yield folder_fault
    with closing(ProbedClips(config, app_context.store if app_context else None)) as clips:
        inputs = _CheckInputs(CampaignFileReader(config.root, clips), clips, check_context)
        for file in campaign_files:
            if file.resolve() != path.resolve():
                yield from _check_campaign_file(_get_display_path(file, files), file, inputs)


def _list_campaign_files(config: "Config") -> tuple[tuple[Path, ...], Fault | None]:
    """List the files of the campaign folder; an unreadable folder gives a fault."""
    from signage.services.campaigns.folder_watch import is_campaign_file

    try:
        return tuple(sorted(path for path in config.campaign_folder.iterdir() if is_campaign_file(path))), None
    except OSError as error:
        is_missing = isinstance(error, FileNotFoundError)
        code = "folder-missing" if is_missing else "folder-unreadable"
        facts = {"name": config.folder.path, "why": error.strerror or str(error)}
        location = FaultLocation(str(get_config_path()), None, "folder.path")
        return (), Fault("warning" if is_missing else "error", code, location, facts)


def _get_display_path(file: Path, given_files: tuple[Path, ...]) -> Path:
    """Return the path as the user gave it, or relative to the current folder."""
    if given_files or not file.is_relative_to(Path.cwd()):
        return file
    return file.relative_to(Path.cwd())


def _check_campaign_file(name: Path, file: Path, inputs: _CheckInputs) -> Iterable[Fault]:
    from signage.services.campaigns.checks import check_campaign, find_short_clips

    try:
        data = _read_bytes(file)
    except OSError as error:
        code = "file-missing" if isinstance(error, FileNotFoundError) else "file-unreadable"
        return [
            Fault("error", code, FaultLocation(str(name)), {"name": str(name), "why": error.strerror or str(error)})
        ]
    result = inputs.reader.check(str(name), data)
    further_faults: tuple[Fault, ...] = ()
    if result.checked.campaign:
        findings = list(check_campaign(result.checked.campaign, inputs.check_context))
        if result.campaign:
            findings += find_short_clips(result.campaign, inputs.clips.get_facts)
        further_faults = result.checked.locate(findings)
    return sorted((*result.faults, *further_faults), key=lambda fault: fault.location.line or 0)


def _read_bytes(file: Path) -> bytes:
    """Read a regular file; a pipe or device could block forever."""
    if file.exists() and not (file.is_file() or file.is_dir()):
        raise OSError(errno.EINVAL, "not a file")
    return file.read_bytes()


def open_existing_app_context(config: "Config") -> "AppContext | None":
    """Open the application context if the state folder exists; never create it."""
    from signage.services.bootstrap import DATABASE_FILE, open_app_context

    if not config.storage.database and not (config.state / DATABASE_FILE).exists():
        return None
    return open_app_context(config)


def build_check_context(config: "Config", app_context: "AppContext | None") -> "CheckContext":
    """Build the context of checks from the configuration and the enrolled screens."""
    from signage.services.campaigns.checks import CheckContext
    from signage.services.consents.consents import list_current_consents
    from signage.services.screens.screen_table import list_screens

    screens = tuple(row.screen for row in list_screens(app_context)) if app_context else ()
    consents = list_current_consents(app_context) if app_context else None
    return CheckContext(config.panels, config.calendars, screens, config.schedule_settings, screens, consents)


def _to_json(fault: Fault) -> dict[str, object]:
    language = get_language()
    return {
        "file": fault.location.file,
        "line": fault.location.line,
        "key": fault.location.key,
        "level": fault.level,
        "what": messages.render_fault(fault, language),
        "mend": messages.render_hint(fault, language),
    }


def _print_faults(faults: tuple[Fault, ...]) -> None:
    """Print faults on stderr, one line each; print a confirmation on stdout if there are none."""
    for fault in faults:
        click.echo(format_fault(fault), err=True)
    if not faults:
        click.echo(messages.render_message("check-passed", get_language(), {}))
