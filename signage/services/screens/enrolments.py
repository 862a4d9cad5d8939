"""Enrolment of a new screen by a pairing code (after RFC 8628, the device authorisation grant).

1. The screen requests an enrolment and shows a short code; a person with the permission enters it in the console
   (3.1–3.3).
2. A code has eight of 22 characters, without vowels and similar letters (6.1); case and hyphen do not matter.
3. Until then the answer is "pending"; then it is the token, repeated until the token is first used (an answer may get
   lost), afterwards "gone".
4. The number of enrolments is bounded, codes expire, and requests per address are limited (5.1, 5.2). Where the table
   is full, a network (/24, in IPv6 /48) that has fewer requests displaces the oldest of the one that has most.
5. Enrolments are in the database: a restart loses no code, and any worker can answer. A token is stored in plain text
   here alone, until its first use and for ten minutes at most.
"""

import logging
import secrets
import threading
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from signage.clock import Clock
from signage.protocol.status import EnrolmentGrant, EnrolmentRequest
from signage.store.engine import Connection, Store, StoreError
from signage.store.screens import enrolments
from signage.store.screens.enrolments import EnrolmentRow

__all__ = ["CODE_ALPHABET", "EnrolmentLimitError", "EnrolmentRow", "EnrolmentService", "normalize_code"]

CODE_ALPHABET = "CDFGHJKMNPQRTVWXY34679"
UNUSED_TOKEN_LIFETIME = timedelta(minutes=10)
_MINUTE = timedelta(minutes=1)
_RELOAD_INTERVAL_S = 0.2
_log = logging.getLogger(__name__)


class EnrolmentLimitError(Exception):
    """Too many requests from one address, or too many pending enrolments; retry after *retry_after_s* seconds."""

    def __init__(self, retry_after_s: int) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(retry_after_s)


def normalize_code(code: str) -> str:
    """Normalize a code as typed: ``k7pm 3qxd`` becomes ``K7PM-3QXD``."""
    letters = "".join(c for c in code.upper() if c.isalnum())
    return f"{letters[:4]}-{letters[4:]}"


def get_network(address: str) -> str:
    """Return the network of an address: /24, in IPv6 /48."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return str(ip_network(f"{parsed}/{24 if parsed.version == 4 else 48}", strict=False))


class EnrolmentService:
    """All pending enrolments; safe for threads and for several processes with one database."""

    def __init__(
        self, store: Store, clock: Clock, *, max_pending: int = 1000, per_minute: int = 10, lifetime_minutes: int = 30
    ) -> None:
        self._store, self._clock = store, clock
        self._max_pending, self._per_minute, self._lifetime = (
            max_pending,
            per_minute,
            timedelta(minutes=lifetime_minutes),
        )
        self._reload_lock = threading.Lock()
        self._reloaded_at_s: float | None = None
        self._unused_tokens: frozenset[str] = frozenset()

    def request_enrolment(self, request: EnrolmentRequest, address: str) -> EnrolmentRow:
        """Create an enrolment for a screen at *address*. Raises EnrolmentLimitError (rule 4)."""
        with self._store.write() as connection:
            now = self._clock.now()
            self._delete_expired(connection, now)
            request_times = enrolments.list_request_times(connection, address, now - _MINUTE)
            if len(request_times) >= self._per_minute:
                raise EnrolmentLimitError(int((request_times[0] + _MINUTE - now).total_seconds()) + 1)
            if enrolments.count_enrolments(connection) >= self._max_pending:
                self._make_room(connection, address)
            code = _generate_code(connection)
            enrolment = EnrolmentRow(secrets.token_urlsafe(16), code, request, now, address=address)
            enrolments.create_enrolment(connection, enrolment, address)
            return enrolment

    def _make_room(self, connection: Connection, address: str) -> None:
        """Delete the oldest request of the network that has most, for a network that has fewer (rule 4)."""
        ids_by_network: dict[str, list[str]] = {}
        for enrolment_id, pending_address in enrolments.list_pending_addresses(connection):
            ids_by_network.setdefault(get_network(pending_address), []).append(enrolment_id)
        own = len(ids_by_network.get(get_network(address), ()))
        largest = max(ids_by_network.values(), key=len, default=[])
        if len(largest) <= own + 1:
            raise EnrolmentLimitError(60)
        enrolments.delete_enrolment(connection, largest[0])

    def find_enrolment(self, enrolment_id: str) -> EnrolmentRow | None:
        """Return an enrolment; None for an unknown or expired id."""
        self.delete_expired()
        with self._store.read() as connection:
            return enrolments.get_enrolment(connection, enrolment_id)

    def find_pending(self, code: str) -> EnrolmentRow | None:
        """Return the pending enrolment with the pairing code *code*; None where there is none."""
        self.delete_expired()
        with self._store.read() as connection:
            return enrolments.find_pending_enrolment(connection, normalize_code(code))

    def complete(self, enrolment_id: str, grant: EnrolmentGrant) -> bool:
        """Grant credentials to a pending enrolment; False where it is no longer pending."""
        with self._store.write() as connection:
            now = self._clock.now()
            self._delete_expired(connection, now)
            granted = enrolments.grant_enrolment(connection, enrolment_id, grant, now)
        self._reloaded_at_s = None
        return granted

    def mark_token_used(self, token: str) -> None:
        """Erase the stored copy of *token* after its first use (rule 3).

        Called at every poll: the database is read a few times a second only, and may be unavailable.
        """
        now = self._clock.monotonic()
        try:
            if (
                self._reloaded_at_s is None or now - self._reloaded_at_s >= _RELOAD_INTERVAL_S
            ) and self._reload_lock.acquire(blocking=False):
                self._reload_unused_tokens(now)
            if token in self._unused_tokens:
                with self._store.write() as connection:
                    enrolments.erase_token(connection, token)
                self._unused_tokens -= {token}
        except StoreError:
            _log.warning("the database is unavailable: first uses of tokens are not recorded now")

    def _reload_unused_tokens(self, now: float) -> None:
        try:
            self._reloaded_at_s = now
            self.delete_expired()
            with self._store.read() as connection:
                self._unused_tokens = frozenset(enrolments.list_unused_tokens(connection))
        finally:
            self._reload_lock.release()

    def delete_expired(self) -> None:
        """Delete expired enrolments (rules 4 and 5)."""
        now = self._clock.now()
        with self._store.read() as connection:
            if not enrolments.has_expired_enrolments(
                connection, now - self._lifetime, now - UNUSED_TOKEN_LIFETIME, now
            ):
                return
        with self._store.write() as connection:
            self._delete_expired(connection, now)

    def _delete_expired(self, connection: Connection, now: datetime) -> None:
        enrolments.delete_expired_enrolments(connection, now - self._lifetime, now - UNUSED_TOKEN_LIFETIME, now)


def _generate_code(connection: Connection) -> str:
    while True:
        code = normalize_code("".join(secrets.choice(CODE_ALPHABET) for _ in range(8)))
        if enrolments.find_pending_enrolment(connection, code) is None:
            return code
