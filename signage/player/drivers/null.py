"""The driver that shows nothing and only keeps the clock: fetches, verifies, counts plays."""

from signage.player.drivers import BaseDriver


class NullDriver(BaseDriver):
    """No panel."""
