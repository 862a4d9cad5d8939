"""The driver that shows nothing and only keeps the clock: fetches, verifies, counts plays."""

from signage.player.drivers import Quiet


class Null(Quiet):
    """No panel."""
