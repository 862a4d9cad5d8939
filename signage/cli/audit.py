"""``signage audit``: the bundle that proves itself, made and checked."""

import sys
from pathlib import Path

import click

from signage.cli.output import json_option, print_json


@click.group("audit", help="The audit log: export a bundle that proves itself, and verify one.")
def audit() -> None:
    """The group."""


@audit.command(
    "export", help="Write the bundle into DIR: the log, plays, documents as published, and what proves them."
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--from", "from_", metavar="TIME", help="Entries and plays from then on (default: from the beginning).")
@click.option("--until", metavar="TIME", help="Entries and plays before then.")
@click.option("--unit", metavar="UNIT", help="Only what concerns the screens and campaigns of this unit.")
@json_option
def export(folder: Path, from_: str | None, until: str | None, unit: str | None, as_json: bool) -> None:
    from signage.cli.context import get_actor, get_app_context, get_server_zone
    from signage.cli.errors import report_archive_damage
    from signage.services.evidence.bundle_export import export_bundle
    from signage.services.time_input import parse_time

    office = get_app_context()
    zone = get_server_zone(office)
    begin = None if from_ is None else parse_time(from_, zone, "--from")
    end = None if until is None else parse_time(until, zone, "--until")
    made = export_bundle(office, get_actor(), folder, begin, end, unit)
    if as_json:
        print_json(
            {
                "folder": str(made.folder),
                "entries": made.entries,
                "size": made.size,
                "plays": made.plays,
                "files": made.files,
                "keys": list(made.keys),
                **({"left_out": [one.file for one in made.archive_damage]} if made.archive_damage else {}),
            }
        )
    else:
        click.echo(f"{made.folder}: {made.entries} of {made.size} entries, {made.plays} plays, {made.files} files")
        click.echo(f"checkpoint key {', '.join(made.keys)}")
    report_archive_damage(made.archive_damage)


@audit.command("verify", help="Whether the bundle in DIR holds. Needs no server and no database.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--key", metavar="KEYID", help="The key that must have signed it, as printed on reports.")
@click.option(
    "--since",
    metavar="OLDER_DIR",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="An older bundle: the log must have grown from it.",
)
@json_option
def verify(folder: Path, key: str | None, since: Path | None, as_json: bool) -> None:
    from signage.cli.errors import get_language
    from signage.evidence.bundle import verifier

    try:
        held = verifier.verify_bundle(str(folder), key, None if since is None else str(since))
    except verifier.VerificationError as broken:
        if as_json:
            print_json(
                {
                    "holds": False,
                    "file": broken.file,
                    "record": broken.record,
                    "what": broken.render_message(get_language()),
                }
            )
        click.echo(broken.render_message(get_language()), err=True)
        sys.exit(1)
    if as_json:
        facts = {"entries": held.entry_count, "size": held.log_size, "root": held.root.hex(), "keys": sorted(held.keys)}
        print_json({"holds": True, **facts})
    else:
        click.echo(verifier.format_summary(held, get_language()))
