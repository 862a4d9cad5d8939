"""Findings: faults of a file with a key path, before their lines are known."""

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
    """A fault with its path but without its line. *line* is set where the parser knows it."""

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
    """Return an error about a *name* that is not in *known*: *code* with the closest match, or ``code-far`` without."""
    suggestion = find_closest_match(name, known)
    if suggestion is None:
        return Finding("error", f"{code}-far", path, {"name": ellipsize(name), **facts})
    return Finding("error", code, path, {"name": ellipsize(name), "nearest": suggestion, **facts})


def find_closest_match(name: str, known: Iterable[str], max_candidates: int = _MAX_CANDIDATES) -> str | None:
    """Return the name among the first *max_candidates* of *known* that *name* is probably a misspelling of."""
    candidates = list(islice(known, max_candidates))
    if len(name) > 80:
        return None
    found = get_close_matches(name, candidates, n=1) or get_close_matches(name.lower(), candidates, n=1)
    return found[0] if found else None


def ellipsize(text: str, max_length: int = 60) -> str:
    """Return *text* on one line, shortened where it is long."""
    shown = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text[: max_length + 1])
    return shown if len(text) <= max_length else shown[:max_length] + "…"


def format_key(path: KeyPath) -> str:
    """Format a path with indexes from 1: ``placement[2].dayparts``; the index of an element of a list is left out."""
    if len(path) > 2 and isinstance(path[-1], int):
        path = path[:-1]
    text = ""
    for step in path:
        text += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if text else step
    return ellipsize(text, 200)


def locate_findings(found: Iterable[Finding], file: str, text: str) -> tuple[Fault, ...]:
    """Convert findings to faults with lines, sorted by line."""
    limited = list(found)[:MAX_FAULTS]
    if not limited:
        return ()
    lines = LineIndex(text)
    faults = [
        Fault(
            f.level,
            f.code,
            FaultLocation(file, f.line if f.line is not None else lines.get_line(f.path), format_key(f.path)),
            dict(f.facts),
        )
        for f in limited
    ]
    return tuple(sorted(faults, key=lambda f: f.location.line or 0))
