"""The command ``signage``: one entry point, whose commands are imported only when they are called.

Exit status: 0 done, 1 refused or found wanting, 2 misuse. What is refused is told in sentences on stderr.
"""

__all__ = ["main"]


def main(args: list[str] | None = None) -> None:
    """Run the command line and leave with its exit status."""
    try:
        from signage.cli.errors import run_command  # here, so that who presses Ctrl-C meanwhile sees no traceback
        from signage.cli.lazy_group import signage
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    raise SystemExit(run_command(signage, args))
