"""Password hashing (Argon2id, 64 MiB, two at once) and password rules.

1. A password has 12 characters or more (NIST SP 800-63B, 5.1.1), is not a common one, and is not made of the user's
   name. No rules on kinds of characters, no expiry.
2. Concurrent hashing is bounded: a third request waits for a slot, at most ``_SLOT_TIMEOUT_S``. One address has at
   most one slot and ``_MAX_WAITING_PER_ADDRESS`` requests that wait: it never starves the others.
3. An unknown account takes the same time as a known one.
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
_MAX_WAITING_PER_ADDRESS = 16
_HASHING_SLOTS = threading.BoundedSemaphore(2)
_turns: dict[str, tuple[threading.Semaphore, int]] = {}
_turns_lock = threading.Lock()
_hasher = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4, type=Type.ID)
_DUMMY_HASH = "$argon2id$v=19$m=65536,t=3,p=4$VXbGJWcQCyJe72ES1SsJxA$7Vi9a3QWRZHmEH8HhFnkfbrZnNB579kIvubmtGH758w"
_COMMON_PASSWORDS = frozenset(
    {
        *("123456789012", "1234567890123", "passwordpassword", "password1234", "qwertyuiop123", "adminadminadmin"),
        *("administrator", "abc123abc123", "1q2w3e4r5t6y", "iloveyou1234", "qwertyqwerty", "woaini1314520"),
    }
)


class BusyError(Exception):
    """All hashing slots stayed occupied."""


@contextmanager
def hold_hashing_slot(address: str) -> Iterator[None]:
    """Occupy a hashing slot for a request from *address* (rule 2). Raises BusyError."""
    with _hold_turn(address), _acquire(_HASHING_SLOTS):
        yield


@contextmanager
def _hold_turn(address: str) -> Iterator[None]:
    """Wait for the turn of *address* among its own requests."""
    with _turns_lock:
        turn, waiting = _turns.get(address, (threading.Semaphore(), 0))
        if waiting > _MAX_WAITING_PER_ADDRESS:
            raise BusyError
        _turns[address] = (turn, waiting + 1)
    try:
        with _acquire(turn):
            yield
    finally:
        with _turns_lock:
            waiting = _turns[address][1] - 1
            if waiting:
                _turns[address] = (turn, waiting)
            else:
                del _turns[address]


@contextmanager
def _acquire(semaphore: threading.Semaphore) -> Iterator[None]:
    if not semaphore.acquire(timeout=_SLOT_TIMEOUT_S):
        raise BusyError
    try:
        yield
    finally:
        semaphore.release()


def hash_password(password: str, address: str = "") -> str:
    """Return the hash to store, for a request from *address*."""
    with hold_hashing_slot(address):
        return _hasher.hash(_normalize(password))


def verify_password(password_hash: str | None, password: str) -> bool:
    """Whether *password* matches *password_hash* (None: unknown account). Requires a hashing slot."""
    try:
        return _hasher.verify(password_hash or _DUMMY_HASH, _normalize(password)) and password_hash is not None
    except (VerifyMismatchError, VerificationError, InvalidHashError):
        return False


def find_password_faults(password: str, repeated: str, user_id: str) -> list[Fault]:
    """Return the faults of a new password, typed again as *repeated* (rule 1)."""
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
