"""``signage users``: list, add, set, link, confirm, disable, enable."""

import click

from signage.cli.context import get_actor, get_app_context, get_config
from signage.cli.output import json_option, print_json, print_table
from signage.cli.urls import build_link_url


@click.group("users", help="People: list, add, set, link, confirm, disable, enable.")
def users() -> None:
    pass


def _split_roles(words: tuple[str, ...]) -> list[str]:
    return [role for word in words for role in word.replace(",", " ").split()]


def _print_link(user: str, secret: str, as_json: bool) -> None:
    address = build_link_url(get_config(), secret)
    if as_json:
        print_json({"user": user, "link": address})
    else:
        click.echo(f"{user}: {address}")
        click.echo("Good once, for 72 hours.", err=True)


@users.command("add", help="Add a person and print the one-time link by which they set their password.")
@click.argument("user", metavar="ID")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    metavar="R",
    help="operator, approver, duty, admin or auditor; may be repeated.",
)
@click.argument("more", metavar="[R…]", nargs=-1)
@click.option("--unit", metavar="U", help="The office that they belong to.")
@json_option
def add(user: str, roles: tuple[str, ...], more: tuple[str, ...], unit: str | None, as_json: bool) -> None:
    from signage.services.users import accounts as people

    _print_link(
        user, people.create_user(get_app_context(), get_actor(), user, _split_roles((*roles, *more)), unit), as_json
    )


@users.command("set", help="Give a person other roles and another unit.")
@click.argument("user", metavar="ID")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    metavar="R",
    help="operator, approver, duty, admin or auditor; may be repeated.",
)
@click.argument("more", metavar="[R…]", nargs=-1)
@click.option("--unit", metavar="U", help="The office that they belong to.")
def set_(user: str, roles: tuple[str, ...], more: tuple[str, ...], unit: str | None) -> None:
    from signage.services.users import accounts as people

    people.update_user(get_app_context(), get_actor(), user, _split_roles((*roles, *more)), unit)


@users.command("link", help="Print a new one-time link, for one who lost theirs or their password.")
@click.argument("user", metavar="ID")
@json_option
def link_(user: str, as_json: bool) -> None:
    from signage.services.users import accounts as people

    _print_link(user, people.create_link(get_app_context(), get_actor(), user), as_json)


@users.command("confirm", help="Confirm that an account which the console made is really the person it names.")
@click.argument("user", metavar="ID")
def confirm(user: str) -> None:
    from signage.services.users import confirmation as confirming

    confirming.confirm_account(get_app_context(), get_actor(), user)


@users.command("disable", help="Let a person in no more; their tokens and links are void.")
@click.argument("user", metavar="ID")
def disable(user: str) -> None:
    from signage.services.users import accounts as people

    people.disable_user(get_app_context(), get_actor(), user)


@users.command("enable", help="Let a person in again, by a new link.")
@click.argument("user", metavar="ID")
@json_option
def enable(user: str, as_json: bool) -> None:
    from signage.services.users import accounts as people

    _print_link(user, people.enable_user(get_app_context(), get_actor(), user), as_json)


@users.command("list", help="All people.")
@json_option
def list_(as_json: bool) -> None:
    from signage.services.users import accounts as people
    from signage.services.users import confirmation as confirming

    accounts, by = people.list_accounts(get_app_context()), confirming.list_all_controllers(get_app_context())
    rows = [
        {
            "user": a.user.id,
            "roles": sorted(a.user.roles),
            "unit": a.user.unit,
            "state": "disabled" if a.user.disabled else "active" if a.password_hash else "invited",
            "let_in_by": list(by.get(a.user.id, ())),
        }
        for a in accounts
    ]
    if as_json:
        print_json(rows)
    else:
        print_table(
            ("USER", "ROLES", "UNIT", "STATE", "TO CONFIRM, LET IN BY"),
            (
                (r["user"], ", ".join(r["roles"] or ()), r["unit"], r["state"], ", ".join(r["let_in_by"] or ()))
                for r in rows
            ),
        )
