"""Commands by name, and a click group that imports a command only when it is called."""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import click

COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("signage.cli.init:init", "Create an installation in an empty folder."),
    "up": ("signage.cli.up:up", "Start the scheduler and the web server."),
    "check": ("signage.cli.check:check", "Check the configuration and campaign files."),
    "explain": ("signage.cli.explain:explain", "Show what a screen shows at an instant, and why."),
    "playlist": ("signage.cli.playlist:playlist", "Compile the playlist of a screen."),
    "preview": ("signage.cli.preview:preview", "Render an item for a panel."),
    "simulate": ("signage.cli.simulate:simulate", "Forecast a campaign on its screens."),
    "ics": ("signage.cli.ics:ics", "Export a campaign as iCalendar."),
    "screens": ("signage.cli.screens:screens", "Screens: list, add, set, import, remove, revoke."),
    "users": ("signage.cli.users:users", "Users: list, add, disable."),
    "tokens": ("signage.cli.tokens:tokens", "Tokens for the API."),
    "library": ("signage.cli.library:library", "Clips: add, list."),
    "takeover": ("signage.cli.takeovers:takeover", "Takeovers: start, stop, list."),
    "consent": ("signage.cli.consents:consent", "Consents between units: list, give, withdraw."),
    "plays": ("signage.cli.plays:plays", "List the plays of a screen."),
    "player": ("signage.cli.player:player", "Run a player on a panel or a test bench."),
    "fleet": ("signage.cli.fleet:fleet", "Load test with many polling screens over HTTP."),
    "audit": ("signage.cli.audit:audit", "Audit log: export, verify."),
    "report": ("signage.cli.report:report", "Write the report of a campaign."),
    "backup": ("signage.cli.backup:backup", "Back up the whole state to one file while the server runs."),
    "restore": ("signage.cli.backup:restore", "Restore the whole state from a backup."),
    "bench": ("signage.cli.bench:bench", "Run benchmarks beside their yardsticks."),
}
"""Name → module and object, and the line that ``signage --help`` shows."""


@dataclass(slots=True)
class GlobalOptions:
    """Options before the command."""

    config: Path = Path("config.toml")


def _set_config(context: click.Context, _: click.Parameter, value: Path | None) -> None:
    if value is not None:
        context.ensure_object(GlobalOptions).config = value


def _create_config_option(hidden: bool) -> click.Option:
    return click.Option(
        ["--config"],
        type=click.Path(path_type=Path),
        expose_value=False,
        is_eager=True,
        hidden=hidden,
        callback=_set_config,
        metavar="FILE",
        help="Configuration file (default: ./config.toml).",
    )


def _add_config_option(command: click.Command) -> click.Command:
    """Add ``--config`` to *command* and its subcommands, so that it may follow the command's name."""
    if not any("--config" in parameter.opts for parameter in command.params):
        command.params.append(_create_config_option(hidden=True))
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            _add_config_option(inner)
    return command


class LazyGroup(click.Group):
    """Group of the commands in :data:`COMMANDS`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command: Any = getattr(import_module(module), name)
        return _add_config_option(command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


signage = LazyGroup(
    "signage",
    params=[_create_config_option(hidden=False)],
    help="Civic digital signage: campaigns of slogans and films on public screens, with proof of what was shown.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
