"""``signage up``: run the scheduler and the web server; Ctrl-C stops both."""

import logging
import signal
from dataclasses import replace

import click

from signage.cli.context import get_config
from signage.cli.errors import print_faults as tell_faults

_FIRST_PEOPLE = {"admin": "first administrator", "approver": "first approver, a second person"}


@click.command("up")
@click.option("--host", metavar="H", help="Address to listen on (default: [server] host).")
@click.option("--port", type=click.IntRange(0, 65535), metavar="P", help="Port (default: [server] port; 0: any).")
@click.option("--demo", is_flag=True, help="Enrol one demo roof and one demo street screen; print their player links.")
def up(host: str | None, port: int | None, demo: bool) -> None:
    """Start the scheduler and the web server; end them with Ctrl-C.

    The state folder is made and brought up to date, playlists/*.toml are loaded, and again within two seconds of each
    change of a file.
    """
    signal.signal(signal.SIGTERM, _exit_on_signal)  # until the server installs its own handlers
    from signage import server
    from signage.services.campaigns.folder_watch import FileOutcome
    from signage.services.consents.decision import describe_pending_decision
    from signage.services.context import AppContext
    from signage.services.screens import demo as demo_screens
    from signage.services.users.first_run import create_first_links

    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    config = get_config()
    address = server.ListenAddress(host or config.server.host, config.server.port if port is None else port)
    if address.port == 0:
        address = replace(address, port=server.find_free_port(address.host))

    def tell(outcome: FileOutcome) -> None:
        if outcome.faults:
            tell_faults(outcome.faults)
        elif outcome.ended:
            click.echo(f"{outcome.file}: gone, its campaign is ended", err=True)
        else:
            click.echo(f"{outcome.file}: {'loaded' if outcome.changed else 'gone'}", err=True)

    lines = [f"console: {address.url}/console/"]

    def before(app_context: AppContext) -> None:
        undecided = describe_pending_decision(app_context, str(config.path))
        if undecided is not None:
            tell_faults([undecided])
        for role, path in create_first_links(app_context):
            lines.append(f"{_FIRST_PEOPLE[role]} (one time): {address.url}{path}")
        if demo:
            lines.extend(
                f"{screen}: {address.url}/s/{token}/" for screen, token in demo_screens.enrol_demo_screens(app_context)
            )

    def ready() -> None:
        click.echo("\n".join([*lines, "ready; Ctrl-C ends"]))

    server.serve(config, address, tell, before, ready)


def _exit_on_signal(*_: object) -> None:
    raise SystemExit(0)
