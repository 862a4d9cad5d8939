"""What is wrong, as values: a code with facts and a place.

The sentence for a person is made at the edge, in the reader's language (``signage.messages``).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class FaultLocation:
    """Where a fault is: a file (as the person named it), a 1-based line, a key such as ``placement[2].dayparts``.

    For a fault in a form or a request, *file* is empty and *key* is the field.
    """

    file: str = ""
    line: int | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong. *code* names its sentence, *facts* fill the sentence's blanks."""

    level: Severity
    code: str
    location: FaultLocation = FaultLocation()
    facts: Mapping[str, object] = field(default_factory=dict)


class Refused(Exception):  # noqa: N818 (a refusal is an answer, not an error of the program)
    """Something was refused whole; *faults* lists all that is wrong with it. Nothing was changed."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(faults)
        super().__init__(", ".join(f.code for f in self.faults))


def refuse(code: str, key: str = "", **facts: object) -> Refused:
    """A refusal for one reason, about the field or object *key*."""
    return Refused([Fault("error", code, FaultLocation(key=key), facts)])
