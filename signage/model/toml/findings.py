"""What is found wrong in a file while it is read: a path into it, before lines are known."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import islice

from signage.faults import Fault, FaultLocation, Severity
from signage.model.toml.line_index import LineIndex
from signage.model.toml.statements import KeyPath

MAX_FAULTS = 1000
_MAX_CANDIDATES = 300


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault that knows its path but not yet its line. *line* where the parser has said it."""

    level: Severity
    code: str
    path: KeyPath = ()
    facts: Mapping[str, object] = field(default_factory=dict)
    line: int | None = None


def make_error(code: str, path: KeyPath = (), **facts: object) -> Finding:
    return Finding("error", code, path, facts)


def make_warning(code: str, path: KeyPath = (), **facts: object) -> Finding:
    return Finding("warning", code, path, facts)


def suggest_error(code: str, path: KeyPath, name: str, known: Iterable[str], **facts: object) -> Finding:
    """An error about a *name* that is none of *known*: *code* with the nearest one, or ``code-far``."""
    close = find_closest_match(name, known)
    if close is None:
        return Finding("error", f"{code}-far", path, {"name": ellipsize(name), **facts})
    return Finding("error", code, path, {"name": ellipsize(name), "nearest": close, **facts})


def find_closest_match(name: str, known: Iterable[str], most: int = _MAX_CANDIDATES) -> str | None:
    """The one of the first *most* of *known* that *name* was probably meant to be."""
    candidates = list(islice(known, most))
    if len(name) > 80:
        return None
    found = get_close_matches(name, candidates, n=1) or get_close_matches(name.lower(), candidates, n=1)
    return found[0] if found else None


def ellipsize(text: str, most: int = 60) -> str:
    """*text* on one line, with its end left off where it is long."""
    shown = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text[: most + 1])
    return shown if len(text) <= most else shown[:most] + "…"


def format_key(path: KeyPath) -> str:
    """The key as people count: ``placement[2].dayparts``; the place inside a list of words is left out."""
    if len(path) > 2 and isinstance(path[-1], int):
        path = path[:-1]
    text = ""
    for step in path:
        text += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if text else step
    return ellipsize(text, 200)


def locate_findings(found: Iterable[Finding], file: str, text: str) -> tuple[Fault, ...]:
    """The faults in the order of their lines."""
    listed = list(found)[:MAX_FAULTS]
    if not listed:
        return ()
    lines = LineIndex(text)
    faults = [
        Fault(
            f.level,
            f.code,
            FaultLocation(file, f.line if f.line is not None else lines.get_line(f.path), format_key(f.path)),
            dict(f.facts),
        )
        for f in listed
    ]
    return tuple(sorted(faults, key=lambda f: f.location.line or 0))
