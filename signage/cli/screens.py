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
    """The options for what can be said of a screen."""
    for name, options in reversed(
        (
            ("--kind", {"metavar": "KIND", "help": "What it is: taxi-roof, street, …"}),
            ("--panel", {"metavar": "PANEL", "help": "The pixels that it has."}),
            ("--group", {"multiple": True, "metavar": "GROUP", "help": "A group that it is in; may be repeated."}),
            ("--tag", {"multiple": True, "metavar": "TAG", "help": "A tag; may be repeated."}),
            ("--unit", {"metavar": "UNIT", "help": "The office that it belongs to."}),
            ("--timezone", {"metavar": "Z", "help": "Its zone (default: the server's)."}),
            ("--default", {"metavar": "CAMPAIGN", "help": "What it shows when nothing else is live."}),
            ("--position", {"metavar": "LON,LAT", "help": "Where it stands, in degrees."}),
            (
                "--hours",
                {"multiple": True, "metavar": "FROM-UNTIL", "help": "When it is lit: 06:00-23:00, sunrise-22:00."},
            ),
            (
                "--brightness",
                {"multiple": True, "metavar": "TIME=PERCENT", "help": "How bright from then on: sunset=40."},
            ),
        )
    ):
        command = click.option(name, **options)(command)
    return command


@screens.command("add", help="Enrol a screen and print its token, this once only.")
@click.argument("screen_id", metavar="ID")
@_screen_options
@json_option
def add(screen_id: str, as_json: bool, **said: Any) -> None:
    from signage.services.screens.form_input import parse_new_screen
    from signage.services.screens.registry import create_screen as enrol
    from signage.services.screens.validation import check_default_campaign

    office = get_app_context()
    made = enrol(office, get_actor(), parse_new_screen(screen_id, said, office.timezone))
    print_faults(check_default_campaign(office, said["default"]))
    if as_json:
        print_json({"screen": made.screen, "token": made.token, "key": made.key})
        return
    click.echo(f"screen  {made.screen}\ntoken   {made.token}\nkey     {made.key}")
    click.echo("The token is shown this once only.", err=True)


@screens.command("set", help="Change the facts of all screens that SEL… name (ids, patterns, selectors). Empty: none.")
@click.argument("selectors", metavar="SEL…", nargs=-1, required=True)
@_screen_options
@click.option("--add-group", multiple=True, metavar="GROUP", help="Put them into a group as well.")
@click.option("--drop-group", multiple=True, metavar="GROUP", help="Take them out of a group.")
@click.option("--add-tag", multiple=True, metavar="TAG", help="Give them a further tag.")
@click.option("--drop-tag", multiple=True, metavar="TAG", help="Take a tag away.")
@json_option
def set_(selectors: tuple[str, ...], as_json: bool, **said: Any) -> None:
    from signage.services.screens.form_input import parse_screen_edit
    from signage.services.screens.registry import update_screens
    from signage.services.screens.validation import check_default_campaign

    if not any(value is not None and value != () for value in said.values()):
        raise click.UsageError("say what to change: --kind, --panel, --group, …")
    office = get_app_context()
    changed = update_screens(office, get_actor(), selectors, parse_screen_edit(said))
    print_faults(check_default_campaign(office, said["default"]))
    if as_json:
        print_json({"changed": [screen.id for screen in changed]})
    else:
        click.echo(f"{len(changed)} changed")


@screens.command(
    "import", help="Enrol the screens of a CSV file, all or none. Columns: id,kind,panel,groups,tags,unit,timezone."
)
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--update", is_flag=True, help="Set the facts of screens that are there, rather than enrol new ones.")
@click.option(
    "--tokens", type=click.Path(path_type=Path), metavar="FILE", help="Write the tokens here (CSV), for you alone."
)
@json_option
def import_(file: Path, update: bool, tokens: Path | None, as_json: bool) -> None:
    from signage.services.screens import screens_csv as screen_csv
    from signage.services.screens.registry import create_screens, replace_screens

    office = get_app_context()
    entries = screen_csv.parse_screens_csv(str(file), file.read_bytes(), office.timezone, office.panels)
    if update:
        total, changed = replace_screens(office, get_actor(), entries)
        print_json({"screens": total, "changed": changed}) if as_json else click.echo(f"{changed} of {total} changed")
        return
    made = create_screens(office, get_actor(), entries)
    if tokens is not None:
        _write_tokens(tokens, [(one.screen, one.token, one.key) for one in made])
    if as_json:
        print_json({"imported": len(made), "screens": made})
    else:
        click.echo(f"{len(made)} screens enrolled")


def _write_tokens(path: Path, rows: list[tuple[str, str, str]]) -> None:
    from signage.model import spreadsheet_csv as csvs

    path.touch(mode=0o600)
    path.chmod(0o600)
    with path.open("wb") as out:
        out.writelines(csvs.iter_csv_bytes(("screen", "token", "key"), rows))


@screens.command("list", help="The screens, or those that SEL… name.")
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


@screens.command("token", help="Give a screen a new token; its old one is known no more.")
@click.argument("screen_id", metavar="ID")
@json_option
def token(screen_id: str, as_json: bool) -> None:
    from signage.services.screens.registry import issue_token

    made = issue_token(get_app_context(), get_actor(), screen_id)
    if as_json:
        print_json({"screen": made.screen, "token": made.token, "key": made.key})
    else:
        click.echo(f"screen  {made.screen}\ntoken   {made.token}\nkey     {made.key}")


@screens.command("revoke", help="Refuse a screen's token from now on.")
@click.argument("screen_id", metavar="ID")
def revoke(screen_id: str) -> None:
    from signage.services.screens.registry import revoke_screen as do

    do(get_app_context(), get_actor(), screen_id)


@screens.command("remove", help="Take a screen out of the office; its plays stay.")
@click.argument("screen_id", metavar="ID")
def remove(screen_id: str) -> None:
    from signage.services.screens.registry import delete_screen as do

    do(get_app_context(), get_actor(), screen_id)
