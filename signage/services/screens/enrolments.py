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
from signage.protocol.status import Enrolled, EnrolmentRequest
from signage.store.engine import Connection, Store, StoreError
from signage.store.screens import enrolments as table
from signage.store.screens.enrolments import Enrolment

__all__ = ["ALPHABET", "Enrolment", "Enrolments", "TooManyError", "plain"]

ALPHABET = "CDFGHJKMNPQRTVWXY34679"
UNUSED = timedelta(minutes=10)
_MINUTE = timedelta(minutes=1)
_LOOK_S = 0.2
_log = logging.getLogger(__name__)


class TooManyError(Exception):
    """Asked too often, or too many are waiting; try again after *after_s* seconds."""

    def __init__(self, after_s: int) -> None:
        self.after_s = after_s
        super().__init__(after_s)


def plain(code: str) -> str:
    """*code* as it was typed → as it is kept: ``k7pm 3qxd`` is ``K7PM-3QXD``."""
    letters = "".join(c for c in code.upper() if c.isalnum())
    return f"{letters[:4]}-{letters[4:]}"


class Enrolments:
    """All screens that ask; safe for threads, and for several processes at one database."""

    def __init__(
        self, store: Store, clock: Clock, *, waiting: int = 1000, per_minute: int = 10, minutes: int = 30
    ) -> None:
        self._store, self._clock = store, clock
        self._waiting, self._per_minute, self._lifetime = waiting, per_minute, timedelta(minutes=minutes)
        self._looking = threading.Lock()
        self._looked: float | None = None
        self._unused: frozenset[str] = frozenset()

    def ask(self, request: EnrolmentRequest, address: str) -> Enrolment:
        """A screen at *address* asks. Raises TooManyError (rule 4)."""
        with self._store.write() as connection:
            now = self._clock.now()
            self._forget(connection, now)
            asked = table.asked_since(connection, address, now - _MINUTE)
            if len(asked) >= self._per_minute:
                raise TooManyError(int((asked[0] + _MINUTE - now).total_seconds()) + 1)
            if table.count(connection) >= self._waiting:
                raise TooManyError(60)
            enrolment = Enrolment(secrets.token_urlsafe(16), _new_code(connection), request, now)
            table.add(connection, enrolment, address)
            return enrolment

    def look(self, enrolment_id: str) -> Enrolment | None:
        """How it stands; None for an id that is not known (any more)."""
        self.forget()
        with self._store.read() as connection:
            return table.get(connection, enrolment_id)

    def waiting(self, code: str) -> Enrolment | None:
        """The screen that shows *code*, while it waits for a person."""
        self.forget()
        with self._store.read() as connection:
            return table.waiting(connection, plain(code))

    def give(self, enrolment_id: str, enrolled: Enrolled) -> bool:
        """Give it what it asked for; False where it no longer waits."""
        with self._store.write() as connection:
            now = self._clock.now()
            self._forget(connection, now)
            given = table.give(connection, enrolment_id, enrolled, now)
        self._looked = None
        return given

    def used(self, token: str) -> None:
        """*token* was used: it is told no more (rule 3).

        Asked at every poll, so it looks a few times a second only; and a poll is answered without a database too.
        """
        now = self._clock.monotonic()
        try:
            if (self._looked is None or now - self._looked >= _LOOK_S) and self._looking.acquire(blocking=False):
                self._look_for_tokens(now)
            if token in self._unused:
                with self._store.write() as connection:
                    table.erase(connection, token)
                self._unused -= {token}
        except StoreError:
            _log.warning("the database cannot be asked now whether a screen was new")

    def _look_for_tokens(self, now: float) -> None:
        try:
            self._looked = now
            self.forget()
            with self._store.read() as connection:
                self._unused = frozenset(table.tokens(connection))
        finally:
            self._looking.release()

    def forget(self) -> None:
        """Forget what has run out (rules 4 and 5)."""
        now = self._clock.now()
        with self._store.read() as connection:
            if not table.old(connection, now - self._lifetime, now - UNUSED, now):
                return
        with self._store.write() as connection:
            self._forget(connection, now)

    def _forget(self, connection: Connection, now: datetime) -> None:
        table.forget(connection, now - self._lifetime, now - UNUSED, now)


def _new_code(connection: Connection) -> str:
    while True:
        code = plain("".join(secrets.choice(ALPHABET) for _ in range(8)))
        if table.waiting(connection, code) is None:
            return code
