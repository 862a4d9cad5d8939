"""``signage takeover``: start, stop, list, receipt."""

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from signage.cli.context import get_actor, get_app_context, get_synced_app_context
from signage.cli.output import json_option, print_json, print_table
from signage.services.time_input import format_time, parse_duration, parse_time

if TYPE_CHECKING:
    from signage.model.takeover import Takeover
    from signage.services.context import AppContext


@click.group("takeover", help="Takeovers: start, stop, list, receipt.")
def takeover() -> None:
    pass


@takeover.command("start", help="Replace everything on the screens that SEL… name, until it ends.")
@click.option("--screens", "selectors", multiple=True, required=True, metavar="SEL", help="Screens; may be repeated.")
@click.argument("more", metavar="[SEL…]", nargs=-1)
@click.option("--text", metavar="T", help="The text to show.")
@click.option("--item", metavar="C/I", help="The item to show, as campaign/item.")
@click.option("--blank", is_flag=True, help="Dark.")
@click.option("--until", metavar="TIME", help="When it ends.")
@click.option("--for", "length", metavar="10m", help="How long it lasts.")
@click.option("--why", required=True, metavar="TEXT", help="Why it is ordered.")
@json_option
def start(selectors: tuple[str, ...], more: tuple[str, ...], as_json: bool, why: str, **said: Any) -> None:
    from signage.services.takeovers.takeovers import TakeoverRequest, get_selector_zone
    from signage.services.takeovers.takeovers import start_takeover as do

    if sum(bool(said[key]) for key in ("text", "item", "blank")) != 1 and said["text"] != "":
        raise click.UsageError("say one of --text, --item and --blank")
    if said["until"] and said["length"]:
        raise click.UsageError("say --until or --for, not both")
    office = get_synced_app_context() if said["item"] else get_app_context()
    words = tuple(word for part in (*selectors, *more) for word in part.split())
    until = parse_time(said["until"], get_selector_zone(office, words), "until") if said["until"] else None
    lasts = parse_duration(said["length"], "for") if said["length"] else None
    order = do(
        office, get_actor(), TakeoverRequest(words, why, until, lasts, said["text"], said["item"], said["blank"])
    )
    if as_json:
        print_json(_to_json(office, order))
    else:
        click.echo(f"{order.id}  until {format_time(order.ends_at, ZoneInfo(office.timezone))}")


@takeover.command("stop", help="End a takeover now, or all that run.")
@click.argument("takeover_id", metavar="[ID]", required=False)
@click.option("--all", "everything", is_flag=True, help="All that run.")
@json_option
def stop(takeover_id: str | None, everything: bool, as_json: bool) -> None:
    from signage.services.takeovers.takeovers import stop_all_takeovers
    from signage.services.takeovers.takeovers import stop_takeover as do

    if everything == (takeover_id is not None):
        raise click.UsageError("say which: ID, or --all")
    office = get_app_context()
    stopped = (
        stop_all_takeovers(office, get_actor()) if takeover_id is None else (do(office, get_actor(), takeover_id),)
    )
    if as_json:
        print_json([_to_json(office, order) for order in stopped])
    else:
        click.echo("\n".join(f"{order.id}  stopped" for order in stopped) or "none runs")


@takeover.command("list", help="The takeovers that run.")
@click.option("--all", "everything", is_flag=True, help="Those that are over, too.")
@json_option
def list_(everything: bool, as_json: bool) -> None:
    from signage.services.takeovers import takeovers

    office = get_app_context()
    orders = takeovers.list_takeovers(office) if everything else takeovers.list_running_takeovers(office)
    if as_json:
        print_json([_to_json(office, order) for order in orders])
        return
    zone = ZoneInfo(office.timezone)
    print_table(
        ("ID", "SCREENS", "SHOWS", "FROM", "UNTIL", "WHO", "WHY"),
        (
            (
                o.id,
                " ".join(o.screens),
                _describe_content(o),
                format_time(o.from_, zone),
                format_time(o.ends_at, zone),
                o.who,
                o.why,
            )
            for o in orders
        ),
    )


@takeover.command(
    "receipt", help="Which screens have fetched a takeover, which have shown it, which were not heard of."
)
@click.argument("takeover_id", metavar="ID")
@json_option
def receipt(takeover_id: str, as_json: bool) -> None:
    from signage.services.takeovers.receipts import list_receipts

    rows = list_receipts(get_app_context(), takeover_id)
    if as_json:
        print_json({"id": takeover_id, "screens": rows})
    else:
        print_table(("SCREEN", "STATE", "SEEN", "END"), ((r.screen, r.state, r.seen_at, r.end) for r in rows))


def _describe_content(order: "Takeover") -> str:
    return "blank" if order.blank else order.item or (order.text or "").replace("\n", " / ")


def _to_json(office: "AppContext", order: "Takeover") -> dict[str, object]:
    from signage.services.takeovers.takeovers import list_screens

    zone = ZoneInfo(office.timezone)
    return {
        "id": order.id,
        "screens": list_screens(office, order.id),
        "selectors": order.screens,
        "from": format_time(order.from_, zone),
        "until": format_time(order.until, zone),
        "who": order.who,
        "why": order.why,
        "text": order.text,
        "item": order.item,
        "blank": order.blank,
        "stopped_at": None if order.stopped_at is None else format_time(order.stopped_at, zone),
        "running": order.ends_at > office.clock.now(),
    }
