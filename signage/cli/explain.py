"""``signage explain``: what a screen shows at an instant, and why."""

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from signage.cli.context import open_schedule_context
from signage.cli.errors import get_language
from signage.cli.output import json_option, print_json
from signage.faults import refuse

if TYPE_CHECKING:
    from signage import messages
    from signage.schedule.analysis.explain import Explanation


@click.command("explain", help="Show what SCREEN shows at an instant (default: now), and every rule that decided it.")
@click.argument("screen_id", metavar="SCREEN")
@click.option(
    "--at", "at_text", metavar="TIME", help="Instant in RFC 3339; without an offset in the screen's time zone."
)
@click.option("--lang", type=click.Choice(["en", "zh"]), help="Language of the reasons (default: the locale's).")
@json_option
def explain(screen_id: str, at_text: str | None, lang: "messages.Language | None", as_json: bool) -> None:
    from signage.schedule.analysis.explain import explain as explain_screen
    from signage.services.time_input import parse_time

    schedule = open_schedule_context()
    screen = schedule.get_screen(screen_id)
    zone = ZoneInfo(screen.timezone)
    at = schedule.app_context.clock.now() if at_text is None else parse_time(at_text, zone, "--at")
    loops = schedule.get_rotations(screen.panel)
    try:
        explanation = explain_screen(schedule.snapshot, screen, loops.lengths, at, loops)
    except OverflowError:
        raise refuse("time-beyond", "--at", text=at_text or "") from None
    if as_json:
        print_json(_to_json(explanation, zone, lang or get_language()))
    else:
        _print_explanation(explanation, zone, lang or get_language())


def _to_json(explanation: "Explanation", zone: ZoneInfo, lang: "messages.Language") -> dict[str, object]:
    from signage.schedule.analysis.explain import render_trace_step
    from signage.services.time_input import format_time

    program = explanation.program
    return {
        "screen": explanation.screen,
        "at": format_time(explanation.at, zone),
        "item": explanation.item,
        "program": {
            "from": format_time(program.from_, zone),
            "until": format_time(program.until, zone),
            "why": program.why,
        },
        "position_ms": explanation.position_ms,
        "trail": [
            {"rule": s.rule, "candidate": s.candidate, "kept": s.kept, "reason": render_trace_step(s, lang, zone)}
            for s in explanation.trace
        ],
    }


def _print_explanation(explanation: "Explanation", zone: ZoneInfo, lang: "messages.Language") -> None:
    from signage.messages import render_message
    from signage.schedule.analysis.explain import render_trace_step
    from signage.services.time_input import format_time

    program = explanation.program
    item = explanation.item or render_message("explain-dark", lang, {})
    click.echo(f"{explanation.screen}  {format_time(explanation.at, zone)}  {item}")
    until = f"{format_time(program.from_, zone)} – {format_time(program.until, zone)}"
    click.echo(f"{render_message('explain-program', lang, {})}  {until}  {program.why}")
    if program.rotation is not None and explanation.entry is not None and explanation.position_ms is not None:
        facts: dict[str, object] = {"n": explanation.entry + 1, "all": len(program.rotation.entries)}
        facts |= {"s": f"{explanation.position_ms / 1000:g}", "loop": f"{program.rotation.loop_ms / 1000:g}"}
        click.echo(render_message("explain-position", lang, facts))
    click.echo()
    for step in explanation.trace:
        click.echo(
            f"{'+' if step.kept else '-'} {step.rule:<11} {step.candidate:<24} {render_trace_step(step, lang, zone)}"
        )
