"""The long-lived loops of a process: each goes on whatever one turn raises, and says whether it is well.

1. A loop is a thread that does one thing again and again. An exception ends the turn, never the loop; it is logged once
   as long as it stays the same.
2. ``list_loop_faults`` names the loops whose turns have failed, or not ended, for longer than their limit. Readiness
   asks for it; the process that serves nobody writes it into a file for those that do (``services.loop_health``).
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

_log = logging.getLogger(__name__)
MAX_FAILING_S = 30.0


@dataclass(slots=True)
class LoopState:
    """*well_s*: when a turn last ended well (monotonic); *why*: what the last turn raised, empty if nothing."""

    max_turn_s: float
    well_s: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class LoopFault:
    """A loop that has not ended a turn well for *seconds*."""

    loop: str
    seconds: int
    why: str


_states: dict[str, LoopState] = {}


def guard_turn(name: str, action: Callable[[], object], max_turn_s: float = MAX_FAILING_S) -> bool:
    """Do one turn of the loop *name*; return whether it ended well. Its exception is logged (rule 1)."""
    state = _states.setdefault(name, LoopState(max_turn_s, time.monotonic()))
    try:
        action()
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
        if why != state.why:
            _log.exception("%s failed; it is tried again", name)
        state.why = why
        return False
    state.why, state.well_s = "", time.monotonic()
    return True


def start_loop(
    name: str, action: Callable[[], object], interval_s: float, stop: threading.Event | None = None
) -> threading.Thread:
    """Do *action* every *interval_s* in a daemon thread, until *stop* is set."""
    stop = stop or threading.Event()

    def run() -> None:
        while not stop.wait(interval_s):
            guard_turn(name, action)
        forget_loop(name)

    _states[name] = LoopState(MAX_FAILING_S, time.monotonic())
    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    return thread


def report_well(name: str, max_turn_s: float = MAX_FAILING_S) -> None:
    """Record that the loop *name* is alive, for loops that do not use ``guard_turn``."""
    state = _states.setdefault(name, LoopState(max_turn_s, 0.0))
    state.why, state.well_s = "", time.monotonic()


def forget_loop(name: str) -> None:
    """Record that the loop *name* was stopped by intention."""
    _states.pop(name, None)


def list_loop_faults(now_s: float | None = None) -> list[LoopFault]:
    """List the loops of this process that are not well (rule 2)."""
    now_s = time.monotonic() if now_s is None else now_s
    return [
        LoopFault(name, int(now_s - state.well_s), state.why)
        for name, state in sorted(_states.items())
        if now_s - state.well_s > state.max_turn_s
    ]
