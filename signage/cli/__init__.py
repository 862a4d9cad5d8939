"""The command ``signage``."""


def main() -> None:
    """Run the command line."""
    raise SystemExit("not yet")
