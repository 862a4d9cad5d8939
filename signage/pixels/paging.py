"""A text cut into pages: each of a few lines at one size, the cuts at the ends of phrases where they can be."""

from signage.pixels.breaking import ANYWHERE, INSIDE, POOR, PUNCTUATION, SENSE, breaks
from signage.pixels.effects import CHARACTERS_PER_S, LEAST_PAGE_MS, MOST_PAGES
from signage.pixels.layout import Block, Box, balanced, greedy, in_phrases, most_lines, room, sizes

_FULL = CHARACTERS_PER_S * LEAST_PAGE_MS // 1000
"""Characters that a page of the shortest time holds."""


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
    """As many pages as it takes, each full enough for the time it stands."""
    choice = [s for s in sizes(box, largest) if s >= least] or sizes(box, largest)[:1]
    for size in reversed(choice):
        pages = _filled(text, size, box)
        if pages and (len(text) / len(pages) >= _FULL or size == choice[0]):
            return _set(pages, size, box)
    return None


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
    for worst in (PUNCTUATION, INSIDE, ANYWHERE):
        stops = [i for i in range(start + 1, min(len(text), start + most)) if grades[i] <= worst]
        if start + most >= len(text):
            stops.append(len(text))
        grade = max(worst, INSIDE)
        fitting = [i for i in stops if _fits(text[start:i].strip(), size, box, grade)]
        least = 1 if worst == ANYWHERE else most // 6
        if fitting and (fitting[-1] - start >= least or fitting[-1] == len(text)):
            return fitting[-1]
    return start + 1


def _set(pages: list[str], size: int, box: Box) -> tuple[Block, ...] | None:
    blocks = [_block(page, size, box) for page in pages]
    return tuple(b for b in blocks if b is not None) if all(blocks) else None


def _block(page: str, size: int, box: Box) -> Block | None:
    """A page as a block: its phrases on lines of their own where they can, else as it comes."""
    for text, grade in ((in_phrases(page), POOR), (page, POOR), (page, INSIDE), (page, ANYWHERE)):
        if _fits(text, size, box, grade):
            return balanced(text, size, box, grade)
    return None
