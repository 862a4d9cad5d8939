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


@takeover.command("start", help="Replace all content on the screens that match SEL… until the takeover ends.")
@click.option(
    "--screens", "selectors", multiple=True, required=True, metavar="SEL", help="Selector of screens; may be repeated."
)
@click.argument("more", metavar="[SEL…]", nargs=-1)
@click.option("--text", metavar="T", help="Text to show.")
@click.option("--item", metavar="C/I", help="Item to show, as campaign/item.")
@click.option("--blank", is_flag=True, help="Show black.")
@click.option("--until", metavar="TIME", help="End of the takeover.")
@click.option("--for", "length", metavar="10m", help="Duration of the takeover.")
@click.option("--why", required=True, metavar="TEXT", help="Reason of the takeover.")
@json_option
def start(selectors: tuple[str, ...], more: tuple[str, ...], as_json: bool, why: str, **options: Any) -> None:
    from signage.services.takeovers.takeovers import TakeoverRequest, get_selector_zone, start_takeover

    if sum(bool(options[key]) for key in ("text", "item", "blank")) != 1 and options["text"] != "":
        raise click.UsageError("say one of --text, --item and --blank")
    if options["until"] and options["length"]:
        raise click.UsageError("say --until or --for, not both")
    app_context = get_synced_app_context() if options["item"] else get_app_context()
    selector_words = tuple(word for part in (*selectors, *more) for word in part.split())
    until = (
        parse_time(options["until"], get_selector_zone(app_context, selector_words), "until")
        if options["until"]
        else None
    )
    duration = parse_duration(options["length"], "for") if options["length"] else None
    started = start_takeover(
        app_context,
        get_actor(),
        TakeoverRequest(selector_words, why, until, duration, options["text"], options["item"], options["blank"]),
    )
    if as_json:
        print_json(_to_json(app_context, started))
    else:
        click.echo(f"{started.id}  until {format_time(started.ends_at, ZoneInfo(app_context.timezone))}")


@takeover.command("stop", help="Stop a takeover now, or all active ones.")
@click.argument("takeover_id", metavar="[ID]", required=False)
@click.option("--all", "everything", is_flag=True, help="Stop all active takeovers.")
@json_option
def stop(takeover_id: str | None, everything: bool, as_json: bool) -> None:
    from signage.services.takeovers.takeovers import stop_all_takeovers, stop_takeover

    if everything == (takeover_id is not None):
        raise click.UsageError("say which: ID, or --all")
    app_context = get_app_context()
    stopped = (
        stop_all_takeovers(app_context, get_actor())
        if takeover_id is None
        else (stop_takeover(app_context, get_actor(), takeover_id),)
    )
    if as_json:
        print_json([_to_json(app_context, started) for started in stopped])
    else:
        click.echo("\n".join(f"{started.id}  stopped" for started in stopped) or "none runs")


@takeover.command("list", help="List active takeovers.")
@click.option("--all", "everything", is_flag=True, help="Include takeovers that have ended.")
@json_option
def list_(everything: bool, as_json: bool) -> None:
    from signage.services.takeovers import takeovers

    app_context = get_app_context()
    listed = takeovers.list_takeovers(app_context) if everything else takeovers.list_running_takeovers(app_context)
    if as_json:
        print_json([_to_json(app_context, started) for started in listed])
        return
    zone = ZoneInfo(app_context.timezone)
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
            for o in listed
        ),
    )


@takeover.command(
    "receipt", help="List which screens have fetched a takeover, which have shown it, and which have not responded."
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


def _describe_content(started: "Takeover") -> str:
    return "blank" if started.blank else started.item or (started.text or "").replace("\n", " / ")


def _to_json(app_context: "AppContext", started: "Takeover") -> dict[str, object]:
    from signage.services.takeovers.takeovers import list_screens

    zone = ZoneInfo(app_context.timezone)
    return {
        "id": started.id,
        "screens": list_screens(app_context, started.id),
        "selectors": started.screens,
        "from": format_time(started.from_, zone),
        "until": format_time(started.until, zone),
        "who": started.who,
        "why": started.why,
        "text": started.text,
        "item": started.item,
        "blank": started.blank,
        "stopped_at": None if started.stopped_at is None else format_time(started.stopped_at, zone),
        "running": started.ends_at > app_context.clock.now(),
    }
