"""``signage init``."""

from pathlib import Path

import click


@click.command("init", help="Create an installation in the folder DIR: config.toml, playlists/ and assets/ as shipped.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def init(folder: Path) -> None:
    from signage.services.starter_files import create_installation

    create_installation(folder)
    click.echo(f"{folder}: made. Next: cd {folder} && signage up")
