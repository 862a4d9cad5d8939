"""Places for request bodies: how many are read at once, by whom, and until when each place is held.

1. The number of bodies is bounded, in all and per sender, so that polls always find a thread.
2. Shares: anonymous senders have at most a quarter of the places, they and users together at most three quarters. The
   rest is for known screens: plays get through whatever strangers send.
3. A place has its own deadline (``deadline_s``) and is free again after it, whether its holder gave it back or not.
4. A body that is whole may be worked on for ``MAX_WORK_S`` in its place.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

SenderKind = Literal["screen", "user", "anonymous"]
MAX_WORK_S = 600.0
_DEADLINE_GRACE_S = 15.0


@dataclass(frozen=True, slots=True)
class BodySender:
    """Who sends a body: the kind decides the share (rule 2), *name* the limit per sender."""

    kind: SenderKind
    name: str


@dataclass(frozen=True, slots=True)
class BodyRate:
    """How fast a body must come: *timeout_s* for its beginning, then at least *min_bytes_per_s* on average."""

    timeout_s: float
    min_bytes_per_s: float

    def get_allowed_s(self, received_bytes: int) -> float:
        """Return how long a sender may take for *received_bytes*; for a whole body, its total deadline."""
        return self.timeout_s + received_bytes / self.min_bytes_per_s


@dataclass(slots=True, eq=False)
class BodyPlace:
    """A place that is held until *deadline_s* (monotonic)."""

    sender: BodySender
    address: str
    begun_s: float
    deadline_s: float
    is_receiving: bool = True

    def begin_work(self) -> None:
        """Record that the body is whole (rule 4)."""
        self.is_receiving = False
        self.deadline_s = time.monotonic() + MAX_WORK_S


class BodyPlaces:
    """Gives places to bodies, *total* at once and *per_sender* to one sender."""

    def __init__(self, total: int, per_sender: int, rate: BodyRate) -> None:
        self.rate = rate
        self._per_sender = per_sender
        self._limits = {"screen": total, "user": max(1, total * 3 // 4), "anonymous": max(1, total // 4)}
        self._lock = threading.Lock()
        self._places: set[BodyPlace] = set()

    @contextmanager
    def hold(self, sender: BodySender, address: str, most_bytes: int) -> Iterator[BodyPlace | None]:
        """Hold a place for a body of at most *most_bytes*; None where there is none left for *sender*."""
        now = time.monotonic()
        place = BodyPlace(sender, address, now, now + self.rate.get_allowed_s(most_bytes) + _DEADLINE_GRACE_S)
        with self._lock:
            self._release_expired(now)
            is_held = self._has_place(sender)
            if is_held:
                self._places.add(place)
        try:
            yield place if is_held else None
        finally:
            with self._lock:
                self._places.discard(place)

    def is_held(self, place: BodyPlace) -> bool:
        """Whether *place* was not taken back after its deadline (rule 3)."""
        with self._lock:
            self._release_expired(time.monotonic())
            return place in self._places

    def has_place_for_screens(self) -> bool:
        """Whether a known screen would get a place now; for the readiness check."""
        with self._lock:
            self._release_expired(time.monotonic())
            return len(self._places) < self._limits["screen"]

    def list_slow_addresses(self) -> set[str]:
        """List the addresses of bodies that take longer than the timeout; some of them may be large and well."""
        latest = time.monotonic() - self.rate.timeout_s
        with self._lock:
            return {place.address for place in self._places if place.is_receiving and place.begun_s <= latest}

    def _has_place(self, sender: BodySender) -> bool:
        strangers = sum(place.sender.kind == "anonymous" for place in self._places)
        others = sum(place.sender.kind != "screen" for place in self._places)
        counts = {"screen": len(self._places), "user": others, "anonymous": strangers}
        same = sum(place.sender == sender for place in self._places)
        if same >= self._per_sender or len(self._places) >= self._limits["screen"]:
            return False
        if sender.kind != "screen" and others >= self._limits["user"]:
            return False
        return counts[sender.kind] < self._limits[sender.kind]

    def _release_expired(self, now: float) -> None:
        for place in [place for place in self._places if place.deadline_s <= now]:
            self._places.discard(place)
