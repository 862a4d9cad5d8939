"""``signage fleet``: load test with many polling screens over HTTP from one process."""

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING

import click

from signage.bench.load_test.metrics import LoadTestResult
from signage.bench.load_test.runner import SCENARIOS, LoadTest, LoadTestConfig, Scenario, raise_file_limit
from signage.cli.output import json_option, print_json, print_table
from signage.faults import refuse

if TYPE_CHECKING:
    from signage.model.screen import Screen
    from signage.services.context import AppContext

ScreenTokens = list[tuple[str, str]]


@click.command(
    "fleet", help="Load test with many screens: latency, errors, bytes, staleness, and the cost of the test itself."
)
@click.option("--server", required=True, metavar="URL", help="URL of the signage server, http://host:port.")
@click.option(
    "--screens", type=click.IntRange(1, 100_000), metavar="N", help="Number of screens (default: all of --tokens)."
)
@click.option("--seconds", type=click.FloatRange(min=1), required=True, help="Duration.")
@click.option(
    "--tokens",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Lines `screen,token`, or JSON. Without it, temporary screens are enrolled in the installation.",
)
@click.option(
    "--scenario", type=click.Choice(SCENARIOS), default="steady", show_default=True, help="Scenario of the test."
)
@click.option(
    "--act",
    metavar="COMMAND",
    help="Command that changes the playlists in edit and takeover (default: a change of this installation).",
)
@click.option(
    "--interval",
    type=click.IntRange(1, 3600),
    default=30,
    show_default=True,
    help="Interval over which the first polls are spread.",
)
@click.option("--plays/--no-plays", default=True, show_default=True, help="Send the plays of the loops.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.svg", help="Chart of the test over time."
)
@json_option
def fleet(
    server: str, screens: int | None, seconds: float, tokens: Path | None, scenario: Scenario, act: str | None,
    interval: int, plays: bool, out: Path | None, as_json: bool,
) -> None:  # fmt: skip
    if tokens is not None:
        screen_tokens = read_tokens(tokens)
        outcome = _run_load_test(
            server,
            screen_tokens[: screens or len(screen_tokens)],
            seconds,
            scenario,
            interval,
            plays,
            out,
            _create_command(act),
        )
    else:
        with _enrol_temporary_screens(screens or 100) as (screen_tokens, group):
            wait_until_compiled(server, screen_tokens[-1][1])
            action = _create_command(act) or _create_scenario_action(scenario, group, seconds)
            outcome = _run_load_test(server, screen_tokens, seconds, scenario, interval, plays, out, action)
    _print_outcome(outcome, as_json)
    if outcome.polls == 0:
        raise refuse("fleet-no-answer", server=server)


def wait_until_compiled(server: str, token: str, seconds: float = 120.0) -> None:
    """Wait until the playlists of the new screens are compiled."""
    import time

    from signage.player.health import PlayerError
    from signage.player.network.http_client import ServerConnection

    connection = ServerConnection(server, token, connect_s=5, read_s=10)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if connection.get("/screen/v1/playlist.json", max_bytes=1 << 24).status == 200:
                return
        except PlayerError:
            pass
        time.sleep(0.2)
    raise refuse("fleet-no-answer", server=server)


def read_tokens(path: Path) -> ScreenTokens:
    """Read ``screen,token`` lines, or JSON: objects with ``screen`` and ``token``, or an object id → token."""
    text = path.read_text("utf-8-sig").strip()
    try:
        if text.startswith("{"):
            screen_tokens = [(str(k), str(v)) for k, v in json.loads(text).items()]
        elif text.startswith("["):
            screen_tokens = [(str(entry["screen"]), str(entry["token"])) for entry in json.loads(text)]
        else:
            pairs = [line.partition(",") for line in text.splitlines() if line.strip() and line != "screen,token"]
            screen_tokens = [(screen.strip(), token.strip()) for screen, _, token in pairs]
    except (ValueError, KeyError, TypeError, AttributeError):
        screen_tokens = []
    if not screen_tokens or not all(screen and token.isascii() and token for screen, token in screen_tokens):
        raise refuse("fleet-tokens", file=str(path))
    return screen_tokens


def _run_load_test(
    server: str, screen_tokens: ScreenTokens, seconds: float, scenario: Scenario, interval: int, plays: bool,
    out: Path | None, act: Callable[[], None] | None,
) -> LoadTestResult:  # fmt: skip
    if scenario in ("edit", "takeover") and act is None:
        raise click.UsageError(f"--scenario {scenario} with --tokens needs --act COMMAND")
    if raise_file_limit(len(screen_tokens)) < len(screen_tokens) + 50:
        raise refuse("fleet-files", screens=len(screen_tokens))
    load_test = LoadTest(LoadTestConfig(server, screen_tokens, seconds, scenario, interval, plays=plays, action=act))
    outcome = load_test.run()
    if out is not None:
        from signage.bench.load_test.chart import render_chart

        out.write_bytes(render_chart(load_test.metrics.samples, outcome, load_test.metrics.action_at_s))
    return outcome


def _create_command(text: str | None) -> Callable[[], None] | None:
    if text is None:
        return None

    def run() -> None:
        subprocess.run(text, shell=True, check=True, stdout=subprocess.DEVNULL)  # noqa: S602 - the user's own command

    return run


@contextmanager
def _enrol_temporary_screens(count: int) -> Iterator[tuple[ScreenTokens, str]]:
    """Enrol copies of the existing screens for this run; return their tokens and their group."""
    import secrets

    from signage.cli.context import get_actor, get_app_context
    from signage.faults import FaultLocation
    from signage.services.screens import registry as acts

    app_context, actor = get_app_context(), get_actor()
    group = f"fleet-{secrets.token_hex(3)}"
    templates = _list_template_screens(app_context)
    entries = [
        (replace(template, id=f"{group}-{n + 1:05d}", groups=(*template.groups, group)), FaultLocation())
        for n, template in zip(range(count), cycle(templates), strict=False)
    ]
    enrolled_screens = acts.create_screens(app_context, actor, entries)
    try:
        yield [(enrolled.screen, enrolled.token) for enrolled in enrolled_screens], group
    finally:
        for enrolled in enrolled_screens:
            acts.delete_screen(app_context, actor, enrolled.screen)


def _list_template_screens(app_context: "AppContext") -> list["Screen"]:
    """List the screens to copy: those of the installation, or a plain one with its first panel."""
    from signage.model.screen import Screen
    from signage.services.screens import screen_table as screen_lists

    screens = [row.screen for row in screen_lists.list_screens(app_context) if row.row.revoked_at is None]
    return screens or [
        Screen(id="fleet", kind="fleet", panel=next(iter(app_context.panels)), timezone=app_context.timezone)
    ]


def _create_scenario_action(scenario: Scenario, group: str, seconds: float) -> Callable[[], None] | None:
    """Return the action with which the scenario changes the content of *group*."""
    from datetime import timedelta

    from signage.cli.context import get_actor, get_app_context
    from signage.model.screen import BrightnessStep, parse_sun_time
    from signage.services.screens import registry as screens
    from signage.services.takeovers import takeovers

    app_context, actor = get_app_context(), get_actor()

    def edit() -> None:
        step = BrightnessStep(parse_sun_time("00:00"), 77)
        screens.update_screens(app_context, actor, [f"group:{group}"], lambda s: replace(s, brightness=(step,)))

    def take_over() -> None:
        lasts = timedelta(seconds=max(60.0, seconds))
        request = takeovers.TakeoverRequest((f"group:{group}",), "fleet", duration=lasts, text="演练 12315")
        takeovers.start_takeover(app_context, actor, request)

    return {"edit": edit, "takeover": take_over}.get(scenario)


def _print_outcome(outcome: LoadTestResult, as_json: bool) -> None:
    if as_json:
        print_json(outcome)
        return
    latency, staleness, client = outcome.latency_ms, outcome.staleness_s, outcome.client
    rows = [
        ("screens", outcome.screens),
        ("polls", f"{outcome.polls} ({outcome.unchanged} unchanged, {outcome.documents} documents)"),
        ("polls a second", outcome.polls_per_s),
        ("plays", outcome.plays),
        ("latency, ms", f"p50 {latency.p50:.1f}  p99 {latency.p99:.1f}  max {latency.max:.1f}"),
        ("bytes", f"{outcome.bytes_in} in, {outcome.bytes_out} out, {outcome.connections} connections"),
        ("errors", ", ".join(f"{kind}: {n}" for kind, n in sorted(outcome.errors.items())) or "none"),
        (
            "the load test itself",
            f"{client.cpu_share:.1%} of a core, its loop late by {client.lag_p99_ms:.1f} ms (p99)",
        ),
    ]
    if staleness.count or outcome.behind:
        rows.insert(
            5, ("new document after, s", f"p50 {staleness.p50:.1f}  p99 {staleness.p99:.1f}  max {staleness.max:.1f}")
        )
        rows.insert(6, ("not reached", outcome.behind))
    print_table(("what", outcome.scenario), rows)
