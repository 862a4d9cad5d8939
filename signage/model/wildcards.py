"""Wildcards in ids: ``*`` any number of characters, ``?`` one; nothing else is special."""

import re
from collections.abc import Callable
from functools import lru_cache

WildcardMatcher = Callable[[str], object]


@lru_cache(maxsize=16384)
def compile_wildcard(pattern: str) -> WildcardMatcher:
    """Whether a word matches *pattern*. Its work grows with the word's length, however many stars there are.

    Each piece between stars is taken at its first place and never tried again (atomic groups): that finds a match
    whenever there is one, without the backtracking that makes ``*a*a*a*a*b`` endless.
    """
    if not has_wildcard(pattern):
        return pattern.__eq__
    pieces = ["".join("." if c == "?" else re.escape(c) for c in piece) for piece in pattern.split("*")]
    if len(pieces) == 1:
        return re.compile(pieces[0] + r"\Z", re.DOTALL).match
    middle = "".join(f"(?>.*?{piece})" for piece in pieces[1:-1] if piece)
    return re.compile(f"{pieces[0]}{middle}.*{pieces[-1]}\\Z", re.DOTALL).match


def has_wildcard(pattern: str) -> bool:
    """Whether *pattern* has a wildcard."""
    return "*" in pattern or "?" in pattern
