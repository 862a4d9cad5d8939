"""Pagination: a text divided into pages of a few lines at one size, preferably at phrase boundaries."""

from signage.pixels.slogan.layout import (
    TextBlock,
    TextBox,
    balance_lines,
    count_fitting_lines,
    count_fitting_text_lines,
    list_sizes,
    split_phrases,
    wrap_greedily,
)
from signage.pixels.slogan.motion import MAX_PAGES, MIN_PAGE_MS, READING_CHARACTERS_PER_S
from signage.pixels.text.line_breaking import (
    BREAK_ANYWHERE,
    BREAK_AT_PHRASE,
    BREAK_AT_PUNCTUATION,
    BREAK_INSIDE_WORD,
    BREAK_NEVER,
    BREAK_POOR,
    grade_breaks,
)

_MIN_PAGE_CHARACTERS = READING_CHARACTERS_PER_S * MIN_PAGE_MS // 1000
"""Characters that a page of the shortest time holds."""
_MAX_LINES = 12


def split_into_phrase_pages(
    text: str, box: TextBox, least: int, largest: int | None = None
) -> tuple[TextBlock, ...] | None:
    """Return a few pages of whole phrases at the largest size; on taller panels also of parts of phrases.

    None if that is not possible.
    """
    for grade, between in ((BREAK_AT_PUNCTUATION, "\n"), (BREAK_AT_PHRASE, "")):
        pieces = _split_at_grade(text, grade)
        if len(pieces) < 2 or (grade == BREAK_AT_PHRASE and count_fitting_lines(least, box.height) < 2):
            continue
        for size in reversed([s for s in list_sizes(box, largest) if s >= least]):
            pages = _pack_pieces(pieces, between, size, box)
            if pages is not None and len(pages) <= MAX_PAGES:
                return _layout_pages(pages, size, box)
    return None


def split_into_full_pages(
    text: str, box: TextBox, least: int, largest: int | None = None
) -> tuple[TextBlock, ...] | None:
    """Return as many pages as needed, each full enough for its duration; smaller type before broken words."""
    choice = [s for s in list_sizes(box, largest) if s >= least] or list_sizes(box, largest)[:1]
    candidates: list[tuple[TextBlock, ...]] = []
    for size in _list_distinct_sizes(choice, box):
        pages = _fill_pages(text, size, box)
        is_full = bool(pages) and (len(text) / len(pages) >= _MIN_PAGE_CHARACTERS or size == choice[0])
        blocks = _layout_pages(pages, size, box) if is_full else None
        if blocks is not None:
            if max(block.worst_grade for block in blocks) <= BREAK_POOR:
                return blocks
            candidates.append(blocks)
    return min(candidates, key=lambda blocks: max(block.worst_grade for block in blocks), default=None)


def _list_distinct_sizes(choice: list[int], box: TextBox) -> list[int]:
    """Return the sizes at which one more line or character fits, largest first."""
    sizes = {choice[0]}
    for count in range(1, 1 + min(_MAX_LINES, box.height // choice[0])):
        sizes.add(max((s for s in choice if count_fitting_lines(s, box.height) >= count), default=choice[0]))
    sizes |= {max((s for s in choice if s <= box.width // count), default=choice[0]) for count in range(4, 25)}
    return sorted(
        (s for s in sizes if count_fitting_lines(s, box.height) * (box.width // s) >= _MIN_PAGE_CHARACTERS // 2),
        reverse=True,
    )


def _split_at_grade(text: str, grade: int) -> list[str]:
    """Split the text at each break of that grade or better."""
    grades, pieces, start = grade_breaks(text), [], 0
    for i in range(1, len(text)):
        if grades[i] <= grade:
            pieces.append(text[start:i].strip())
            start = i
    return [p for p in (*pieces, text[start:].strip()) if p]


def _fits_on_page(text: str, size: int, box: TextBox, grade: int) -> bool:
    return wrap_greedily(text, size, box.width, grade, count_fitting_text_lines(text, size, box)) is not None


def _pack_pieces(pieces: list[str], between: str, size: int, box: TextBox) -> list[str] | None:
    """Pack as many pieces on each page as fit; None if a piece does not fit on a page."""
    pages: list[str] = []
    for piece in pieces:
        if pages and _fits_on_page(pages[-1] + between + piece, size, box, BREAK_POOR):
            pages[-1] += between + piece
        elif _fits_on_page(piece, size, box, BREAK_POOR):
            pages.append(piece)
        else:
            return None
    return pages


def _fill_pages(text: str, size: int, box: TextBox) -> list[str]:
    """Fill pages one after the other; a page ends at a phrase boundary if it is half full there.

    Empty where a word of a shaped script, which does not break, is wider than the box.
    """
    pages: list[str] = []
    grades = grade_breaks(text)
    start = 0
    while start < len(text):
        stop = _find_page_end(text, start, grades, size, box)
        if stop < len(text) and grades[stop] == BREAK_NEVER:
            return []
        page = text[start:stop].strip()
        if page:
            pages.append(page)
        start = stop
    return pages


def _find_page_end(text: str, start: int, grades: tuple[int, ...], size: int, box: TextBox) -> int:
    """Return the end of the page that begins at *start*."""
    most = count_fitting_lines(size, box.height) * (box.width // size) * 3 + 2
    end = min(len(text), start + most)
    for worst, inner, least in (
        (BREAK_AT_PUNCTUATION, BREAK_POOR, most // 6),
        (BREAK_POOR, BREAK_POOR, most // 9),
        (BREAK_INSIDE_WORD, BREAK_INSIDE_WORD, 1),
    ):
        stops = [i for i in range(start + 1, end) if grades[i] <= worst] + [end] * (end == len(text))
        stop = _find_last_fitting(text, start, stops, size, box, inner)
        if stop == len(text) or stop - start >= least:
            return stop
    stops = [i for i in range(start + 1, end + 1) if i == len(text) or grades[i] != BREAK_NEVER]
    return max(start + 1, _find_last_fitting(text, start, stops, size, box, BREAK_ANYWHERE))


def _find_last_fitting(text: str, start: int, stops: list[int], size: int, box: TextBox, grade: int) -> int:
    """Return the last of *stops* up to which the text fits on a page; *start* if none does."""
    low, high = 0, len(stops)
    while low < high:
        middle = (low + high) // 2
        if _fits_on_page(text[start : stops[middle]].strip(), size, box, grade):
            low = middle + 1
        else:
            high = middle
    return stops[low - 1] if low else start


def _layout_pages(pages: list[str], size: int, box: TextBox) -> tuple[TextBlock, ...] | None:
    blocks = [_layout_page(page, size, box) for page in pages]
    return tuple(b for b in blocks if b is not None) if all(blocks) else None


def _layout_page(page: str, size: int, box: TextBox) -> TextBlock | None:
    """Return the layout of a page, with each phrase on its own line if possible."""
    for text, grade in (
        (split_phrases(page), BREAK_POOR),
        (page, BREAK_POOR),
        (page, BREAK_INSIDE_WORD),
        (page, BREAK_ANYWHERE),
    ):
        if _fits_on_page(text, size, box, grade):
            return balance_lines(text, size, box, grade)
    return None
