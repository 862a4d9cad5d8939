"""``signage backup`` and ``signage restore``."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from signage.cli.context import get_actor, get_app_context, get_config

if TYPE_CHECKING:
    from signage.store.backup import ProgressCallback


@contextmanager
def _open_progress_bar(label: str) -> Iterator["ProgressCallback | None"]:
    """Open a progress bar on a terminal, none in a pipe."""
    if not sys.stderr.isatty():
        yield None
        return
    with click.progressbar(length=1000, label=label, file=sys.stderr) as bar:
        last = 0

        def show(done: int, total: int) -> None:
            nonlocal last
            now = done * 1000 // max(total, 1)
            bar.update(now - last)
            last = now

        yield show


@click.command(
    "backup",
    help="Write a consistent backup of the whole state to FILE while the server runs. It contains the keys.",
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(file: Path) -> None:
    from signage.services.backup import create_backup

    with _open_progress_bar("backup") as progress:
        size = create_backup(get_app_context(), get_actor(), file, progress)
    click.echo(f"{file}: {size:,} bytes")


@click.command("restore", help="Restore the state from the backup FILE. The server must not be running.")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--replace", is_flag=True, help="Replace an existing state; it is moved aside.")
def restore(file: Path, replace: bool) -> None:
    from signage.clock import SystemClock
    from signage.services.backup import restore_backup as do

    config = get_config()
    with _open_progress_bar("restore") as progress:
        previous_state = do(config.state, config.storage, SystemClock(), get_actor(), file, replace, progress)
    click.echo(f"{config.state}: restored from {file}")
    if previous_state is not None:
        click.echo(f"The previous state is in {previous_state}; delete it when it is no longer needed.", err=True)
