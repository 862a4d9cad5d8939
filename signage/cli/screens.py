"""``signage screens``: list, add, set, import, token, revoke, remove."""

from pathlib import Path
from typing import Any

import click

from signage.cli.context import get_actor, get_app_context
from signage.cli.errors import print_faults
from signage.cli.output import json_option, print_json, print_table


@click.group("screens", help="Screens: list, add, set, import, token, revoke, remove.")
def screens() -> None:
    pass


def _screen_options(command: Any) -> Any:
    """Add the options for a screen's attributes."""
    for name, options in reversed(
        (
            ("--kind", {"metavar": "KIND", "help": "Kind of the screen: taxi-roof, street, …"}),
            ("--panel", {"metavar": "PANEL", "help": "Panel of the screen."}),
            ("--group", {"multiple": True, "metavar": "GROUP", "help": "Group; may be repeated."}),
            ("--tag", {"multiple": True, "metavar": "TAG", "help": "Tag; may be repeated."}),
            ("--unit", {"metavar": "UNIT", "help": "Unit that owns the screen."}),
            ("--timezone", {"metavar": "Z", "help": "Time zone (default: the server's)."}),
            ("--default", {"metavar": "CAMPAIGN", "help": "Campaign to show when no other is live."}),
            ("--name", {"metavar": "N", "help": "Name for people, in any script."}),
            ("--address", {"metavar": "TEXT", "help": "Address where the screen stands."}),
            ("--position", {"metavar": "LON,LAT", "help": "Position in degrees."}),
            (
                "--hours",
                {"multiple": True, "metavar": "FROM-UNTIL", "help": "Operating hours: 06:00-23:00, sunrise-22:00."},
            ),
            (
                "--brightness",
                {"multiple": True, "metavar": "TIME=PERCENT", "help": "Brightness from this time on: sunset=40."},
            ),
        )
    ):
        command = click.option(name, **options)(command)
    return command


@screens.command("add", help="Enrol a screen and print its token; it cannot be shown again.")
@click.argument("screen_id", metavar="ID")
@_screen_options
@json_option
def add(screen_id: str, as_json: bool, **options: Any) -> None:
    from signage.services.screens.form_input import parse_new_screen
    from signage.services.screens.registry import create_screen
    from signage.services.screens.validation import check_default_campaign

    app_context = get_app_context()
    enrolled = create_screen(app_context, get_actor(), parse_new_screen(screen_id, options, app_context.timezone))
    print_faults(check_default_campaign(app_context, options["default"]))
    if as_json:
        print_json({"screen": enrolled.screen, "token": enrolled.token, "key": enrolled.key})
        return
    click.echo(f"screen  {enrolled.screen}\ntoken   {enrolled.token}\nkey     {enrolled.key}")
    click.echo("The token is shown this once only.", err=True)


@screens.command(
    "set", help="Change attributes of the screens that match SEL… (ids, patterns, selectors). Empty value: none."
)
@click.argument("selectors", metavar="SEL…", nargs=-1, required=True)
@_screen_options
@click.option("--add-group", multiple=True, metavar="GROUP", help="Add a group.")
@click.option("--drop-group", multiple=True, metavar="GROUP", help="Remove a group.")
@click.option("--add-tag", multiple=True, metavar="TAG", help="Add a tag.")
@click.option("--drop-tag", multiple=True, metavar="TAG", help="Remove a tag.")
@json_option
def set_(selectors: tuple[str, ...], as_json: bool, **options: Any) -> None:
    from signage.services.screens.form_input import parse_screen_edit
    from signage.services.screens.registry import update_screens
    from signage.services.screens.validation import check_default_campaign

    if not any(value is not None and value != () for value in options.values()):
        raise click.UsageError("say what to change: --kind, --panel, --group, …")
    app_context = get_app_context()
    changed = update_screens(app_context, get_actor(), selectors, parse_screen_edit(options))
    print_faults(check_default_campaign(app_context, options["default"]))
    if as_json:
        print_json({"changed": [screen.id for screen in changed]})
    else:
        click.echo(f"{len(changed)} changed")


@screens.command(
    "import",
    help="Enrol the screens of a CSV file, all or none. Columns: id,kind,panel,groups,tags,unit,timezone; if wished "
    "name,address,position.",
)
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--update", is_flag=True, help="Update existing screens in place of enrolling new ones.")
@click.option(
    "--tokens",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="File for the tokens (CSV), readable by you alone.",
)
@json_option
def import_(file: Path, update: bool, tokens: Path | None, as_json: bool) -> None:
    from signage.services.screens import screens_csv as screen_csv
    from signage.services.screens.registry import create_screens, replace_screens

    app_context = get_app_context()
    entries = screen_csv.parse_screens_csv(
        str(file), file.read_bytes(), app_context.timezone, app_context.panels, app_context.kind_labels
    )
    if update:
        total, changed = replace_screens(app_context, get_actor(), entries)
        print_json({"screens": total, "changed": changed}) if as_json else click.echo(f"{changed} of {total} changed")
        return
    enrolled = create_screens(app_context, get_actor(), entries)
    if tokens is not None:
        _write_tokens(tokens, [(one.screen, one.token, one.key) for one in enrolled])
    if as_json:
        print_json({"imported": len(enrolled), "screens": enrolled})
    else:
        click.echo(f"{len(enrolled)} screens enrolled")


def _write_tokens(path: Path, rows: list[tuple[str, str, str]]) -> None:
    from signage.model import spreadsheet_csv as csvs

    path.touch(mode=0o600)
    path.chmod(0o600)
    with path.open("wb") as out:
        out.writelines(csvs.iter_csv_bytes(("screen", "token", "key"), rows))


@screens.command("list", help="List all screens, or those that match SEL….")
@click.argument("selectors", metavar="[SEL…]", nargs=-1)
@click.option("--csv", "as_csv", is_flag=True, help="Print the columns that `import` reads.")
@json_option
def list_(selectors: tuple[str, ...], as_csv: bool, as_json: bool) -> None:
    from signage.services.screens import screen_table as screen_lists
    from signage.services.screens import screens_csv as screen_csv

    rows = screen_lists.list_screens(get_app_context(), selectors)
    if as_csv:
        click.echo(screen_csv.format_screens_csv(row.screen for row in rows), nl=False)
    elif as_json:
        print_json([screen_lists.to_json(row) for row in rows])
    else:
        print_table(screen_lists.COLUMN_HEADINGS, (screen_lists.format_cells(row) for row in rows))


@screens.command("token", help="Replace a screen's token; the old one becomes invalid.")
@click.argument("screen_id", metavar="ID")
@json_option
def token(screen_id: str, as_json: bool) -> None:
    from signage.services.screens.registry import issue_token

    enrolled = issue_token(get_app_context(), get_actor(), screen_id)
    if as_json:
        print_json({"screen": enrolled.screen, "token": enrolled.token, "key": enrolled.key})
    else:
        click.echo(f"screen  {enrolled.screen}\ntoken   {enrolled.token}\nkey     {enrolled.key}")


@screens.command("revoke", help="Revoke a screen's token.")
@click.argument("screen_id", metavar="ID")
def revoke(screen_id: str) -> None:
    from signage.services.screens.registry import revoke_screen

    revoke_screen(get_app_context(), get_actor(), screen_id)


@screens.command("remove", help="Remove a screen; its plays are retained.")
@click.argument("screen_id", metavar="ID")
def remove(screen_id: str) -> None:
    from signage.services.screens.registry import delete_screen

    delete_screen(get_app_context(), get_actor(), screen_id)
