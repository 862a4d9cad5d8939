"""What crosses the wall of the jail: a job going in, answers coming out."""

from collections.abc import Callable
from typing import Any, BinaryIO

import msgspec

from signage.library.sandbox.confinement import SandboxLimits


class SandboxJob(msgspec.Struct, frozen=True):
    """One thing to do: which, with what facts, within what."""

    name: str
    facts: dict[str, Any]
    limits: SandboxLimits


class SandboxAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line that a child writes. *spoilt*: it came to an end by an error that is not the clip's own cause."""

    progress: float | None = None
    done: dict[str, Any] | None = None
    media_error: tuple[str, dict[str, str | int | float]] | None = None
    crashed: str | None = None


ProgressCallback = Callable[[float], None]
"""Says how far the work is, 0…1."""

JobFunction = Callable[[list[BinaryIO], dict[str, Any], ProgressCallback], dict[str, Any]]
"""Does a job on open files: the source first, then the targets."""
