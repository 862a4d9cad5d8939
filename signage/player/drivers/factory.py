"""Create a driver by name; its libraries are imported only then."""

from pathlib import Path

from signage.player.drivers import Driver
from signage.player.health import PlayerError

DRIVER_NAMES = ("null", "frames", "ddp", "matrix", "window")


def create_driver(
    name: str, *, out: str = "", cache: Path = Path(), fps: float | None = None, gamma: float = 1.0
) -> Driver:
    """Create the driver *name*. *out* is its target: a folder or GIF, ``HOST[:PORT]``, or options of the matrix.

    Raises PlayerError if the driver is unknown or cannot run on this machine.
    """
    if name == "null":
        from signage.player.drivers.null import NullDriver

        return NullDriver()
    if name == "frames":
        from signage.player.drivers.frames import FramesDriver

        return FramesDriver(Path(out) if out else cache / "frames", fps or 20.0)
    if name == "ddp":
        from signage.player.drivers.ddp import DdpDriver

        return DdpDriver(out or "127.0.0.1", fps or 40.0, gamma)
    if name == "matrix":
        from signage.player.drivers.matrix import MatrixDriver

        return MatrixDriver(out, fps or 60.0)
    if name == "window":
        from signage.player.drivers.window import WindowDriver

        return WindowDriver(out, cache)
    raise PlayerError("driver-unknown", name)
