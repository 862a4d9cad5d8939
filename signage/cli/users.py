"""``signage users``: list, add, set, link, confirm, disable, enable."""

from typing import Any

import click

from signage.cli.context import get_actor, get_app_context, get_config
from signage.cli.output import json_option, print_json, print_table
from signage.cli.urls import build_link_url


@click.group("users", help="Users: list, add, set, link, confirm, disable, enable.")
def users() -> None:
    pass


def _account_options(command: Any) -> Any:
    """Add the user's id and the options for roles and unit."""
    roles_help = "operator, approver, duty, admin or auditor; may be repeated."
    for decorator in (
        click.option("--name", metavar="N", help="Name of the user, in any script."),
        click.option("--unit", metavar="U", help="Unit of the user."),
        click.argument("more", metavar="[R…]", nargs=-1),
        click.option("--role", "roles", multiple=True, required=True, metavar="R", help=roles_help),
        click.argument("user", metavar="ID"),
    ):
        command = decorator(command)
    return command


def _split_roles(words: tuple[str, ...]) -> list[str]:
    return [role for word in words for role in word.replace(",", " ").split()]


def _print_link(user: str, secret: str, as_json: bool) -> None:
    address = build_link_url(get_config(), secret)
    if as_json:
        print_json({"user": user, "link": address})
    else:
        click.echo(f"{user}: {address}")
        click.echo("The link works once, within 72 hours.", err=True)


@users.command("add", help="Create a user and print the one-time link to set their password.")
@_account_options
@click.option("--all-units", is_flag=True, help="On duty, may take over the screens of all units.")
@json_option
def add(
    user: str,
    roles: tuple[str, ...],
    more: tuple[str, ...],
    unit: str | None,
    name: str | None,
    all_units: bool,
    as_json: bool,
) -> None:
    from signage.services.users import accounts

    words, app_context = _split_roles((*roles, *more)), get_app_context()
    secret = accounts.create_user(app_context, get_actor(), user, words, unit, name, all_units=all_units)
    _print_link(user, secret, as_json)


@users.command("set", help="Change the roles, the unit and, where given, the name of a user.")
@_account_options
@click.option("--all-units/--own-unit", default=None, help="On duty, whether they may take over all units' screens.")
def set_(
    user: str,
    roles: tuple[str, ...],
    more: tuple[str, ...],
    unit: str | None,
    name: str | None,
    all_units: bool | None,
) -> None:
    from signage.services.users import accounts

    words = _split_roles((*roles, *more))
    accounts.update_user(get_app_context(), get_actor(), user, words, unit, name, all_units=all_units)


@users.command("link", help="Print a new one-time link for a user who lost it, or their password.")
@click.argument("user", metavar="ID")
@json_option
def link_(user: str, as_json: bool) -> None:
    from signage.services.users import accounts

    _print_link(user, accounts.create_link(get_app_context(), get_actor(), user), as_json)


@users.command("confirm", help="Confirm the identity of a user whose account was created in the console.")
@click.argument("user", metavar="ID")
def confirm(user: str) -> None:
    from signage.services.users import confirmation

    confirmation.confirm_account(get_app_context(), get_actor(), user)


@users.command("disable", help="Disable a user; their tokens and links become invalid.")
@click.argument("user", metavar="ID")
def disable(user: str) -> None:
    from signage.services.users import accounts

    accounts.disable_user(get_app_context(), get_actor(), user)


@users.command("enable", help="Re-enable a user and print a new one-time link.")
@click.argument("user", metavar="ID")
@json_option
def enable(user: str, as_json: bool) -> None:
    from signage.services.users import accounts

    _print_link(user, accounts.enable_user(get_app_context(), get_actor(), user), as_json)


@users.command("list", help="List all users.")
@json_option
def list_(as_json: bool) -> None:
    from signage.services.users import accounts, confirmation

    controllers = confirmation.list_all_controllers(get_app_context())
    rows: list[dict[str, Any]] = [
        {
            "user": a.user.id,
            "name": a.user.name,
            "roles": sorted(a.user.roles),
            "unit": a.user.unit,
            "all_units": a.user.all_units,
            "state": "disabled" if a.user.disabled else "active" if a.password_hash else "invited",
            "let_in_by": list(controllers.get(a.user.id, ())),
        }
        for a in accounts.list_accounts(get_app_context())
    ]
    if as_json:
        print_json(rows)
    else:
        print_table(
            ("NAME", "USER", "ROLES", "UNIT", "STATE", "TO CONFIRM, LET IN BY"),
            (
                (
                    r["name"],
                    r["user"],
                    ", ".join(r["roles"] or ()),
                    r["unit"],
                    r["state"],
                    ", ".join(r["let_in_by"] or ()),
                )
                for r in rows
            ),
        )
