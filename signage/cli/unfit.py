"""What a command says of files of the archive that are not those that were sealed."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from signage.evidence.archive_integrity import ArchiveDamage


def report_archive_damage(unfit: Sequence["ArchiveDamage"]) -> None:
    """Name each of them; with any, what was printed is found wanting (exit status 1)."""
    if not unfit:
        return
    from signage.cli.errors import format_fault
    from signage.faults import Fault, FaultLocation

    sys.stdout.flush()
    for one in unfit:
        facts = {"day": one.day, "file": one.file}
        click.echo(format_fault(Fault("error", f"archive-{one.why}", FaultLocation(), facts)), err=True)
    sys.exit(1)
