"""``signage tokens``: add, list, revoke."""

import click

from signage.cli.context import get_actor, get_app_context
from signage.cli.output import json_option, print_json, print_table


@click.group("tokens", help="Tokens for the API: add, list, revoke.")
def tokens() -> None:
    pass


@tokens.command("add", help="Create an API token for USER and print it; it cannot be shown again.")
@click.argument("user", metavar="USER")
@click.option("--days", type=int, default=90, show_default=True, metavar="N", help="Days until the token expires.")
@json_option
def add(user: str, days: int, as_json: bool) -> None:
    from signage.services.users import api_tokens

    token = api_tokens.create_token(get_app_context(), get_actor(), user, days)
    if as_json:
        print_json({"token": token})
    else:
        click.echo(token)


@tokens.command("list", help="List all tokens by number; the tokens themselves are not stored.")
@json_option
def list_(as_json: bool) -> None:
    from signage.services.users import api_tokens

    rows = api_tokens.list_tokens(get_app_context())
    if as_json:
        print_json(rows)
    else:
        print_table(
            ("NUMBER", "USER", "MADE", "EXPIRES", "REVOKED"),
            ((t.number, t.user_id, t.made_at, t.expires_at, t.revoked_at) for t in rows),
        )


@tokens.command("revoke", help="Revoke the token with this number.")
@click.argument("number", type=int, metavar="NUMBER")
def revoke(number: int) -> None:
    from signage.services.users import api_tokens

    api_tokens.revoke_token(get_app_context(), get_actor(), number)
