"""The timetable: when which act is done. APScheduler lives here alone.

Its jobs are in memory and are made anew from our own tables at each start; they run one at a time in one lane, so
that two acts of the system never race (slow ones, for which nobody waits, in a second lane). A machine that slept or
whose clock was set does everything that is due at the next look: an act is asked "what must be done now", never told
"this hour has come".
"""

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from signage.clock import Clock

_log = logging.getLogger(__name__)
_ONE_TIME_JOB = "boundary"
_CLOCK_CHECK_S = 1.0
_CLOCK_JUMP_S = 2.0


@dataclass(frozen=True, slots=True)
class PeriodicJob:
    """An act that is done every *seconds*. *slow*: in a lane of its own, so that it keeps no other waiting."""

    name: str
    interval_s: float
    action: Callable[[], None]
    slow: bool = False


class JobScheduler:
    """Runs acts on time until ``stop``.

    APScheduler waits by the wall clock: set back by an hour it would be silent for an hour. So the clock is watched
    beside it, against one that never jumps, and after a jump every act is done at once.
    """

    def __init__(self, table: Iterable[PeriodicJob], clock: Clock) -> None:
        self._clock = clock
        defaults = {"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
        executors = {"default": ThreadPoolExecutor(1), "slow": ThreadPoolExecutor(1)}
        self._scheduler = BackgroundScheduler(timezone="UTC", executors=executors, job_defaults=defaults)
        self._stopped = threading.Event()
        self._clock_watcher = threading.Thread(target=self._watch_clock, name="clock", daemon=True)
        for row in table:
            trigger, lane = IntervalTrigger(seconds=row.interval_s), "slow" if row.slow else "default"
            self._scheduler.add_job(_log_failures(row.name, row.action), trigger, id=row.name, executor=lane)

    def start(self) -> None:
        """Begin."""
        self._scheduler.start()
        self._clock_watcher.start()

    def schedule_at(self, when: datetime, act: Callable[[], None]) -> None:
        """Do *act* at the instant *when*, in place of what this was called with before."""
        if not self._stopped.is_set():
            guarded = _log_failures(_ONE_TIME_JOB, act)
            self._scheduler.add_job(guarded, DateTrigger(when), id=_ONE_TIME_JOB, replace_existing=True)

    def stop(self) -> None:
        """Finish the act under way, then no more."""
        self._stopped.set()
        try:
            self._scheduler.remove_job(_ONE_TIME_JOB)
        except JobLookupError:
            _log.debug("no boundary was waited for")
        self._scheduler.shutdown(wait=True)

    def _watch_clock(self) -> None:
        before = self._get_clock_offset_s()
        while not self._stopped.wait(_CLOCK_CHECK_S):
            difference = self._get_clock_offset_s()
            if abs(difference - before) > _CLOCK_JUMP_S:
                _log.warning("the clock was set by %+.0f s; everything is looked at anew", difference - before)
                self._run_all_now()
            before = difference

    def _get_clock_offset_s(self) -> float:
        return self._clock.now().timestamp() - self._clock.monotonic()

    def _run_all_now(self) -> None:
        for job in self._scheduler.get_jobs():
            try:
                job.modify(next_run_time=self._clock.now())
            except JobLookupError:
                _log.debug("%s is done already", job.id)
        self._scheduler.wakeup()


def _log_failures(name: str, act: Callable[[], None]) -> Callable[[], None]:
    """*act*, whose failure is told once in the log as long as it is the same, and never ends the timetable."""
    last: list[str] = []

    def run() -> None:
        try:
            act()
        except Exception as error:
            told = f"{type(error).__name__}: {error}"
            if last != [told]:
                _log.exception("%s failed; it is tried again", name)
            last[:] = [told]
        else:
            last.clear()

    return run
