"""Motion of a slogan that does not fit: scroll or pages, speed and duration.

1. A scroll moves whole pixels a frame, or one pixel in a whole number of frames: *px_per_s* is a multiple or a divisor
   of the panel's frame rate, otherwise it judders.
2. Each character is visible for at least 3 s, and at most 4 new ones a second appear (practice of message signs;
   static Chinese is read at 3–5 characters a second).
3. A page lasts at least 2 s, and one second for 4 characters; at most 3 pages are chosen automatically (a passer-by
   must see all; MUTCD 2L.05 allows a message no more than two phases and no scrolling to drivers).
4. A strip is at most 16,384 px wide: the largest texture that common players support.
"""

import math

MIN_IN_SIGHT_S = 3.0
READING_CHARACTERS_PER_S = 4
MIN_PAGE_MS = 2000
MAX_PASS_MS = 40_000
"""Nobody waits longer for a strip to come round."""
MAX_PAGES = 3
MAX_STRIP_PX = 16384


def list_even_speeds(fps: int) -> list[int]:
    """Return the speeds in px/s without judder at that frame rate, ascending, up to 40 pixels a frame."""
    slow = [fps // n for n in range(fps, 1, -1) if fps % n == 0]
    return slow + [fps * n for n in range(1, 41)]


def choose_scroll_speed(width: int, size: int, fps: int, requested: int | None = None) -> int:
    """Return the scroll speed over *width* px: near *requested*, else the fastest that is legible."""
    even = list_even_speeds(fps)
    if requested is not None:
        return min(even, key=lambda v: (abs(v - requested), v))
    limit = min((width + size) / MIN_IN_SIGHT_S, READING_CHARACTERS_PER_S * size)
    return max((v for v in even if v <= limit), default=even[0])


def compute_travel_px(text_px: int, width: int, px_per_s: int, fps: int) -> int:
    """Return the travel of a pass: run-in and text, padded to a whole number of frames and of ms."""
    step = math.lcm(max(1, px_per_s // fps), px_per_s // math.gcd(px_per_s, 1000))
    return math.ceil((text_px + width) / step) * step


def compute_pass_ms(travel_px: int, px_per_s: int) -> int:
    """Return the duration of a pass (contract: rounded up to a ms)."""
    return -(-travel_px * 1000 // px_per_s)


def round_up_to_rounds(min_duration_ms: int, one_ms: int) -> int:
    """Return the duration of the fewest whole rounds of *one_ms* that last *min_duration_ms*, in ms."""
    return max(1, -(-min_duration_ms // one_ms)) * one_ms


def compute_reading_ms(characters: int) -> int:
    """Return the time needed to read that many characters."""
    return max(MIN_PAGE_MS, math.ceil(characters * 1000 / READING_CHARACTERS_PER_S))


def compute_page_ms(characters: int) -> int:
    """Return the duration of a page whose longest has that many characters, in whole tenths of a second."""
    return -(-compute_reading_ms(characters) // 100) * 100
