"""Wildcards in ids: ``*`` matches any number of characters, ``?`` exactly one."""

import re
from collections.abc import Callable
from functools import lru_cache

WildcardMatcher = Callable[[str], object]


@lru_cache(maxsize=16384)
def compile_wildcard(pattern: str) -> WildcardMatcher:
    """Return a matcher for *pattern*. Its running time is linear in the text, however many stars there are.

    Each piece between stars is matched at its first position without backtracking (atomic groups). That finds a match
    whenever there is one, and avoids the exponential time of ``*a*a*a*a*b``.
    """
    if not has_wildcard(pattern):
        return pattern.__eq__
    pieces = ["".join("." if c == "?" else re.escape(c) for c in piece) for piece in pattern.split("*")]
    if len(pieces) == 1:
        return re.compile(pieces[0] + r"\Z", re.DOTALL).match
    middle = "".join(f"(?>.*?{piece})" for piece in pieces[1:-1] if piece)
    return re.compile(f"{pieces[0]}{middle}.*{pieces[-1]}\\Z", re.DOTALL).match


def has_wildcard(pattern: str) -> bool:
    """Return whether *pattern* has a wildcard."""
    return "*" in pattern or "?" in pattern
