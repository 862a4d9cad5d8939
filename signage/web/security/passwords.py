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

from signage.faults import Fault, FaultLocation

MIN_LENGTH, MAX_LENGTH = 12, 256
_SLOT_TIMEOUT_S = 10.0
_HASHING_SLOTS = threading.BoundedSemaphore(2)
_hasher = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4, type=Type.ID)
_DUMMY_HASH = "$argon2id$v=19$m=65536,t=3,p=4$VXbGJWcQCyJe72ES1SsJxA$7Vi9a3QWRZHmEH8HhFnkfbrZnNB579kIvubmtGH758w"
_COMMON_PASSWORDS = frozenset(
    {
        *("123456789012", "1234567890123", "passwordpassword", "password1234", "qwertyuiop123", "adminadminadmin"),
        *("administrator", "abc123abc123", "1q2w3e4r5t6y", "iloveyou1234", "qwertyqwerty", "woaini1314520"),
    }
)


class BusyError(Exception):
    """Too many passwords are being checked at this moment."""


@contextmanager
def hold_hashing_slot() -> Iterator[None]:
    """One of the two places for hashing (2). Raises BusyError."""
    if not _HASHING_SLOTS.acquire(timeout=_SLOT_TIMEOUT_S):
        raise BusyError
    try:
        yield
    finally:
        _HASHING_SLOTS.release()


def hash_password(password: str) -> str:
    """The hash that is kept."""
    with hold_hashing_slot():
        return _hasher.hash(_normalize(password))


def verify_password(password_hash: str | None, password: str) -> bool:
    """Whether *password* is the one whose hash is *kept* (None: of nobody). To be called with a slot."""
    try:
        return _hasher.verify(password_hash or _DUMMY_HASH, _normalize(password)) and password_hash is not None
    except (VerifyMismatchError, VerificationError, InvalidHashError):
        return False


def find_password_faults(password: str, repeated: str, user_id: str) -> list[Fault]:
    """What keeps *password*, typed a second time as *again*, from being *person*'s (1)."""
    faults = []
    normalized = _normalize(password)
    if len(normalized) < MIN_LENGTH:
        faults.append(Fault("error", "password-short", FaultLocation(key="password"), {"least": MIN_LENGTH}))
    elif len(normalized) > MAX_LENGTH:
        faults.append(Fault("error", "password-long", FaultLocation(key="password"), {"most": MAX_LENGTH}))
    elif _is_guessable(normalized.casefold(), user_id):
        faults.append(Fault("error", "password-common", FaultLocation(key="password")))
    if normalized != _normalize(repeated):
        faults.append(Fault("error", "password-differs", FaultLocation(key="again")))
    return faults


def _is_guessable(normalized: str, user_id: str) -> bool:
    remainder = normalized.replace(user_id.casefold(), "") if user_id else normalized
    return (
        normalized in _COMMON_PASSWORDS
        or len(set(normalized)) < 4
        or len(remainder) < 4
        or (normalized.isdigit() and len(normalized) < 16)
    )


def _normalize(password: str) -> str:
    return unicodedata.normalize("NFKC", password)
