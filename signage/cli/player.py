"""``signage player``: a real player, for a roof display or a test bench."""

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
    with contextlib.suppress(OSError):  # whoever reads it may have gone; the picture goes on
        click.echo(text, err=True)


@click.command("player", help="Play one screen: fetch its playlist, show it, report what was shown.")
@click.option("--server", required=True, metavar="URL", help="Where the signage server is: http://host:port.")
@click.option(
    "--token", default="", help="The screen's token. Without one, a code is shown to be typed in the console."
)
@click.option(
    "--driver", type=click.Choice(DRIVER_NAMES), default="null", show_default=True, help="What the picture goes to."
)
@click.option("--cache", type=click.Path(path_type=Path), metavar="DIR", help="Where it keeps all (var/player/…).")
@click.option("--seconds", type=click.FloatRange(min=0), help="Stop after so long.")
@click.option(
    "--key", default="", metavar="KEYID", help="The server's signing key, as printed when the screen was added."
)
@click.option("--out", default="", help="frames: folder or .gif; ddp: HOST[:PORT]; matrix, window: options.")
@click.option("--fps", type=click.FloatRange(min=0.1, max=240), help="Frames a second of the driver.")
@click.option(
    "--gamma", type=click.FloatRange(min=0.5, max=5), default=1.0, show_default=True, help="ddp: of the panel."
)
@click.option(
    "--panel", type=_PixelSizeType(), default="192x64", show_default=True, help="Its pixels, to show the code on."
)
@click.option("--cache-mb", type=click.IntRange(min=1), default=4096, show_default=True, help="The cache's bound.")
@click.option(
    "--screenshot-s", type=click.IntRange(min=10), default=3600, show_default=True, help="Between screenshots."
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
        face = create_driver(driver, out=out, cache=folder, fps=fps, gamma=gamma)
        running = Player(config, face, log=_print_message)
    except PlayerError as trouble:
        raise refuse(trouble.code, subject=trouble.subject) from None
    except OSError as error:
        raise refuse("cache-unusable", folder=str(folder), why=error.strerror or str(error)) from None

    def end(*_: object) -> None:
        running.stop_event.set()
        running.wake_event.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    if driver == "frames":
        click.echo(f"frames: {out or folder / 'frames'}", err=True)
    running.run(seconds)
    sys.stdout.flush()
