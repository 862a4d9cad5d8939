"""How a new screen asks to be let in (after RFC 8628, the device authorisation grant).

1. The screen asks and shows a short code; a person who may types it in the console (3.1–3.3).
2. The code has no letters that look alike and no vowels, eight of 22 signs (6.1); case and hyphen do not matter.
3. Until then the screen is answered "pending"; then it gets its token, again and again until the token is first
   used (an answer may get lost), afterwards it is gone.
4. The table is bounded and codes run out; one address may ask only so often (5.1, 5.2).
5. What waits stands in the database, so that a restart loses no code and any worker may answer. Nowhere else is a token
   kept as it is: here until it is first used, for ten minutes at most.
"""

import logging
import secrets
import threading
from datetime import datetime, timedelta

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
    """Asked too often, or too many are waiting; try again after *after_s* seconds."""

    def __init__(self, after_s: int) -> None:
        self.retry_after_s = after_s
        super().__init__(after_s)


def normalize_code(code: str) -> str:
    """*code* as it was typed → as it is kept: ``k7pm 3qxd`` is ``K7PM-3QXD``."""
    letters = "".join(c for c in code.upper() if c.isalnum())
    return f"{letters[:4]}-{letters[4:]}"


class EnrolmentService:
    """All screens that ask; safe for threads, and for several processes at one database."""

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
        """A screen at *address* asks. Raises TooManyError (rule 4)."""
        with self._store.write() as connection:
            now = self._clock.now()
            self._delete_expired(connection, now)
            asked = enrolments.list_request_times(connection, address, now - _MINUTE)
            if len(asked) >= self._per_minute:
                raise EnrolmentLimitError(int((asked[0] + _MINUTE - now).total_seconds()) + 1)
            if enrolments.count_enrolments(connection) >= self._max_pending:
                raise EnrolmentLimitError(60)
            enrolment = EnrolmentRow(secrets.token_urlsafe(16), _generate_code(connection), request, now)
            enrolments.create_enrolment(connection, enrolment, address)
            return enrolment

    def find_enrolment(self, enrolment_id: str) -> EnrolmentRow | None:
        """How it stands; None for an id that is not known (any more)."""
        self.delete_expired()
        with self._store.read() as connection:
            return enrolments.get_enrolment(connection, enrolment_id)

    def find_pending(self, code: str) -> EnrolmentRow | None:
        """The screen that shows *code*, while it waits for a person."""
        self.delete_expired()
        with self._store.read() as connection:
            return enrolments.find_pending_enrolment(connection, normalize_code(code))

    def complete(self, enrolment_id: str, enrolled: EnrolmentGrant) -> bool:
        """Give it what it asked for; False where it no longer waits."""
        with self._store.write() as connection:
            now = self._clock.now()
            self._delete_expired(connection, now)
            given = enrolments.grant_enrolment(connection, enrolment_id, enrolled, now)
        self._reloaded_at_s = None
        return given

    def mark_token_used(self, token: str) -> None:
        """*token* was used: it is told no more (rule 3).

        Asked at every poll, so it looks a few times a second only; and a poll is answered without a database too.
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
            _log.warning("the database cannot be asked now whether a screen was new")

    def _reload_unused_tokens(self, now: float) -> None:
        try:
            self._reloaded_at_s = now
            self.delete_expired()
            with self._store.read() as connection:
                self._unused_tokens = frozenset(enrolments.list_unused_tokens(connection))
        finally:
            self._reload_lock.release()

    def delete_expired(self) -> None:
        """Forget what has run out (rules 4 and 5)."""
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
