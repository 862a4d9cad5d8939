"""Chinese word segmentation: a small maximum-likelihood model, used to break lines between words only."""

import gzip
import math
from functools import cache, lru_cache
from importlib import resources

LOG2_TOTAL_COUNT = 26.0
"""log2 of the number of words counted."""
LOG2_UNKNOWN_COUNT = 4.0
"""log2 of the count that a character outside the list is taken to have."""
MAX_WORD_LENGTH = 4


@cache
def load_lexicon() -> dict[str, float]:
    """Return the words with log2 of their counts."""
    raw = (resources.files("signage.pixels.fonts") / "words.gz").read_bytes()
    lexicon: dict[str, float] = {}
    for line in gzip.decompress(raw).decode().splitlines():
        count, *words = line.split(" ")
        lexicon.update(dict.fromkeys(words, float(count)))
    return lexicon


@lru_cache(8192)
def find_word_ends(run: str) -> frozenset[int]:
    """Return the word ends in *run* (Chinese characters only), as indices into it."""
    lexicon = load_lexicon()
    best = [0.0] + [-math.inf] * len(run)
    back = [0] * (len(run) + 1)
    for stop in range(1, len(run) + 1):
        for start in range(max(0, stop - MAX_WORD_LENGTH), stop):
            count = lexicon.get(run[start:stop], LOG2_UNKNOWN_COUNT if stop - start == 1 else None)
            if count is not None and best[start] + count - LOG2_TOTAL_COUNT > best[stop]:
                best[stop], back[stop] = best[start] + count - LOG2_TOTAL_COUNT, start
    ends, at = [], len(run)
    while at:
        ends.append(at)
        at = back[at]
    return frozenset(ends)
