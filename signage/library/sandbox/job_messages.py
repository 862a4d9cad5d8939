"""Messages between the supervisor and a sandboxed child: one job in, several answers out."""

from collections.abc import Callable

import msgspec

from signage.library.sandbox.confinement import SandboxLimits


class SandboxJob(msgspec.Struct, frozen=True):
    """One job with its limits. *job*: JSON of a job type that the worker process knows (``codecs/clip_jobs.py``)."""

    job: msgspec.Raw
    limits: SandboxLimits


NOT_DONE = msgspec.Raw(b"null")
"""The value of ``done`` in answers that carry no result."""


class SandboxAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line that a child writes.

    *progress*: part of the work done, 0…1. *done*: JSON of the result. *media_error*: code and facts of a MediaError.
    *crashed*: an unexpected exception of the child.
    """

    progress: float | None = None
    done: msgspec.Raw = NOT_DONE
    media_error: tuple[str, dict[str, str | int | float]] | None = None
    crashed: str | None = None


ProgressCallback = Callable[[float], None]
"""Receives the part of the work that is done, 0…1."""

JobFunction = Callable[..., object]
"""Runs a job: (open files: the source, then the targets; the job; its limits; a ProgressCallback) → the result."""
