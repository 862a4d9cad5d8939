"""Passwords: Argon2id, 64 MiB each, two at once at most; what may be one.

1. A password has 12 characters or more (NIST SP 800-63B, 5.1.1), is none of those that everybody tries, and is not the
   name of its person over again. No rules on kinds of characters, no expiry.
2. Hashing is bounded: who comes third waits, and past ``_PATIENCE_S`` is asked to come again.
3. An account that is not there costs the same time as one that is.
"""

import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from signage.faults import Fault, Place

LEAST, MOST = 12, 256
_PATIENCE_S = 10.0
_AT_ONCE = threading.BoundedSemaphore(2)
_hasher = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4, type=Type.ID)
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$VXbGJWcQCyJe72ES1SsJxA$7Vi9a3QWRZHmEH8HhFnkfbrZnNB579kIvubmtGH758w"
_EVERYBODYS = frozenset(
    {
        *("123456789012", "1234567890123", "passwordpassword", "password1234", "qwertyuiop123", "adminadminadmin"),
        *("administrator", "abc123abc123", "1q2w3e4r5t6y", "iloveyou1234", "qwertyqwerty", "woaini1314520"),
    }
)


class BusyError(Exception):
    """Too many passwords are being checked at this moment."""


@contextmanager
def slot() -> Iterator[None]:
    """One of the two places for hashing (2). Raises BusyError."""
    if not _AT_ONCE.acquire(timeout=_PATIENCE_S):
        raise BusyError
    try:
        yield
    finally:
        _AT_ONCE.release()


def make(password: str) -> str:
    """The hash that is kept."""
    with slot():
        return _hasher.hash(_normal(password))


def holds(kept: str | None, password: str) -> bool:
    """Whether *password* is the one whose hash is *kept* (None: of nobody). To be called with a slot."""
    try:
        return _hasher.verify(kept or _NOBODY, _normal(password)) and kept is not None
    except (VerifyMismatchError, VerificationError, InvalidHashError):
        return False


def faults(password: str, again: str, person: str) -> list[Fault]:
    """What keeps *password*, typed a second time as *again*, from being *person*'s (1)."""
    found = []
    plain = _normal(password)
    if len(plain) < LEAST:
        found.append(Fault("error", "password-short", Place(key="password"), {"least": LEAST}))
    elif len(plain) > MOST:
        found.append(Fault("error", "password-long", Place(key="password"), {"most": MOST}))
    elif _guessed(plain.casefold(), person):
        found.append(Fault("error", "password-common", Place(key="password")))
    if plain != _normal(again):
        found.append(Fault("error", "password-differs", Place(key="again")))
    return found


def _guessed(plain: str, person: str) -> bool:
    rest = plain.replace(person.casefold(), "") if person else plain
    return plain in _EVERYBODYS or len(set(plain)) < 4 or len(rest) < 4 or (plain.isdigit() and len(plain) < 16)


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)
