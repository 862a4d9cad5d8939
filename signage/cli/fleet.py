"""``signage fleet``: many polling screens over real HTTP, from one process."""

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


@click.command("fleet", help="Poll as many screens would: latency, errors, bytes, staleness, and what the fleet costs.")
@click.option("--server", required=True, metavar="URL", help="Where the signage server is: http://host:port.")
@click.option("--screens", type=click.IntRange(1, 100_000), metavar="N", help="How many (default: all of --tokens).")
@click.option("--seconds", type=click.FloatRange(min=1), required=True, help="How long.")
@click.option(
    "--tokens",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Lines `screen,token`, or JSON. Without it, screens are enrolled beside the installation, then removed.",
)
@click.option("--scenario", type=click.Choice(SCENARIOS), default="steady", show_default=True, help="What happens.")
@click.option(
    "--act", metavar="COMMAND", help="What changes the documents in edit and takeover (default: an act here)."
)
@click.option(
    "--interval", type=click.IntRange(1, 3600), default=30, show_default=True, help="First spread over so many s."
)
@click.option("--plays/--no-plays", default=True, show_default=True, help="Whether the plays of the loops are sent.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.svg", help="A picture over time.")
@json_option
def fleet(
    server: str, screens: int | None, seconds: float, tokens: Path | None, scenario: Scenario, act: str | None,
    interval: int, plays: bool, out: Path | None, as_json: bool,
) -> None:  # fmt: skip
    if tokens is not None:
        known = read_tokens(tokens)
        outcome = _run_load_test(
            server, known[: screens or len(known)], seconds, scenario, interval, plays, out, _create_command(act)
        )
    else:
        with _enrol_temporary_screens(screens or 100) as (known, group):
            wait_until_compiled(server, known[-1][1])
            do = _create_command(act) or _create_scenario_action(scenario, group, seconds)
            outcome = _run_load_test(server, known, seconds, scenario, interval, plays, out, do)
    _print_outcome(outcome, as_json)
    if outcome.polls == 0:
        raise refuse("fleet-no-answer", server=server)


def wait_until_compiled(server: str, token: str, seconds: float = 120.0) -> None:
    """Screens that were enrolled just now are compiled within a while; the run begins when the last of them is."""
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
    """``screen,token`` lines; or JSON: a list of objects with ``screen`` and ``token``, or one object id → token."""
    text = path.read_text("utf-8-sig").strip()
    try:
        if text.startswith("{"):
            found = [(str(k), str(v)) for k, v in json.loads(text).items()]
        elif text.startswith("["):
            found = [(str(entry["screen"]), str(entry["token"])) for entry in json.loads(text)]
        else:
            pairs = [line.partition(",") for line in text.splitlines() if line.strip() and line != "screen,token"]
            found = [(screen.strip(), token.strip()) for screen, _, token in pairs]
    except (ValueError, KeyError, TypeError, AttributeError):
        found = []
    if not found or not all(screen and token.isascii() and token for screen, token in found):
        raise refuse("fleet-tokens", file=str(path))
    return found


def _run_load_test(
    server: str, known: ScreenTokens, seconds: float, scenario: Scenario, interval: int, plays: bool, out: Path | None,
    act: Callable[[], None] | None,
) -> LoadTestResult:  # fmt: skip
    if scenario in ("edit", "takeover") and act is None:
        raise click.UsageError(f"--scenario {scenario} with --tokens needs --act COMMAND")
    if raise_file_limit(len(known)) < len(known) + 50:
        raise refuse("fleet-files", screens=len(known))
    running = LoadTest(LoadTestConfig(server, known, seconds, scenario, interval, plays=plays, action=act))
    outcome = running.run()
    if out is not None:
        from signage.bench.load_test.chart import render_chart

        out.write_bytes(render_chart(running.metrics.samples, outcome, running.metrics.action_at_s))
    return outcome


def _create_command(text: str | None) -> Callable[[], None] | None:
    if text is None:
        return None

    def run() -> None:
        subprocess.run(text, shell=True, check=True, stdout=subprocess.DEVNULL)  # noqa: S602 - the user's own command

    return run


@contextmanager
def _enrol_temporary_screens(count: int) -> Iterator[tuple[ScreenTokens, str]]:
    """Screens like those that are there, for this run only: their tokens, and the group that they form."""
    import secrets

    from signage.cli.context import get_actor, get_app_context
    from signage.faults import FaultLocation
    from signage.services.screens import registry as acts

    office, actor = get_app_context(), get_actor()
    group = f"fleet-{secrets.token_hex(3)}"
    patterns = _list_template_screens(office)
    entries = [
        (replace(like, id=f"{group}-{n + 1:05d}", groups=(*like.groups, group)), FaultLocation())
        for n, like in zip(range(count), cycle(patterns), strict=False)
    ]
    made = acts.create_screens(office, actor, entries)
    try:
        yield [(one.screen, one.token) for one in made], group
    finally:
        for one in made:
            acts.delete_screen(office, actor, one.screen)


def _list_template_screens(office: "AppContext") -> list["Screen"]:
    """The screens to be copied: those of the office, or a bare one on its first panel."""
    from signage.model.screen import Screen
    from signage.services.screens import screen_table as screen_lists

    found = [row.screen for row in screen_lists.list_screens(office) if row.row.revoked_at is None]
    return found or [Screen(id="fleet", kind="fleet", panel=next(iter(office.panels)), timezone=office.timezone)]


def _create_scenario_action(scenario: Scenario, group: str, seconds: float) -> Callable[[], None] | None:
    """What the scenario does to the screens of *group* in this installation."""
    from datetime import timedelta

    from signage.cli.context import get_actor, get_app_context
    from signage.model.screen import BrightnessStep, parse_sun_time
    from signage.services.screens import registry as screens
    from signage.services.takeovers import takeovers

    office, actor = get_app_context(), get_actor()

    def edit() -> None:
        step = BrightnessStep(parse_sun_time("00:00"), 77)
        screens.update_screens(office, actor, [f"group:{group}"], lambda s: replace(s, brightness=(step,)))

    def take_over() -> None:
        lasts = timedelta(seconds=max(60.0, seconds))
        order = takeovers.TakeoverRequest((f"group:{group}",), "fleet", duration=lasts, text="演练 12315")
        takeovers.start_takeover(office, actor, order)

    return {"edit": edit, "takeover": take_over}.get(scenario)


def _print_outcome(outcome: LoadTestResult, as_json: bool) -> None:
    if as_json:
        print_json(outcome)
        return
    latency, stale, client = outcome.latency_ms, outcome.staleness_s, outcome.client
    rows = [
        ("screens", outcome.screens),
        ("polls", f"{outcome.polls} ({outcome.unchanged} unchanged, {outcome.documents} documents)"),
        ("polls a second", outcome.polls_per_s),
        ("plays", outcome.plays),
        ("latency, ms", f"p50 {latency.p50:.1f}  p99 {latency.p99:.1f}  max {latency.max:.1f}"),
        ("bytes", f"{outcome.bytes_in} in, {outcome.bytes_out} out, {outcome.connections} connections"),
        ("errors", ", ".join(f"{kind}: {n}" for kind, n in sorted(outcome.errors.items())) or "none"),
        ("the fleet itself", f"{client.cpu_share:.1%} of a core, its loop late by {client.lag_p99_ms:.1f} ms (p99)"),
    ]
    if stale.count or outcome.behind:
        rows.insert(5, ("new document after, s", f"p50 {stale.p50:.1f}  p99 {stale.p99:.1f}  max {stale.max:.1f}"))
        rows.insert(6, ("not reached", outcome.behind))
    print_table(("what", outcome.scenario), rows)
