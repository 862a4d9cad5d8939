"""The command ``signage``: one entry point, whose commands are imported only when they are called.

Exit status: 0 done, 1 refused or found wanting, 2 misuse. What is refused is told in sentences on stderr.
"""

from signage.cli.group import signage

__all__ = ["main", "signage"]


def main(args: list[str] | None = None) -> None:
    """Run the command line and leave with its exit status."""
    from signage.cli.ending import run

    raise SystemExit(run(signage, args))
