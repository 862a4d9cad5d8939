"""How a new screen asks to be let in (after RFC 8628, the device authorisation grant).

1. The screen asks and shows a short code; a person who may types it in the console (3.1–3.3).
2. The code has no letters that look alike and no vowels, eight of 22 signs (6.1); case and hyphen do not matter.
3. Until then the screen is answered "pending"; then it gets its token, again and again until the token is first
   used (an answer may get lost), afterwards it is gone.
4. The table is bounded and codes run out; one address may ask only so often (5.1, 5.2).

Tokens wait here in memory alone, for the seconds until the screen fetches its own: nothing of them is on disk.
"""

import secrets
import threading
from collections import deque
from dataclasses import dataclass, replace
from typing import Literal

from signage.clock import Clock
from signage.protocol.status import Enrolled, EnrolmentRequest

ALPHABET = "CDFGHJKMNPQRTVWXY34679"
State = Literal["pending", "ready", "gone"]


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A screen that asked: what it said of itself, its code, and what a person gave it."""

    id: str
    code: str
    request: EnrolmentRequest
    asked_at: float
    state: State = "pending"
    given: Enrolled | None = None


class TooManyError(Exception):
    """Asked too often, or too many are waiting; try again after *after_s* seconds."""

    def __init__(self, after_s: int) -> None:
        self.after_s = after_s
        super().__init__(after_s)


def plain(code: str) -> str:
    """*code* as it was typed → as it is kept: ``k7pm 3qxd`` is ``K7PM-3QXD``."""
    letters = "".join(c for c in code.upper() if c.isalnum())
    return f"{letters[:4]}-{letters[4:]}"


class EnrolmentTable:
    """All screens that ask, in memory; safe for threads."""

    def __init__(self, clock: Clock, *, waiting: int = 1000, per_minute: int = 10, minutes: int = 30) -> None:
        self._clock = clock
        self._waiting, self._per_minute, self._lifetime_s = waiting, per_minute, minutes * 60
        self._lock = threading.Lock()
        self._by_id: dict[str, Enrolment] = {}
        self._by_code: dict[str, str] = {}
        self._asked: dict[str, deque[float]] = {}
        self._unused: dict[str, str] = {}

    def ask(self, request: EnrolmentRequest, address: str) -> Enrolment:
        """A screen at *address* asks. Raises TooManyError (rule 4)."""
        with self._lock:
            now = self._clock.monotonic()
            self._forget(now)
            self._throttle(address, now)
            if len(self._by_id) >= self._waiting:
                raise TooManyError(60)
            enrolment = Enrolment(secrets.token_urlsafe(16), self._new_code(), request, now)
            self._by_id[enrolment.id] = enrolment
            self._by_code[enrolment.code] = enrolment.id
            return enrolment

    def look(self, enrolment_id: str) -> Enrolment | None:
        """How it stands; None for an id that is not known (any more)."""
        with self._lock:
            self._forget(self._clock.monotonic())
            return self._by_id.get(enrolment_id)

    def waiting(self, code: str) -> Enrolment | None:
        """The screen that shows *code*, while it waits for a person."""
        with self._lock:
            self._forget(self._clock.monotonic())
            found = self._by_id.get(self._by_code.get(plain(code), ""))
            return found if found is not None and found.state == "pending" else None

    def give(self, enrolment_id: str, enrolled: Enrolled) -> bool:
        """Give it what it asked for; False where it no longer waits."""
        with self._lock:
            self._forget(self._clock.monotonic())
            found = self._by_id.get(enrolment_id)
            if found is None or found.state != "pending":
                return False
            self._by_id[enrolment_id] = replace(found, state="ready", given=enrolled)
            self._by_code.pop(found.code, None)
            self._unused[enrolled.token] = enrolment_id
            return True

    def used(self, token: str) -> None:
        """*token* was used: it is told no more (rule 3). Nearly free while no enrolment is under way."""
        if self._unused and token in self._unused:
            with self._lock:
                enrolment_id = self._unused.pop(token, "")
                found = self._by_id.get(enrolment_id)
                if found is not None:
                    self._by_id[enrolment_id] = replace(found, state="gone", given=None)

    def _forget(self, now: float) -> None:
        old = [e for e in self._by_id.values() if now - e.asked_at > self._lifetime_s]
        for enrolment in old:
            del self._by_id[enrolment.id]
            self._by_code.pop(enrolment.code, None)
            if enrolment.given is not None:
                self._unused.pop(enrolment.given.token, None)

    def _throttle(self, address: str, now: float) -> None:
        for key in [a for a, times in self._asked.items() if now - times[-1] > 60]:
            del self._asked[key]
        times = self._asked.setdefault(address, deque())
        while times and now - times[0] > 60:
            times.popleft()
        if len(times) >= self._per_minute:
            raise TooManyError(int(60 - (now - times[0])) + 1)
        times.append(now)

    def _new_code(self) -> str:
        while True:
            letters = "".join(secrets.choice(ALPHABET) for _ in range(8))
            code = plain(letters)
            if code not in self._by_code:
                return code
