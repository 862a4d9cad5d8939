"""Faults as values: a code, facts and a location.

The message is rendered at the edge, in the reader's language (``signage.messages``).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class FaultLocation:
    """Location of a fault: file (as the user named it), 1-based line, key such as ``placement[2].dayparts``.

    For a fault in a form or a request, *file* is empty and *key* is the field.
    """

    file: str = ""
    line: int | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. *code* selects the message, *facts* fill its placeholders."""

    level: Severity
    code: str
    location: FaultLocation = FaultLocation()
    facts: Mapping[str, object] = field(default_factory=dict)


class Refused(Exception):  # noqa: N818 (a refusal is an answer, not an error of the program)
    """Raised when input or an act is refused; nothing was changed. *faults* lists all reasons."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(faults)
        super().__init__(", ".join(f.code for f in self.faults))


def refuse(code: str, key: str = "", **facts: object) -> Refused:
    """Build a refusal with one fault about the field or object *key*."""
    return Refused([Fault("error", code, FaultLocation(key=key), facts)])
