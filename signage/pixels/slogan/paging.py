"""A text cut into pages: each of a few lines at one size, the cuts at the ends of phrases where they can be."""

from signage.pixels.slogan.layout import Block, Box, balanced, greedy, in_phrases, most_lines, room, sizes
from signage.pixels.slogan.motion import CHARACTERS_PER_S, LEAST_PAGE_MS, MOST_PAGES
from signage.pixels.text.line_breaking import ANYWHERE, INSIDE, POOR, PUNCTUATION, SENSE, breaks

_FULL = CHARACTERS_PER_S * LEAST_PAGE_MS // 1000
"""Characters that a page of the shortest time holds."""
_MOST_LINES = 12


def by_sense(text: str, box: Box, least: int, largest: int | None = None) -> tuple[Block, ...] | None:
    """A few pages of whole phrases as large as it goes; on panels of several lines, also of parts of a phrase.

    None where that can't be.
    """
    for grade, between in ((PUNCTUATION, "\n"), (SENSE, "")):
        pieces = _pieces(text, grade)
        if len(pieces) < 2 or (grade == SENSE and most_lines(least, box.height) < 2):
            continue
        for size in reversed([s for s in sizes(box, largest) if s >= least]):
            pages = _joined(pieces, between, size, box)
            if pages is not None and len(pages) <= MOST_PAGES:
                return _set(pages, size, box)
    return None


def by_room(text: str, box: Box, least: int, largest: int | None = None) -> tuple[Block, ...] | None:
    """As many pages as it takes, each full enough for the time it stands; rather smaller than with words cut."""
    choice = [s for s in sizes(box, largest) if s >= least] or sizes(box, largest)[:1]
    tried: list[tuple[Block, ...]] = []
    for size in _telling(choice, box):
        pages = _filled(text, size, box)
        blocks = _set(pages, size, box) if len(text) / len(pages) >= _FULL or size == choice[0] else None
        if blocks is not None:
            if max(block.worst for block in blocks) <= POOR:
                return blocks
            tried.append(blocks)
    return min(tried, key=lambda blocks: max(block.worst for block in blocks), default=None)


def _telling(choice: list[int], box: Box) -> list[int]:
    """Of many sizes those at which a line more, or a character more in a line, comes in; the largest first."""
    found = {choice[0]}
    for count in range(1, 1 + min(_MOST_LINES, box.height // choice[0])):
        found.add(max((s for s in choice if most_lines(s, box.height) >= count), default=choice[0]))
    found |= {max((s for s in choice if s <= box.width // count), default=choice[0]) for count in range(4, 25)}
    return sorted((s for s in found if most_lines(s, box.height) * (box.width // s) >= _FULL // 2), reverse=True)


def _pieces(text: str, grade: int) -> list[str]:
    """The text cut at each break of that grade or better."""
    grades, pieces, start = breaks(text), [], 0
    for i in range(1, len(text)):
        if grades[i] <= grade:
            pieces.append(text[start:i].strip())
            start = i
    return [p for p in (*pieces, text[start:].strip()) if p]


def _fits(text: str, size: int, box: Box, grade: int) -> bool:
    return greedy(text, size, box.width, grade, room(text, size, box)) is not None


def _joined(pieces: list[str], between: str, size: int, box: Box) -> list[str] | None:
    """As many pieces on each page as fit there; None where one is too long for a page."""
    pages: list[str] = []
    for piece in pieces:
        if pages and _fits(pages[-1] + between + piece, size, box, POOR):
            pages[-1] += between + piece
        elif _fits(piece, size, box, POOR):
            pages.append(piece)
        else:
            return None
    return pages


def _filled(text: str, size: int, box: Box) -> list[str]:
    """Pages filled one after the other; a cut at a phrase's end is taken where half a page stands before it."""
    pages: list[str] = []
    grades = breaks(text)
    start = 0
    while start < len(text):
        stop = _stop(text, start, grades, size, box)
        page = text[start:stop].strip()
        if page:
            pages.append(page)
        start = stop
    return pages


def _stop(text: str, start: int, grades: tuple[int, ...], size: int, box: Box) -> int:
    """Where the page that begins at *start* ends."""
    most = most_lines(size, box.height) * (box.width // size) * 3 + 2
    end = min(len(text), start + most)
    for worst, inner, least in ((PUNCTUATION, POOR, most // 6), (POOR, POOR, most // 9), (INSIDE, INSIDE, 1)):
        stops = [i for i in range(start + 1, end) if grades[i] <= worst] + [end] * (end == len(text))
        stop = _last_fitting(text, start, stops, size, box, inner)
        if stop == len(text) or stop - start >= least:
            return stop
    return max(start + 1, _last_fitting(text, start, list(range(start + 1, end + 1)), size, box, ANYWHERE))


def _last_fitting(text: str, start: int, stops: list[int], size: int, box: Box, grade: int) -> int:
    """The last of *stops* up to which the text still fits a page; *start* where none does."""
    low, high = 0, len(stops)
    while low < high:
        middle = (low + high) // 2
        if _fits(text[start : stops[middle]].strip(), size, box, grade):
            low = middle + 1
        else:
            high = middle
    return stops[low - 1] if low else start


def _set(pages: list[str], size: int, box: Box) -> tuple[Block, ...] | None:
    blocks = [_block(page, size, box) for page in pages]
    return tuple(b for b in blocks if b is not None) if all(blocks) else None


def _block(page: str, size: int, box: Box) -> Block | None:
    """A page as a block: its phrases on lines of their own where they can, else as it comes."""
    for text, grade in ((in_phrases(page), POOR), (page, POOR), (page, INSIDE), (page, ANYWHERE)):
        if _fits(text, size, box, grade):
            return balanced(text, size, box, grade)
    return None
