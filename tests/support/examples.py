"""How many examples a property draws: told for the everyday profile, scaled with ``HYPOTHESIS_PROFILE``."""

from hypothesis import settings

DEFAULT_MAX_EXAMPLES = 100


def examples(everyday: int) -> settings:
    """*everyday* examples by the default profile, as many times more as the chosen profile has more."""
    return settings(
        max_examples=max(1, everyday * settings.default.max_examples // DEFAULT_MAX_EXAMPLES), deadline=None
    )
