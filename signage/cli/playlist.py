"""``signage playlist``: compile the playlist of a screen without publishing it."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from signage.cli.context import CliContext, open_cli_context
from signage.services.time_input import parse_time

if TYPE_CHECKING:
    from datetime import datetime

    from signage.services.publishing.compile_preview import PreviewCompiler


@click.command("playlist")
@click.argument("screens", nargs=-1, metavar="[SCREEN]…")
@click.option("--all", "every", is_flag=True, help="All screens.")
@click.option("--at", metavar="TIME", help="Compile for this instant (RFC 3339; default: now).")
@click.option("-o", "folder", type=click.Path(path_type=Path, file_okay=False), help="Write DIR/SCREEN.json each.")
def playlist(screens: tuple[str, ...], every: bool, at: str | None, folder: Path | None) -> None:
    """Print the playlist document of SCREEN, exactly as a screen would get it."""
    if bool(screens) == every:
        raise click.UsageError("name one or more screens, or --all")
    if folder is None and (every or len(screens) > 1):
        raise click.UsageError("for more than one screen name a folder with -o")
    context = open_cli_context()
    zone = ZoneInfo(context.app_context.timezone)
    compiler = _create_compiler(context)
    names = sorted(compiler.screens) if every else list(dict.fromkeys(screens))
    instants = {}
    for name in names:
        screen_zone = ZoneInfo(compiler.get_screen(name).timezone) if name in compiler.screens else zone
        instants[name] = context.app_context.clock.now() if at is None else parse_time(at, screen_zone, "--at")
    _create_missing_media(context, compiler, instants)
    compiler = _create_compiler(context)
    documents = {name: compiler.compile_document(name, instant) for name, instant in instants.items()}
    if folder is None:
        sys.stdout.buffer.write(next(iter(documents.values()), b""))
        return
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in documents.items():
        (folder / f"{name}.json").write_bytes(content)


def _create_compiler(context: CliContext) -> "PreviewCompiler":
    from signage.services.publishing.compile_preview import PreviewCompiler

    return PreviewCompiler(context.app_context, context.rules, context.library.create_resolver)


def _create_missing_media(context: CliContext, compiler: "PreviewCompiler", instants: "dict[str, datetime]") -> None:
    """Convert the media that the first compilation lacked."""
    from signage.library.rendition_worker import RenditionWorker

    for name, instant in instants.items():
        compiler.compile_document(name, instant)
    compiler.request_missing_media()
    library = context.library
    RenditionWorker(library.store, library.blobs, library.config, library.clock, library.sandbox).drain()
