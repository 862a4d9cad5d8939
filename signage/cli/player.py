"""``signage player``: run a player on a panel or a test bench."""

import contextlib
import signal
import sys
from pathlib import Path

import click

from signage.faults import refuse
from signage.player.drivers.factory import DRIVER_NAMES, create_driver
from signage.player.health import PlayerError


class _PixelSizeType(click.ParamType[tuple[int, int]]):
    name = "WxH"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        width, _, height = str(value).lower().partition("x")
        if not (width.isdigit() and height.isdigit() and 0 < int(width) <= 8192 and 0 < int(height) <= 8192):
            self.fail(f"{value!r} is no size such as 192x64", param, ctx)
        return int(width), int(height)


def _print_message(text: str) -> None:
    with contextlib.suppress(OSError):  # stdout may be closed; playback goes on
        click.echo(text, err=True)


@click.command("player", help="Play one screen: fetch its playlist, show it, report the plays.")
@click.option("--server", required=True, metavar="URL", help="URL of the signage server, http://host:port.")
@click.option(
    "--token",
    default="",
    help="Token of the screen. Without one, an enrolment code is shown, to be entered in the console.",
)
@click.option(
    "--driver", type=click.Choice(DRIVER_NAMES), default="null", show_default=True, help="Driver of the panel."
)
@click.option("--cache", type=click.Path(path_type=Path), metavar="DIR", help="Cache folder (default: var/player/…).")
@click.option("--seconds", type=click.FloatRange(min=0), help="Stop after so many seconds.")
@click.option(
    "--key", default="", metavar="KEYID", help="Signing key of the server, as printed when the screen was added."
)
@click.option("--out", default="", help="frames: folder or .gif; ddp: HOST[:PORT]; matrix, window: options.")
@click.option("--fps", type=click.FloatRange(min=0.1, max=240), help="Frames per second of the driver.")
@click.option(
    "--gamma", type=click.FloatRange(min=0.5, max=5), default=1.0, show_default=True, help="Gamma of the panel (ddp)."
)
@click.option(
    "--panel",
    type=_PixelSizeType(),
    default="192x64",
    show_default=True,
    help="Pixels of the panel, for the enrolment code.",
)
@click.option(
    "--cache-mb", type=click.IntRange(min=1), default=4096, show_default=True, help="Maximum size of the cache."
)
@click.option(
    "--screenshot-s", type=click.IntRange(min=10), default=3600, show_default=True, help="Interval of screenshots."
)
def player(
    server: str, token: str, driver: str, cache: Path | None, seconds: float | None, key: str, out: str,
    fps: float | None, gamma: float, panel: tuple[int, int], cache_mb: int, screenshot_s: int,
) -> None:  # fmt: skip
    from signage.player.player import Player, get_default_cache_folder
    from signage.player.settings import MIB, PlayerConfig

    if not server.startswith(("http://", "https://")):
        raise click.BadParameter(f"{server!r} does not begin with http:// or https://", param_hint="--server")
    folder = cache or get_default_cache_folder(token)
    config = PlayerConfig(
        server, folder, token, key, cache_bytes=cache_mb * MIB, screenshot_s=screenshot_s, panel=panel
    )  # fmt: skip
    try:
        panel_driver = create_driver(driver, out=out, cache=folder, fps=fps, gamma=gamma)
        screen_player = Player(config, panel_driver, log=_print_message)
    except PlayerError as error:
        raise refuse(error.code, subject=error.subject) from None
    except OSError as error:
        raise refuse("cache-unusable", folder=str(folder), why=error.strerror or str(error)) from None

    def end(*_: object) -> None:
        screen_player.stop_event.set()
        screen_player.wake_event.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    if driver == "frames":
        click.echo(f"frames: {out or folder / 'frames'}", err=True)
    screen_player.run(seconds)
    sys.stdout.flush()
