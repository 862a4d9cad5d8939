"""Driver without a panel: the player fetches, verifies and records plays."""

from signage.player.drivers import BaseDriver


class NullDriver(BaseDriver):
    """Shows nothing."""
