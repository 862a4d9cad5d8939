"""``signage consent``: list, give, withdraw."""

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from signage.cli.context import get_actor, get_app_context
from signage.cli.output import json_option, print_json, print_table
from signage.services.time_input import format_time, parse_time

if TYPE_CHECKING:
    from signage.store.consents import ConsentRow


@click.group("consent", help="Consents between units: list, give, withdraw.")
def consent() -> None:
    pass


@consent.command("give", help="Let campaigns of a unit show on screens of another; with ID answer a request.")
@click.argument("words", metavar="[ID | SEL…]", nargs=-1)
@click.option("--unit", metavar="A", help="The unit whose screens they are.")
@click.option("--to", metavar="B", help="The unit whose campaigns may show there.")
@click.option("--screens", "selectors", multiple=True, metavar="SEL", help="Screens; may be repeated.")
@click.option("--campaign", metavar="CAMPAIGN", help="This campaign alone.")
@click.option("--hours", metavar="06:00-22:00", help="Only then, by the clock at the screen.")
@click.option("--max-share", type=int, metavar="N", help="Their shares count as at most N.")
@click.option("--max-priority", type=int, metavar="N", help="Their priority counts as at most N.")
@click.option("--until", metavar="TIME", help="When it ends.")
@json_option
def give(words: tuple[str, ...], selectors: tuple[str, ...], as_json: bool, **said: Any) -> None:
    from signage.services.consents.consents import ConsentTerms, answer_request, give_consent

    app_context = get_app_context()
    if not selectors:
        if len(words) != 1 or any(value is not None for value in said.values()):
            raise click.UsageError("say --unit, --to and --screens, or the ID of a request alone")
        _print_consent(answer_request(app_context, get_actor(), words[0]), as_json)
        return
    if said["unit"] is None or said["to"] is None:
        raise click.UsageError("say --unit and --to")
    until = said.pop("until")
    ends_at = None if until is None else parse_time(until, ZoneInfo(app_context.timezone), "until")
    screens = tuple(word for part in (*selectors, *words) for word in part.split())
    _print_consent(
        give_consent(app_context, get_actor(), ConsentTerms(screens=screens, until=ends_at, **said)), as_json
    )


@consent.command("withdraw", help="Withdraw a consent, or decline a request; screens follow within a second.")
@click.argument("consent_id", metavar="[ID]", required=False)
@click.option("--unit", metavar="A", help="With --to: everything that this unit gave")
@click.option("--to", metavar="B", help="to this one.")
@json_option
def withdraw(consent_id: str | None, unit: str | None, to: str | None, as_json: bool) -> None:
    from signage.services.consents.consents import list_given_between, withdraw_consent

    app_context = get_app_context()
    if consent_id is not None and unit is None and to is None:
        _print_consent(withdraw_consent(app_context, get_actor(), consent_id), as_json)
        return
    if consent_id is not None or unit is None or to is None:
        raise click.UsageError("say the ID of a consent, or --unit and --to")
    ended = [withdraw_consent(app_context, get_actor(), row.id) for row in list_given_between(app_context, unit, to)]
    if as_json:
        print_json([_to_json(row) for row in ended])
    else:
        for row in ended:
            _print_consent(row, False)


@consent.command("list", help="All consents and requests, the newest first.")
@json_option
def list_(as_json: bool) -> None:
    from signage.services.consents.consents import list_consents

    app_context = get_app_context()
    rows = list_consents(app_context)
    if as_json:
        print_json([_to_json(row) for row in rows])
        return
    heads = ("CONSENT", "STATE", "UNIT", "TO", "SCREENS", "CAMPAIGN", "HOURS", "SHARE", "PRIORITY", "UNTIL")
    print_table(heads, (_format_cells(row, ZoneInfo(app_context.timezone)) for row in rows))


def _print_consent(row: "ConsentRow", as_json: bool) -> None:
    if as_json:
        print_json(_to_json(row))
    else:
        click.echo(f"{row.id}  {row.state}: {row.consent.unit} -> {row.consent.to}")


def _to_json(row: "ConsentRow") -> dict[str, Any]:
    from signage.services.consents.consents import describe_consent

    return describe_consent(row)


def _format_cells(row: "ConsentRow", zone: ZoneInfo) -> tuple[object, ...]:
    consent = row.consent
    until = format_time(consent.until, zone) if consent.until else None
    caps = (consent.max_share, consent.max_priority)
    hours = str(consent.hours) if consent.hours else None
    return (
        row.id,
        row.state,
        consent.unit,
        consent.to,
        " ".join(consent.screens),
        consent.campaign,
        hours,
        *caps,
        until,
    )
