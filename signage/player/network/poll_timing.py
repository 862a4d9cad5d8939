"""When to ask again: polls spread over their interval by the screen's id, failures back off, ``Retry-After`` holds."""

import hashlib
import random
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

MAX_BACKOFF_S = 300.0
MAX_RETRY_AFTER_S = 3600.0
MAX_BOOT_UPTIME_S = 300.0


def compute_poll_phase(screen: str, interval: int) -> float:
    """A stable number in [0, 1) of the screen: where in each *interval* it polls.

    Another one for each interval: else the screens that change over first would all meet in a part of the new one.
    """
    return int.from_bytes(hashlib.sha256(f"{screen}/{interval}".encode()).digest()[:8], "big") / 2**64


def get_next_poll_delay_s(screen: str, poll_seconds: int, epoch_s: float) -> float:
    """Seconds until this screen's next place in the interval (never at once: at least a second on)."""
    interval = max(1, poll_seconds)
    wait = (compute_poll_phase(screen, interval) * interval - epoch_s) % interval
    return wait if wait >= 1.0 or interval <= 1 else wait + interval


def get_first_poll_delay_s(screen: str | None, poll_seconds: int, uptime_s: float) -> float:
    """Seconds before the first poll of all.

    A machine that has just been switched on is one of a street that has: it waits for its place in one interval.
    A player that was only restarted, or that has nothing to show, asks at once.
    """
    if screen is None or uptime_s > MAX_BOOT_UPTIME_S:
        return 0.0
    interval = max(1, poll_seconds)
    return compute_poll_phase(screen, interval) * interval


def get_backoff_s(failures: int, poll_seconds: int, chance: random.Random) -> float:
    """Seconds to wait after the *failures*-th failure in a row: doubling, by chance between half and all of it."""
    most = min(MAX_BACKOFF_S, max(60.0, 4.0 * poll_seconds))
    whole: float = min(most, 2.0 * 2.0 ** min(failures - 1, 12))
    return whole * chance.uniform(0.5, 1.0)


def parse_retry_after_s(header: str | None, now: datetime) -> float | None:
    """What ``Retry-After`` asks for, in seconds (RFC 9110 10.2.3); None where it says nothing readable."""
    if not header:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return min(float(text), MAX_RETRY_AFTER_S)
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return min(max(0.0, (when - now).total_seconds()), MAX_RETRY_AFTER_S)
