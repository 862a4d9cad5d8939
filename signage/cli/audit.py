"""``signage audit``: export and verify evidence bundles."""

import sys
from pathlib import Path

import click

from signage.cli.output import json_option, print_json


@click.group("audit", help="Audit log: export and verify evidence bundles.")
def audit() -> None:
    """Command group."""


@audit.command("export", help="Write an evidence bundle to DIR: log, plays, published playlists, and their proofs.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--from", "from_", metavar="TIME", help="Entries and plays from this time on (default: all).")
@click.option("--until", metavar="TIME", help="Entries and plays before this time.")
@click.option("--unit", metavar="UNIT", help="Only screens and campaigns of this unit.")
@json_option
def export(folder: Path, from_: str | None, until: str | None, unit: str | None, as_json: bool) -> None:
    from signage.cli.context import get_actor, get_app_context, get_server_zone
    from signage.cli.errors import report_archive_damage
    from signage.services.evidence.bundle_export import export_bundle
    from signage.services.time_input import parse_time

    app_context = get_app_context()
    zone = get_server_zone(app_context)
    begin = None if from_ is None else parse_time(from_, zone, "--from")
    end = None if until is None else parse_time(until, zone, "--until")
    bundle = export_bundle(app_context, get_actor(), folder, begin, end, unit)
    if as_json:
        print_json(
            {
                "folder": str(bundle.folder),
                "entries": bundle.entries,
                "size": bundle.size,
                "plays": bundle.plays,
                "files": bundle.files,
                "keys": list(bundle.keys),
                **({"left_out": [finding.file for finding in bundle.archive_damage]} if bundle.archive_damage else {}),
            }
        )
    else:
        click.echo(
            f"{bundle.folder}: {bundle.entries} of {bundle.size} entries, {bundle.plays} plays, {bundle.files} files"
        )
        click.echo(f"checkpoint key {', '.join(bundle.keys)}")
    report_archive_damage(bundle.archive_damage)


@audit.command("verify", help="Verify the bundle in DIR, without server or database.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--key", metavar="KEYID", help="Key that must have signed the bundle, as printed on reports.")
@click.option(
    "--since",
    metavar="OLDER_DIR",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Older bundle that the log must extend.",
)
@json_option
def verify(folder: Path, key: str | None, since: Path | None, as_json: bool) -> None:
    from signage.cli.errors import get_language
    from signage.evidence.bundle import verifier

    try:
        result = verifier.verify_bundle(str(folder), key, None if since is None else str(since))
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
        facts = {
            "entries": result.entry_count,
            "size": result.log_size,
            "root": result.root.hex(),
            "keys": sorted(result.keys),
        }
        print_json({"holds": True, **facts})
    else:
        click.echo(verifier.format_summary(result, get_language()))
