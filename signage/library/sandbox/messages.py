"""What crosses the wall of the jail: a job going in, answers coming out."""

from collections.abc import Callable
from typing import Any, BinaryIO

import msgspec

from signage.library.sandbox.confinement import Limits


class Job(msgspec.Struct, frozen=True):
    """One thing to do: which, with what facts, within what."""

    name: str
    facts: dict[str, Any]
    limits: Limits


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line that a child writes. *spoilt*: it came to an end by an error that is not the clip's own cause."""

    progress: float | None = None
    done: dict[str, Any] | None = None
    unfit: tuple[str, dict[str, str | int | float]] | None = None
    spoilt: str | None = None


Tell = Callable[[float], None]
"""Says how far the work is, 0…1."""

Work = Callable[[list[BinaryIO], dict[str, Any], Tell], dict[str, Any]]
"""Does a job on open files: the source first, then the targets."""
