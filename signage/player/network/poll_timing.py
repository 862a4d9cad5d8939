"""Poll timing: phase by screen id, backoff after failures, ``Retry-After``."""

import hashlib
import random
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

MAX_BACKOFF_S = 300.0
MAX_RETRY_AFTER_S = 3600.0
MAX_BOOT_UPTIME_S = 300.0


def compute_poll_phase(screen: str, interval: int) -> float:
    """Return the phase of the screen in *interval*, a stable number in [0, 1).

    The phase differs between intervals: otherwise the screens that switch first to a new interval would poll together.
    """
    return int.from_bytes(hashlib.sha256(f"{screen}/{interval}".encode()).digest()[:8], "big") / 2**64


def get_next_poll_delay_s(screen: str, poll_seconds: int, epoch_s: float) -> float:
    """Return the seconds until this screen's next phase in the interval, at least one."""
    interval = max(1, poll_seconds)
    wait = (compute_poll_phase(screen, interval) * interval - epoch_s) % interval
    return wait if wait >= 1.0 or interval <= 1 else wait + interval


def get_first_poll_delay_s(screen: str | None, poll_seconds: int, uptime_s: float) -> float:
    """Return the seconds before the first poll.

    After a power cut a whole street boots at once: a machine that has just booted waits for its phase in one interval.
    A player that was only restarted, or that has nothing to show, polls at once.
    """
    if screen is None or uptime_s > MAX_BOOT_UPTIME_S:
        return 0.0
    interval = max(1, poll_seconds)
    return compute_poll_phase(screen, interval) * interval


def get_backoff_s(failures: int, poll_seconds: int, random_source: random.Random) -> float:
    """Return the backoff after *failures* failures in a row: doubling, with jitter between half and all of it."""
    max_delay_s = min(MAX_BACKOFF_S, max(60.0, 4.0 * poll_seconds))
    delay_s: float = min(max_delay_s, 2.0 * 2.0 ** min(failures - 1, 12))
    return delay_s * random_source.uniform(0.5, 1.0)


def parse_retry_after_s(header: str | None, now: datetime) -> float | None:
    """Parse ``Retry-After`` to seconds (RFC 9110 10.2.3); None if it is missing or malformed."""
    if not header:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return min(float(text), MAX_RETRY_AFTER_S)
    try:
        retry_at = parsedate_to_datetime(text)
    except ValueError:
        return None
    retry_at = retry_at if retry_at.tzinfo else retry_at.replace(tzinfo=UTC)
    return min(max(0.0, (retry_at - now).total_seconds()), MAX_RETRY_AFTER_S)
