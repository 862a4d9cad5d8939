"""``signage check``: whether the configuration and campaigns are sound."""

import errno
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from signage import messages as sentences
from signage.cli.context import config_path
from signage.cli.errors import language, line
from signage.cli.output import json_option, print_json
from signage.faults import Fault, Place, Refused

if TYPE_CHECKING:
    from signage.config import Config
    from signage.services.campaigns.checks import Surroundings
    from signage.services.context import Office


@dataclass(frozen=True, slots=True)
class _Site:
    """What a campaign file is looked at beside."""

    config: "Config"
    office: "Office | None"
    around: "Surroundings"


@click.command("check", help="Whether config and campaigns are sound. Without FILE: all of them.")
@click.argument("files", metavar="[FILE]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--strict", is_flag=True, help="Warnings count as faults.")
@json_option
def check(files: tuple[Path, ...], strict: bool, as_json: bool) -> int:
    faults = tuple(_all_faults(files))
    if as_json:
        print_json({"faults": [_as_json(fault) for fault in faults]})
    else:
        _print(faults)
    return 1 if any(strict or fault.level == "error" for fault in faults) else 0


def _all_faults(files: tuple[Path, ...]) -> Iterable[Fault]:
    """The configuration's faults, then those of each campaign file.

    Campaigns are looked at beside a broken configuration too, with what holds by default.
    """
    from signage.config import load, read

    path = config_path()
    try:
        config = load(path)
    except Refused as refused:
        yield from refused.faults
        config = read(path, "")
    try:
        office = _office(config)
    except Refused as refused:
        yield from refused.faults
        office = None
    around = _surroundings(config, office)
    found, missing = (files, None) if files else _in_folder(config)
    if missing is not None:
        yield missing
    for file in found:
        if file.resolve() != path.resolve():
            yield from _campaign_faults(_shown(file, files), file, _Site(config, office, around))


def _in_folder(config: "Config") -> tuple[tuple[Path, ...], Fault | None]:
    """The files of the folder of campaigns, or why it cannot be looked into: a server goes on with what it has."""
    from signage.services.campaigns.folder_watch import is_campaign_file

    try:
        return tuple(sorted(path for path in config.playlists.iterdir() if is_campaign_file(path))), None
    except OSError as error:
        gone = isinstance(error, FileNotFoundError)
        code = "folder-missing" if gone else "folder-unreadable"
        facts = {"name": config.folder.path, "why": error.strerror or str(error)}
        place = Place(str(config_path()), None, "folder.path")
        return (), Fault("warning" if gone else "error", code, place, facts)


def _shown(file: Path, named: tuple[Path, ...]) -> Path:
    """A file as the person named it; one that was found by looking, from where the person stands."""
    if named or not file.is_relative_to(Path.cwd()):
        return file
    return file.relative_to(Path.cwd())


def _campaign_faults(name: Path, file: Path, site: _Site) -> Iterable[Fault]:
    from signage.model.campaign_file.partial_campaign import Context
    from signage.model.campaign_file.read import examine
    from signage.services.campaigns.checks import look_over
    from signage.services.campaigns.file_import import file_state
    from signage.services.campaigns.file_kinds import clip_kinds, files_can_be_played

    try:
        data = _bytes(file)
    except OSError as error:
        code = "file-missing" if isinstance(error, FileNotFoundError) else "file-unreadable"
        return [Fault("error", code, Place(str(name)), {"name": str(name), "why": error.strerror or str(error)})]
    context = Context(
        lambda path: file_state(site.config.root, path),
        clip_kinds(site.config.root, site.office.store if site.office else None),
    )
    examined = examine(name, data, context)
    more: tuple[Fault, ...] = ()
    if examined.campaign:
        found = [*files_can_be_played(examined.campaign, site.config.root), *look_over(examined.campaign, site.around)]
        more = examined.place(found)
    return sorted((*examined.faults, *more), key=lambda fault: fault.place.line or 0)


def _bytes(file: Path) -> bytes:
    """The bytes of a file; a pipe or a device would be waited for without an end."""
    if file.exists() and not (file.is_file() or file.is_dir()):
        raise OSError(errno.EINVAL, "not a file")
    return file.read_bytes()


def _office(config: "Config") -> "Office | None":
    """What is enrolled and uploaded already, where there is a state folder; looking at it makes none."""
    from signage.services.bootstrap import DATABASE, open_office

    if not config.storage.database and not (config.state / DATABASE).exists():
        return None
    return open_office(config)


def _surroundings(config: "Config", office: "Office | None") -> "Surroundings":
    """Panels, calendars and settings of the configuration, and the screens that are enrolled."""
    from signage.services.campaigns.checks import Surroundings
    from signage.services.screens.listing import rows

    screens = tuple(row.screen for row in rows(office)) if office else ()
    return Surroundings(config.panels, config.calendars, screens, config.schedule_settings)


def _as_json(fault: Fault) -> dict[str, object]:
    spoken = language()
    return {
        "file": fault.place.file,
        "line": fault.place.line,
        "key": fault.place.key,
        "level": fault.level,
        "what": sentences.what(fault, spoken),
        "mend": sentences.mend(fault, spoken),
    }


def _print(faults: tuple[Fault, ...]) -> None:
    """Faults on stderr, a line each; a word on stdout when there are none."""
    for fault in faults:
        click.echo(line(fault), err=True)
    if not faults:
        click.echo({"en": "All is sound.", "zh": "检查通过。"}[language()])
