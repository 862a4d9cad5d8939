"""The command ``signage``: one entry point that imports a command only when it is called.

Exit status: 0 done, 1 refused or faults found, 2 usage error. Refusals are printed on stderr.
"""

__all__ = ["main"]


def main(args: list[str] | None = None) -> None:
    """Run the command line and exit with its status."""
    try:
        from signage.cli.errors import run_command  # imported here, so that Ctrl-C during the import shows no traceback
        from signage.cli.lazy_group import signage
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    raise SystemExit(run_command(signage, args))
